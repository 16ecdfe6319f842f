"""What one store of events tells another: each thing as it is kept now, by an id that is the same in both.

Two stores that have changed the same thing agree without asking each other, in whatever order they tell: a thing has a
`revision`, which counts its changes, and of two the higher one holds (Lamport's clock); faces are only ever taken out
of a photograph, so those are left that both have. No clock of a wall is asked, since two machines have two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edged.domain.person import ModelRef
from edged.photos.album import EventPlan, PhotoEvent, Tally
from edged.photos.photo import Photo, PhotoFace, Standing
from edged.photos.search import Search

AGAIN: Final = 1000
"""A photograph that is added has been changed so often, more than what was deleted under the same id: it is newer than
whatever was done to that elsewhere, where nobody has heard of the deletion yet."""
_FEWER: Final = (Standing.SHOWN, Standing.WAITING, Standing.HIDDEN)


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
class Outcome:
    """What came of something that another store told.

    Attributes:
        is_news: it is not any more what it was here; is_theirs: it is what they have.
    """

    is_news: bool = True
    is_theirs: bool = True

    @property
    def is_to_be_told(self) -> bool:
        return self.is_news or not self.is_theirs

    def teller(self, them: str) -> str:
        """Who is noted as who made the change, and so is not told of it: nobody, where they have to hear of it."""
        return them if self.is_theirs else ""


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event. See `edged.photos.album.PhotoEvent`."""

    id: str
    slug: str
    plan: EventPlan
    closed: float | None
    consent_version: int
    revision: int = 0

    @classmethod
    def of(cls, event: PhotoEvent, revision: int) -> KeptEvent:
        """As it is kept here."""
        return cls(event.id, event.slug, event.plan, event.closed, event.consent_version, revision)

    def holds_over(self, other: KeptEvent) -> bool:
        """Whether it holds, and not what another store has of the same event. Of two alike neither does.

        The one that was changed more often. Of equals, which were changed in two places at once, any, but the same one
        in both stores.
        """
        return (self.revision, self.said) > (other.revision, other.said)

    def outcome(self, other: KeptEvent | None) -> Outcome:
        """What comes of it in a store that has this of the same event; None: nothing."""
        if other is None:
            return Outcome()
        is_same, holds = self.said == other.said, self.holds_over(other)
        return Outcome(is_news=holds and not is_same, is_theirs=holds or is_same)

    @property
    def said(self) -> str:
        """What it says, however often it was changed; only to be compared."""
        return repr((self.slug, self.plan, self.closed, self.consent_version))


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
    revision: int = 0

    def merged(
        self, own: Photo, revision: int, faces: Sequence[tuple[int, PhotoFace, ModelRef]]
    ) -> tuple[Standing, Sequence[int], Outcome]:
        """What comes of it in a store that has the same photograph.

        Args:
            own: as it is there; revision: that one's; faces: see `lacks`.

        Returns:
            How it stands from then on, and the numbers of the faces that go.
        """
        standing, gone = self.standing_beside(own.standing, revision), self.lacks(faces)
        left = {face.vector.tobytes() for number, face, _model in faces if number not in set(gone)}
        theirs = {face.vector.tobytes() for face in self.faces}
        is_theirs = standing is self.photo.standing and left == theirs
        return standing, gone, Outcome(is_news=bool(gone) or standing is not own.standing, is_theirs=is_theirs)

    def standing_beside(self, own: Standing, revision: int) -> Standing:
        """How the photograph stands that another store has as well: as where it was changed more often.

        Of equals, which were changed in two places at once, as fewer people see it.

        Args:
            own: how it stands in the other store; revision: that one's.
        """
        theirs = self.photo.standing
        if self.revision != revision:
            return theirs if self.revision > revision else own
        return max(own, theirs, key=_FEWER.index)

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
