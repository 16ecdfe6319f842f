"""What one store of events tells another: each thing as it is kept now, by an id that is the same in both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from edged.domain.person import ModelRef
from edged.photos.album import EventPlan, PhotoEvent, Tally
from edged.photos.photo import Photo, PhotoFace
from edged.photos.search import Search


class ChangeKind(StrEnum):
    """What has changed."""

    EVENT = "event"
    PHOTO = "photo"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Change:
    """Something is not as it was: to be asked for as it is now, which may be gone.

    Attributes:
        number: growing; of several changes of one thing the latest only.
        event: id of the event; id: of the thing, of an event its own once more.
    """

    number: int
    kind: ChangeKind
    event: str
    id: str


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event. See `edged.photos.album.PhotoEvent`."""

    id: str
    slug: str
    plan: EventPlan
    closed: float | None
    consent_version: int

    @classmethod
    def of(cls, event: PhotoEvent) -> KeptEvent:
        """As it is kept here."""
        return cls(event.id, event.slug, event.plan, event.closed, event.consent_version)


@dataclass(frozen=True, slots=True, eq=False)
class KeptPhoto:
    """A photograph without its files.

    Attributes:
        digest: sha256 of the file as it came, lower-case hex.
        faces: all of them; model: who made their vectors, None where there are none.
    """

    photo: Photo
    digest: str
    faces: Sequence[PhotoFace]
    model: ModelRef | None

    def lacks(self, faces: Iterable[tuple[int, PhotoFace, ModelRef]]) -> Sequence[int]:
        """Which faces of the same photograph in another store are not among its own: taken out of it since.

        Args:
            faces: of the other store, each with its number there and who made its vector.

        Returns: their numbers.
        """
        own = {face.vector.tobytes() for face in self.faces}
        return [number for number, face, _model in faces if face.vector.tobytes() not in own]


@dataclass(frozen=True, slots=True, eq=False)
class KeptSearch:
    """A search that was done.

    Attributes:
        renewals: how often it was done again with the same face, or its guest said of a photograph that it is not them,
            or that it is after all: of two stores' the one with more holds, of equals the one that was done first.
        denied: ids of the photographs of which the guest has said that it is not them.
    """

    search: Search
    renewals: int = 0
    denied: tuple[str, ...] = ()

    def holds_over(self, other: Search, renewals: int) -> bool:
        """Whether it holds, and not what another store has of the same search. Of two alike neither does.

        Args:
            other: the other store's; renewals: its.
        """
        return (self.renewals, -self.search.done) > (renewals, -other.done)


@dataclass(frozen=True, slots=True)
class KeptPurge:
    """What a store says of an event that it has purged.

    Attributes:
        event: its id.
        at: when, UTC seconds since the epoch.
        tally: what was removed there.
    """

    event: str
    at: float
    tally: Tally
