"""Events on their way to the broker, until it has answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from edged.domain.errors import Refused
from edged.mqtt.notice import Published
from edged.mqtt.outbox_reader import Stored
from edged.wire.door import AlarmRecord
from edged.wire.record import Record, kind_of, message_of
from edged.wire.topics import Topics

_T = TypeVar("_T")


class Waiting(Protocol):
    """The part of the outbox that is needed: `OutboxReader`, or `Outbox` where one thread does everything."""

    def pending(self, *, after: int = 0, limit: int) -> list[Stored[Record]]:
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

    def subscribe(self, topic: str, *, qos: Literal[0, 1]) -> int:
        """See `Session.subscribe`."""

    def unsubscribe(self, topic: str) -> None:
        """See `Session.unsubscribe`."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The broker has an event, a passage or an alarm.

    Attributes:
        number, id: its own; camera: whose picture it came from, empty without one; decided: when it was, UTC seconds.
        published: when this sending of it was, UTC seconds.
    """

    number: int
    id: str
    camera: str
    decided: float
    published: float

    @classmethod
    def of(cls, stored: Stored[Record], published: float) -> Arrived:
        """As the broker's answer to a sending will mean it."""
        record = stored.record
        camera = "" if isinstance(record, AlarmRecord) else record.camera
        return cls(stored.number, record.id, camera, record.at.decided.timestamp(), published)


class Flight(Generic[_T]):
    """What is under way to the broker on one connection, at most `Session.inflight` at once. Whoever sends says what
    the answer is to bring back. Belongs to the thread that owns the session.
    """

    def __init__(self, session: Line, topics: Topics) -> None:
        self._session = session
        self._topics = topics
        self._under_way: dict[int, tuple[str, _T]] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    @property
    def room(self) -> int:
        """How many more may be sent now."""
        return max(0, self._session.inflight - len(self._under_way))

    def clear(self) -> None:
        """The connection is gone, and all answers with it."""
        self._under_way.clear()

    def send(self, stored: Stored[Record], brings: _T, *, published: float, replayed: bool) -> None:
        """Sends it under the topic of its kind.

        Args:
            brings: what `heed` gives when the answer is there.
            published, replayed: see `message_of`.

        Raises:
            Unavailable: there is no connection.
        """
        message = message_of(
            stored.record,
            device=self._topics.device,
            boot=stored.boot,
            seq=stored.seq,
            published=published,
            replayed=replayed,
        )
        topic = self._topics.told(kind_of(stored.record))
        mid = self._session.publish(topic, message.encoded(), qos=1, retain=False)
        self._under_way[mid] = topic, brings

    def heed(self, notice: Published) -> _T | None:
        """What the broker's answer brings; None where it is not about an event.

        Raises:
            Refused: `not_taken`, the broker does not want this device's events. They stay in the outbox.
        """
        if notice.mid not in self._under_way:
            return None
        topic, brought = self._under_way.pop(notice.mid)
        if notice.refusal:
            raise Refused(
                "not_taken",
                f"the broker does not take what is said under {topic} ({notice.refusal})",
                "Allow this device's user to write there in the broker's access list, and look at the broker's limits",
            )
        return brought
