"""Lines of the log, said on the broker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal, Protocol

from edged.mqtt.notice import Received, Subscribed

if TYPE_CHECKING:
    from edged.wire.commands.journal import LogLine

_PER_S: Final = 20.0
_BURST: Final = 60.0


class Says(Protocol):
    """The part of the `Session` that is needed."""

    def publish(self, topic: str, payload: bytes, *, qos: Literal[0, 1], retain: bool) -> int:
        """See `Session.publish`."""


class LogTeller:
    """Publishes lines that wait, no more than twenty a second for long. Sits among the hearers, for its turn at every
    round; hears nothing.

    Args:
        session: the broker's.
        topic: where to publish.
        take: gives up to so many of the lines that wait.
        now: seconds of a clock that never jumps.
    """

    def __init__(
        self, session: Says, topic: str, take: Callable[[int], Sequence[LogLine]], now: Callable[[], float]
    ) -> None:
        self._session = session
        self._topic = topic
        self._take = take
        self._now = now
        self._room = _BURST
        self._at = now()

    def listen(self) -> None:
        """There is nothing to be heard."""

    def heed(self, notice: Received | Subscribed) -> None:
        """See `listen`."""

    def tell(self) -> None:
        """Publishes what may be published now, at QoS 0: a line that gets lost is in the journal all the same.

        Raises:
            Unavailable: there is no connection.
        """
        now = self._now()
        self._room = min(_BURST, self._room + (now - self._at) * _PER_S)
        self._at = now
        for line in self._take(int(self._room)):
            self._room -= 1
            self._session.publish(self._topic, line.encoded(), qos=0, retain=False)
