"""From the outbox to the hub: an event is sent until the hub says that it has stored it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.domain.frame import Moment
from edged.mqtt.ack_ear import AckEar
from edged.mqtt.flight import Arrived, Flight, Line, Waiting
from edged.mqtt.hearer import Hearer
from edged.mqtt.notice import Published
from edged.mqtt.outbox_reader import Stored
from edged.wire.record import Record
from edged.wire.topics import Topics

WINDOW: Final = 200
"""So many events may be sent and not acknowledged by the hub. The next one waits in the outbox."""

PATIENCE_S: Final = 15.0
"""After so long an event that the broker has and the hub has not acknowledged is sent again; after twice as long the
next time, and so on."""

_LONGEST_S: Final = 240.0

LATE_S: Final = 60.0
"""After so long without the hub's word something is wrong, and is said."""

UNACKNOWLEDGED: Final = "events_unacknowledged"
"""In `health`: how many of the events were sent, and not acknowledged by the hub."""


@dataclass(slots=True)
class _Sent:
    """An event that was sent and is not acknowledged by the hub.

    Attributes:
        since: when it was sent first, by the clock that never jumps; at: when last, None: not on this connection.
        tries: how often it was sent again on this connection.
        is_under_way: the broker has not answered the last sending.
        has_arrived: the broker has had it once.
    """

    number: int
    since: float
    at: float | None
    tries: int = 0
    is_under_way: bool = True
    has_arrived: bool = False

    def is_due(self, now: float) -> bool:
        """Whether the hub has had time enough."""
        wait = min(PATIENCE_S * 2**self.tries, _LONGEST_S)
        return self.at is not None and not self.is_under_way and now - self.at >= wait


@dataclass(frozen=True, slots=True)
class _Flying:
    """A sending that is under way to the broker."""

    sent: _Sent
    arrived: Arrived


class HubPublisher:
    """A `Sender` for which an event is settled when the hub has acknowledged it, under `event/ack`.

    The broker's own answer only makes room for the next sending. After a lost connection everything that the hub has
    not acknowledged is sent again in order, and then what is new; so readers that drop what they know already see each
    boot's `seq` rise. On a connection that stands, an event is sent again when the hub has passed over it: it was given
    `PATIENCE_S` (then twice that, and so on) and has acknowledged others since. While the hub says nothing at all only
    the oldest event is sent again, to see whether it is back: every other reader gets these, too.

    It outlives connections: an acknowledgement that was under way when one broke counts.

    Args:
        events, session, topics, acknowledge: as of `Publisher`.
        arrived: called from `heed` once for each event, when the broker has it for the first time; must not block.
        window: see `WINDOW`.

    Attributes:
        strange: how many ids were acknowledged that nobody had sent, or that had been acknowledged before.
    """

    def __init__(
        self,
        events: Waiting,
        session: Line,
        topics: Topics,
        acknowledge: Callable[[Sequence[int]], None],
        arrived: Callable[[Arrived], None],
        *,
        window: int = WINDOW,
    ) -> None:
        self._events = events
        self._topics = topics
        self._acknowledge = acknowledge
        self._arrived = arrived
        self._window = window
        self._flight: Flight[_Flying] = Flight(session, topics)
        self._ear = AckEar(session, topics.event_ack, self._heard)
        self._sent: dict[str, _Sent] = {}
        self._settled: list[int] = []
        self._sent_up_to = 0
        self._ever_sent_up_to = 0
        self._waited_up_to = 0
        self._connected: float | None = None
        self._now = 0.0
        self._heard_at = float("-inf")
        self._is_late = False
        self.strange = 0

    @property
    def hearers(self) -> Sequence[Hearer]:
        """See `Sender.hearers`."""
        return (self._ear,)

    @property
    def queues(self) -> Mapping[str, int]:
        """See `Sender.queues`."""
        return {UNACKNOWLEDGED: len(self._sent)}

    @property
    def under_way(self) -> int:
        """See `Sender.under_way`."""
        return len(self._flight)

    def start_over(self) -> None:
        """See `Sender.start_over`."""
        self._flight.clear()
        self._connected = None
        self._sent_up_to = 0
        self._waited_up_to = self._events.newest()
        for sent in self._sent.values():
            sent.at, sent.tries, sent.is_under_way = None, 0, False

    def heed(self, notice: Published) -> None:
        """See `Sender.heed`."""
        flying = self._flight.heed(notice)
        if flying is None:
            return
        flying.sent.is_under_way = False
        if not flying.sent.has_arrived:
            flying.sent.has_arrived = True
            self._arrived(flying.arrived)

    def step(self, now: Moment) -> None:
        """See `Sender.step`."""
        self._now = now.mono
        self._connected = now.mono if self._connected is None else self._connected
        if self._settled:
            self._acknowledge(tuple(self._settled))
            self._settled.clear()
        for own_id, sent in tuple(self._passed_over(now.mono)):
            if not self._flight.room:
                return
            self._send_again(own_id, sent, now)
        self._send_on(now)

    def fault(self, now: Moment) -> EdgedError | None:
        """See `Sender.fault`: the hub acknowledges nothing, or passes an event over, for `LATE_S` seconds."""
        if self._ear.refusal:
            return Refused(
                "not_heard",
                f"the broker does not let us read {self._topics.event_ack} ({self._ear.refusal})",
                "Allow this device's user to read there in the broker's access list; events are kept until then",
            )
        oldest = self._oldest()
        if oldest is None or now.mono - oldest.since < LATE_S:
            self._is_late = False
        elif self._connected is not None and now.mono - max(oldest.since, self._connected) >= LATE_S:
            self._is_late = True
        if oldest is None or not self._is_late:
            return None
        if max(oldest.since, now.mono - LATE_S) < self._heard_at:
            return Unavailable(
                "the hub acknowledges other events, and leaves some out that were sent to it",
                "The hub's log says why; it may be older than this device. They are kept and sent again",
            )
        return Unavailable(
            f"no hub has acknowledged an event for more than {LATE_S:.0f} s",
            "Does the hub run, on this broker and with this prefix, with mqtt.events: true? May it read "
            f"{self._topics.event} and write {self._topics.event_ack}? Events are kept and sent again",
        )

    def _heard(self, ids: Sequence[str]) -> None:
        """The hub says that it has these; only what was really sent counts."""
        for own_id in ids:
            sent = self._sent.pop(own_id, None)
            if sent is None:
                self.strange += 1
                continue
            self._settled.append(sent.number)
            self._heard_at = self._now

    def _send_on(self, now: Moment) -> None:
        """Sends what was not sent on this connection yet, in order: what is not acknowledged, then what is new."""
        owed = [own_id for own_id, sent in self._sent.items() if sent.at is None]
        limit = min(self._flight.room, max(0, self._window - len(self._sent)) + len(owed))
        if limit == 0:
            return
        events = self._events.pending(after=self._sent_up_to, limit=limit)
        for event in events:
            sent = self._sent.get(event.record.id)
            if sent is None and event.number <= self._ever_sent_up_to:
                self._settled.append(event.number)  # acknowledged before; only the outbox has not noted it yet
            else:
                if sent is None:
                    sent = self._sent[event.record.id] = _Sent(event.number, now.mono, None)
                self._send(event, sent, now, replayed=event.number <= self._waited_up_to)
            self._sent_up_to = event.number
            self._ever_sent_up_to = max(self._ever_sent_up_to, event.number)
        is_through = len(events) < limit
        for own_id in owed:
            sent = self._sent[own_id]
            if sent.at is None and (is_through or sent.number <= self._sent_up_to):
                del self._sent[own_id]  # it had to go from the outbox meanwhile

    def _passed_over(self, now: float) -> Iterator[tuple[str, _Sent]]:
        """What is to be sent again on this connection, the oldest first."""
        oldest = self._oldest()
        for own_id, sent in self._sent.items():
            if sent.is_due(now) and (sent is oldest or (sent.at is not None and sent.at < self._heard_at)):
                yield own_id, sent

    def _send_again(self, own_id: str, sent: _Sent, now: Moment) -> None:
        """Reads the event anew: somebody may have been taken out of it, or it may have had to go."""
        found = self._events.pending(after=sent.number - 1, limit=1)
        if not found or found[0].number != sent.number:
            del self._sent[own_id]
            return
        sent.tries += 1
        self._send(found[0], sent, now, replayed=True)

    def _send(self, event: Stored[Record], sent: _Sent, now: Moment, *, replayed: bool) -> None:
        flying = _Flying(sent, Arrived.of(event, now.utc))
        self._flight.send(event, flying, published=now.utc, replayed=replayed)
        sent.at, sent.is_under_way = now.mono, True

    def _oldest(self) -> _Sent | None:
        return min(self._sent.values(), key=lambda sent: sent.number, default=None)
