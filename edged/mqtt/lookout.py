"""A session that sees what stands on many topics, as a whole, and is kept up to date."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from edged.config.document import BrokerSettings
from edged.domain.errors import Refused, Unavailable
from edged.mqtt.notice import Disconnected, Notice, Published, Received, Subscribed, Woken
from edged.mqtt.session import Session

_CONNECT_S: Final = 10.0
_ANSWER_S: Final = 15.0
_QUIET_S: Final = 0.3
"""When nothing that stood there has come for so long, everything has."""
_MOST_AT_ONCE: Final = 5000
_SOON_S: Final = 30.0
"""Two programs with one login put each other out within seconds, and Mosquitto does not tell them why."""


class Gathers(Protocol):
    """Makes something of what is seen. All of it is called on the thread that owns the lookout; nothing blocks."""

    @property
    def topics(self) -> Sequence[str]:
        """What is to be seen, in the order in which it is asked for."""

    def heed(self, topic: str, payload: bytes) -> str:
        """Takes a message in; whom it tells of, empty for nobody."""

    def forget(self) -> None:
        """What stands is told anew from the beginning."""


class Lookout:
    """Sees what stands on the broker, and has something stand there. Belongs to one thread.

    Args:
        settings: the broker.
        client_id: unique among the broker's clients.
        gathers: is given everything that is seen.

    Attributes:
        is_connected: whether what was gathered is whole, and kept up to date.
    """

    def __init__(self, settings: BrokerSettings, client_id: str, gathers: Gathers) -> None:
        self.is_connected = False
        self._gathers = gathers
        self._session = Session(settings, client_id)
        self._login = settings.username
        self._under_way: dict[int, str] = {}
        self._since = 0.0

    def connect(self) -> None:
        """Connects anew, and looks at everything that stands there. Blocks for some seconds at most.

        Raises:
            Unavailable, Refused: as `Session.connect`; Refused `not_let_read`: the broker does not show us a topic.
        """
        self.is_connected = False
        self._session.connect(_CONNECT_S)
        self._since = time.monotonic()
        self._gathers.forget()
        self._under_way.clear()
        for topic in self._gathers.topics:
            # One after another: a broker drops what would wait behind too much else for one reader.
            refusal = self._answer(self._session.subscribe(topic, qos=0))
            if refusal:
                raise Refused(
                    "not_let_read",
                    f"the broker does not let us read {topic} ({refusal})",
                    "Allow this user to read there in the broker's access list",
                )
        self._settle()
        self.is_connected = True

    def look(self, timeout: float) -> frozenset[str]:
        """Takes in what has come, waiting up to so many seconds for the first of it.

        Returns:
            Of whom something came, see `Gathers.heed`.

        Raises:
            Unavailable: the connection is gone; what was seen stays.
            Refused: `not_taken`: the broker does not take what was said.
        """
        changed: set[str] = set()
        for _ in range(_MOST_AT_ONCE):
            notice = self._session.next_notice(timeout)
            if notice is None or isinstance(notice, Woken):
                break
            timeout = 0.0
            changed |= {self._heed(notice)}
        return frozenset(changed - {""})

    def say(self, topic: str, payload: bytes) -> None:
        """Has something stand on a topic; never blocks.

        Raises:
            Unavailable: there is no connection.
        """
        with self._connection():
            mid = self._session.publish(topic, payload, qos=1, retain=True)
        self._under_way[mid] = topic

    def refresh(self) -> None:
        """Has the broker say again what stands there, in case something was lost; never blocks.

        Raises:
            Unavailable: there is no connection.
        """
        with self._connection():
            for topic in self._gathers.topics:
                self._session.subscribe(topic, qos=0)

    def wake(self) -> None:
        """Makes `look` return at once. Any thread."""
        self._session.wake()

    def close(self, timeout: float = 2.0) -> None:
        """Ends the session; blocks for so many seconds at most."""
        self.is_connected = False
        self._session.close(timeout)

    @contextmanager
    def _connection(self) -> Iterator[None]:
        """It may be gone before its end is among the notices."""
        try:
            yield
        except Unavailable:
            self.is_connected = False
            raise

    def _answer(self, mid: int) -> str:
        """What the broker says to a subscription."""
        deadline = time.monotonic() + _ANSWER_S
        while (left := deadline - time.monotonic()) > 0:
            match self._session.next_notice(left):
                case Subscribed(answered, refusal) if answered == mid:
                    return refusal
                case None:
                    pass
                case notice:
                    self._heed(notice)
        raise Unavailable("the broker does not answer a subscription", "Does it hang?")

    def _settle(self) -> None:
        """Waits until what stood there has come; what is said meanwhile never ends."""
        begun = quiet_since = time.monotonic()
        while time.monotonic() < min(quiet_since + _QUIET_S, begun + _ANSWER_S):
            notice = self._session.next_notice(0.05)
            if notice is not None:
                self._heed(notice)
            if isinstance(notice, Received) and notice.retained:
                quiet_since = time.monotonic()

    def _heed(self, notice: Notice) -> str:
        match notice:
            case Received(topic, payload):
                return self._gathers.heed(topic, payload)
            case Published(mid, refusal):
                topic = self._under_way.pop(mid, "")
                if refusal:
                    raise Refused(
                        "not_taken",
                        f"the broker does not take what is said under {topic} ({refusal})",
                        "Allow this user to write there in the broker's access list",
                    )
            case Disconnected(reason):
                self.is_connected = False
                is_soon = self._login and time.monotonic() - self._since < _SOON_S
                perhaps = f", so soon; is another program there as {self._login}?" if is_soon else ""
                raise Unavailable(f"the broker hung up: {reason}{perhaps}", "Its log says why")
            case _:
                pass
        return ""
