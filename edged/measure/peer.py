"""Somebody on a broker, for measuring and for tests: says, hears, and remembers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from edged.config.document import BrokerSettings
from edged.domain.errors import Unavailable
from edged.mqtt.line import LastWords
from edged.mqtt.notice import Disconnected, Notice, Published, Received, Subscribed
from edged.mqtt.session import Connected, Session

_PATIENCE_S: Final = 15.0


class Peer:
    """One client. Everything blocks for `_PATIENCE_S` seconds at most; belongs to one thread.

    Attributes:
        heard: what came, in order.
        refused: how many publications the broker refused in so many words; only MQTT 5 has any.
        cut: why the connection ended, or empty while it stands.

    Args:
        settings: the broker and the login.
        client_id: what it calls itself.
        will: what the broker says for it when it is lost.
        expiry_s: for how long the broker keeps its subscriptions while it is away; 0 for not at all, and then it
            begins anew on each connection.
    """

    def __init__(
        self, settings: BrokerSettings, client_id: str, *, will: LastWords | None = None, expiry_s: int = 0
    ) -> None:
        self.heard: list[Received] = []
        self.refused = 0
        self.cut = ""
        self._session = Session(settings, client_id, last_words=will, expiry_s=expiry_s)
        self._waiting: set[int] = set()

    def connect(self) -> Connected:
        """Connects, letting go of a connection that stands, so abruptly that the broker says its will."""
        self._waiting.clear()
        self.cut = ""
        return self._session.connect(_PATIENCE_S)

    def hear(self, *topics: str) -> None:
        """Asks for messages, and waits for the answers. An answer promises nothing: that is what is to be found out."""
        wanted = {self._session.subscribe(topic) for topic in topics}

        def all_answered(notice: Notice) -> bool:
            if isinstance(notice, Subscribed):
                wanted.discard(notice.mid)
            return not wanted

        self._wait(all_answered, "an answer to a subscription")

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publishes at QoS 1; `settle` waits for the answer."""
        self._waiting.add(self._session.publish(topic, payload, qos=1, retain=retain))

    def settle(self) -> None:
        """Waits until all that was said is answered, taken or refused.

        Raises:
            Unavailable: it was not, or the connection ended.
        """
        if self._waiting:
            self._wait(lambda _: not self._waiting, "an answer to a publication")

    def until(self, payload: bytes) -> None:
        """Waits until this payload was heard, now or before; raises as `settle`."""
        if not any(message.payload == payload for message in self.heard):
            self._wait(lambda notice: isinstance(notice, Received) and notice.payload == payload, repr(payload))

    def hears(self, payload: bytes) -> bool:
        """Whether this payload comes, or came, before the connection ends or patience does."""
        try:
            self.until(payload)
        except Unavailable:
            return False
        return True

    def collect(self, seconds: float) -> None:
        """Hears for so long, or until the connection ends."""
        deadline = time.monotonic() + seconds
        while not self.cut and (left := deadline - time.monotonic()) > 0:
            self._take(left)

    def close(self) -> None:
        self._session.close()

    def _wait(self, enough: Callable[[Notice], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not self.cut and (left := deadline - time.monotonic()) > 0:
            notice = self._take(left)
            if notice is not None and enough(notice):
                return
        raise Unavailable(f"{what} did not come" + (f": {self.cut}" if self.cut else ""))

    def _take(self, seconds: float) -> Notice | None:
        notice = self._session.next_notice(seconds)
        match notice:
            case Received():
                self.heard.append(notice)
            case Published(mid=mid, refusal=refusal):
                self._waiting.discard(mid)
                self.refused += bool(refusal)
            case Disconnected(reason=reason):
                self.cut = reason
        return notice
