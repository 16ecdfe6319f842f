"""An administrator's session with the broker: it sees all devices, and says what they are to be."""

from __future__ import annotations

import secrets
import time
from typing import Final

from edged.config.document import BrokerSettings
from edged.domain.errors import Refused, Unavailable
from edged.fleet.census import Census
from edged.mqtt.notice import Disconnected, Notice, Published, Received, Subscribed
from edged.mqtt.session import Session
from edged.wire.topics import Topics

_CONNECT_S: Final = 10.0
_ANSWER_S: Final = 15.0
_QUIET_S: Final = 0.3
"""When nothing that stood there has come for so long, everything has."""
_MOST_AT_ONCE: Final = 5000


class Lookout:
    """Sees what stands on the broker. Belongs to one thread.

    Attributes:
        census: what is seen; whole after `connect`.
        is_connected: whether it is kept up to date.
    """

    def __init__(self, settings: BrokerSettings) -> None:
        self.census = Census(settings.prefix)
        self.is_connected = False
        self._session = Session(settings, f"edged-fleet-{secrets.token_hex(4)}")
        self._under_way: dict[int, str] = {}

    def connect(self) -> None:
        """Connects anew, and looks at everything that stands there. Blocks for some seconds at most.

        Raises:
            Unavailable, Refused: as `Session.connect`; Refused `not_let_read`: the broker does not show us a topic.
        """
        self.is_connected = False
        self._session.connect(_CONNECT_S)
        self.census.forget()
        self._under_way.clear()
        for topic in self.census.topics:
            # One after another: a broker drops what would wait behind too much else for one reader.
            refusal = self._answer(self._session.subscribe(topic, qos=0))
            if refusal:
                raise Refused(
                    "not_let_read",
                    f"the broker does not let us read {topic} ({refusal})",
                    "Allow this user to read all topics of devices in the broker's access list, see docs/fleet.md",
                )
        self._settle()
        self.is_connected = True

    def look(self, timeout: float) -> frozenset[str]:
        """Takes in what has come, waiting up to so many seconds for the first of it.

        Returns:
            Of whom something came, see `Census.heed`.

        Raises:
            Unavailable: the connection is gone; what was seen stays.
            Refused: `not_taken`: the broker does not take what was said.
        """
        changed: set[str] = set()
        for _ in range(_MOST_AT_ONCE):
            notice = self._session.next_notice(timeout)
            if notice is None:
                break
            timeout = 0.0
            changed |= {self._heed(notice)}
        return frozenset(changed - {""})

    def say(self, topic: str, payload: bytes) -> None:
        """Has something stand on a topic; never blocks.

        Raises:
            Unavailable: there is no connection.
        """
        mid = self._session.publish(topic, payload, qos=1, retain=True)
        self._under_way[mid] = topic

    def refresh(self) -> None:
        """Has the broker say again what stands there of the devices' reports, in case one was lost; never blocks.

        Raises:
            Unavailable: there is no connection.
        """
        every = Topics(self.census.prefix, "+")
        for topic in (every.reported, every.available):
            self._session.subscribe(topic, qos=0)

    def close(self) -> None:
        """Ends the session; blocks for two seconds at most."""
        self.is_connected = False
        self._session.close()

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
                return self.census.heed(topic, payload)
            case Published(mid, refusal):
                topic = self._under_way.pop(mid, "")
                if refusal:
                    raise Refused(
                        "not_taken",
                        f"the broker does not take what is said under {topic} ({refusal})",
                        "Allow this user to write there in the broker's access list, see docs/fleet.md",
                    )
            case Disconnected(reason):
                self.is_connected = False
                raise Unavailable(f"the broker hung up: {reason}", "Its log says why")
            case _:
                pass
        return ""
