"""From the outbox to the broker: in order, and nothing forgotten before the broker has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from edged.domain.errors import EdgedError
from edged.domain.frame import Moment
from edged.mqtt.flight import Arrived, Flight, Line, Waiting
from edged.mqtt.hearer import Hearer
from edged.mqtt.notice import Published
from edged.wire.topics import Topics


def _nobody(_arrived: Arrived) -> None:
    """Where nobody wants to know."""


class Sender(Protocol):
    """Drains the outbox over one session: a `Publisher`, or a `HubPublisher` where the hub's word is waited for.

    Belongs to the thread that owns the session, and never blocks but for short reads of the outbox. The loop around
    it::

        session.connect(timeout)
        sender.start_over()
        states.announce()
        for hearer in sender.hearers: hearer.listen()
        while connected:
            sender.step(now)
            notice = session.next_notice(timeout)   # Published goes to `heed`; Session.wake() after an append
    """

    @property
    def hearers(self) -> Sequence[Hearer]:
        """Who has to hear on the session for it."""

    @property
    def queues(self) -> Mapping[str, int]:
        """What waits besides the outbox itself, by the word that stands in `health`."""

    @property
    def under_way(self) -> int:
        """How many events were sent and have no answer of the broker yet. An orderly end waits a moment for 0, then
        calls `step` once more; what is still under way at the end is sent again on the next start.
        """

    def start_over(self) -> None:
        """After each `connect`: whatever is not acknowledged is sent again, marked `replayed`."""

    def heed(self, notice: Published) -> None:
        """Takes note of the broker's answer. One that is not about an event is ignored.

        Raises:
            Refused: `not_taken`, the broker does not want this device's events. They stay in the outbox.
        """

    def step(self, now: Moment) -> None:
        """Passes on what is acknowledged, and sends as many events as may be under way.

        Raises:
            Unavailable: the connection is gone; nothing is lost.
        """

    def fault(self, now: Moment) -> EdgedError | None:
        """What is wrong though the broker is there; None: nothing."""


class Publisher:
    """A `Sender` for which an event is settled when the broker has acknowledged it.

    On every connection it begins with the oldest event that is not acknowledged and goes on in order; so readers that
    drop what they know already see each boot's `seq` rise.

    Args:
        events: where the events wait.
        session: where they go.
        topics: the device's.
        acknowledge: called from `step` with the numbers of events that the broker has; hands them to the thread that
            owns the outbox.
        arrived: called from `heed` for each of them; must not block.
    """

    hearers: Sequence[Hearer] = ()
    queues: Mapping[str, int] = MappingProxyType({})

    def __init__(
        self,
        events: Waiting,
        session: Line,
        topics: Topics,
        acknowledge: Callable[[Sequence[int]], None],
        arrived: Callable[[Arrived], None] = _nobody,
    ) -> None:
        self._events = events
        self._acknowledge = acknowledge
        self._arrived = arrived
        self._flight: Flight[Arrived] = Flight(session, topics)
        self._taken: list[int] = []
        self._sent_up_to = 0
        self._waited_up_to = 0

    @property
    def under_way(self) -> int:
        """See `Sender.under_way`."""
        return len(self._flight)

    def start_over(self) -> None:
        """See `Sender.start_over`."""
        self._flight.clear()
        self._sent_up_to = 0
        self._waited_up_to = self._events.newest()

    def heed(self, notice: Published) -> None:
        """See `Sender.heed`."""
        arrived = self._flight.heed(notice)
        if arrived is not None:
            self._taken.append(arrived.number)
            self._arrived(arrived)

    def step(self, now: Moment) -> None:
        """See `Sender.step`."""
        if self._taken:
            self._acknowledge(tuple(self._taken))
            self._taken.clear()
        room = self._flight.room
        if room > 0:
            for event in self._events.pending(after=self._sent_up_to, limit=room):
                replayed = event.number <= self._waited_up_to
                self._flight.send(event, Arrived.of(event, now.utc), published=now.utc, replayed=replayed)
                self._sent_up_to = event.number

    def fault(self, now: Moment) -> EdgedError | None:  # noqa: ARG002  the port's
        """Nothing: a broker that takes no events says so, or hangs up."""
        return None
