"""From the outbox to the broker: in order, and nothing forgotten before the broker has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from edged.domain.errors import Refused
from edged.mqtt.notice import Published
from edged.mqtt.outbox_reader import StoredEvent
from edged.wire.event import message_of
from edged.wire.topics import Topics


class Waiting(Protocol):
    """The part of the outbox that is needed: `OutboxReader`, or `Outbox` where one thread does everything."""

    def pending(self, *, after: int = 0, limit: int) -> list[StoredEvent]:
        """See `KeptEvents.pending`."""

    def newest(self) -> int:
        """See `KeptEvents.newest`."""


class Line(Protocol):
    """The part of the `Session` that is needed."""

    @property
    def inflight(self) -> int:
        """See `Session.inflight`."""

    def publish(self, topic: str, payload: bytes, *, qos: Literal[0, 1], retain: bool) -> int:
        """See `Session.publish`."""


class Publisher:
    """Drains the outbox over one session. Belongs to the thread that owns the session, and never blocks but for a
    short read of the outbox.

    On every connection it begins with the oldest event that is not acknowledged and goes on in order, with at most
    `inflight` events under way; so readers that drop what they know already see each boot's `seq` rise.

    The loop around it::

        session.connect(timeout)
        publisher.start_over()
        states.announce()
        while connected:
            publisher.step(now)
            notice = session.next_notice(timeout)   # Published goes to `heed`; Session.wake() after an append

    Args:
        events: where the events wait.
        session: where they go.
        topics: the device's.
        acknowledge: called from `step` with the numbers of events that the broker has; hands them to the thread that
            owns the outbox.
    """

    def __init__(
        self, events: Waiting, session: Line, topics: Topics, acknowledge: Callable[[Sequence[int]], None]
    ) -> None:
        self._events = events
        self._session = session
        self._topics = topics
        self._acknowledge = acknowledge
        self._under_way: dict[int, int] = {}
        self._taken: list[int] = []
        self._sent_up_to = 0
        self._waited_up_to = 0

    @property
    def under_way(self) -> int:
        """How many events were sent and have no answer yet. An orderly end waits a moment for 0, then calls `step`
        once more; what is still under way at the end is sent again on the next start.
        """
        return len(self._under_way)

    def start_over(self) -> None:
        """After each `connect`: whatever is not acknowledged is sent again, marked `replayed`."""
        self._under_way.clear()
        self._sent_up_to = 0
        self._waited_up_to = self._events.newest()

    def heed(self, notice: Published) -> None:
        """Takes note of the broker's answer. One that is not about an event is ignored.

        Raises:
            Refused: `not_taken`, the broker does not want this device's events. They stay in the outbox.
        """
        number = self._under_way.pop(notice.mid, None)
        if number is None:
            return
        if notice.refusal:
            raise Refused(
                "not_taken",
                f"the broker does not take events under {self._topics.event} ({notice.refusal})",
                "Allow this device's user to write there in the broker's access list, and look at the broker's limits",
            )
        self._taken.append(number)

    def step(self, now: float) -> None:
        """Passes on what the broker has taken, and sends as many events as may be under way.

        Args:
            now: UTC seconds since the epoch, for `at.published`.

        Raises:
            Unavailable: the connection is gone; nothing is lost.
        """
        if self._taken:
            self._acknowledge(tuple(self._taken))
            self._taken.clear()
        room = self._session.inflight - len(self._under_way)
        if room > 0:
            for event in self._events.pending(after=self._sent_up_to, limit=room):
                self._send(event, now)

    def _send(self, event: StoredEvent, now: float) -> None:
        message = message_of(
            event.record,
            device=self._topics.device,
            boot=event.boot,
            seq=event.seq,
            published=now,
            replayed=event.number <= self._waited_up_to,
        )
        mid = self._session.publish(self._topics.event, message.encoded(), qos=1, retain=False)
        self._under_way[mid] = event.number
        self._sent_up_to = event.number
