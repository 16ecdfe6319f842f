"""Organisations, their events, and the photographs that guests find themselves in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from os import SEEK_END
from typing import BinaryIO, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.domain.rect import Rect

THRESHOLD: Final = 0.05
"""The confidence from which a photograph is shown to somebody where an event says nothing else.

It is a probability as if only one face of the event were theirs, so that a low one is enough: in an event of 1,660
faces of Labeled Faces in the Wild 98 % of the right photographs are found with it, and 99.8 % of those found are right
(docs/benchmarks.md)."""


class Doer(Protocol):
    """Who does something: public, for it stands in audit logs."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Features:
    """What an event offers. Bibs, timeline and video are none of it: edged has no such search."""

    enabled: bool = True
    selfie_search: bool = True
    name_search: bool = False
    downloads: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What guests of an event agree to, and for how long.

    Attributes:
        consent: what they are told before they look into the camera, in plain words; empty: nothing but what the pages
            say by themselves.
        closes: when the event takes no more photographs, UTC seconds since the epoch; None: when somebody closes it.
        expires: when guests find nothing any more, and purging begins: ten minutes after the device has noticed, in
            which a clock that was wrong can be set right; None: when somebody purges it.
        keeps_selfies: the photographs that guests search with are kept; else forgotten once they were looked at.
        keeps_originals: the files as they came are kept; else what is shown of them only.
        is_moderated: photographs are shown once somebody has let them through.
        forgets_faces: a guest who asks to be forgotten takes the templates of their faces out of the photographs.
    """

    consent: str = ""
    closes: float | None = None
    expires: float | None = None
    keeps_selfies: bool = False
    keeps_originals: bool = True
    is_moderated: bool = False
    forgets_faces: bool = True


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What whoever organises an event decides.

    Attributes:
        name: for people; threshold: the confidence, 0–1, from which a photograph is shown to somebody.
    """

    name: str
    features: Features = Features()
    threshold: float = THRESHOLD
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class Organisation:
    """Attributes: slug: its name in addresses, `[a-z0-9-]{1,64}`."""

    slug: str
    name: str


class EventState(StrEnum):
    """How far an event has come."""

    OPEN = "open"
    """It takes photographs and searches."""
    CLOSED = "closed"
    """It takes searches only."""
    EXPIRED = "expired"
    """It is over for guests, and waits to be purged."""


@dataclass(frozen=True, slots=True)
class PhotoEvent:
    """An event of an organisation.

    Attributes:
        id: a UUID in canonical text: the same on a device and on its hub, and never used again.
        organisation: its slug; slug: the event's, unique within it.
        created: UTC seconds since the epoch; closed: when somebody closed it, None where nobody did.
        consent_version: which text of consent it has: 1, and one more with every change of the text.
        photos: how many may be shown; waiting: how many nobody has let through yet.
    """

    id: str
    organisation: str
    slug: str
    plan: EventPlan
    created: float
    closed: float | None = None
    consent_version: int = 1
    photos: int = 0
    waiting: int = 0

    def state(self, now: float) -> EventState:
        """Where it stands at a moment, UTC seconds since the epoch."""
        terms = self.plan.terms
        if terms.expires is not None and now >= terms.expires:
            return EventState.EXPIRED
        if self.closed is not None or (terms.closes is not None and now >= terms.closes):
            return EventState.CLOSED
        return EventState.OPEN


class Source(StrEnum):
    """Where a photograph came from."""

    UPLOAD = "upload"
    CAMERA = "camera"
    FOLDER = "folder"
    SYNC = "sync"


class Standing(StrEnum):
    """Whether a photograph is shown."""

    SHOWN = "shown"
    WAITING = "waiting"
    """Nobody has let it through yet."""
    HIDDEN = "hidden"
    """Somebody took it away from guests, or a guest reported it."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFace:
    """A face in a photograph of an event. `vector`: float32, shape (dimension,), unit length."""

    box: Rect
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class NewPhoto:
    """A photograph to keep.

    Attributes:
        content: the file as it came: JPEG, PNG or WebP; preview: a smaller JPEG; thumbnail: a small one.
        filename: as it came, cleaned; nothing is ever stored under it.
        width, height: in pixels, as it is seen.
        taken: when, UTC seconds since the epoch; None where it is not known.
        faces: all that were found; model: who made their vectors.
        source: where it came from.
    """

    content: bytes
    preview: bytes
    thumbnail: bytes
    filename: str
    width: int
    height: int
    taken: float | None
    faces: Sequence[PhotoFace]
    model: ModelRef
    source: Source = Source.UPLOAD


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of an event.

    Attributes:
        id: a UUID in canonical text, made from its event and its content: the same wherever it is added.
        size: bytes of the file as it came; media_type: of that file.
        standing: whether it is shown.
    """

    id: str
    filename: str
    width: int
    height: int
    taken: float | None
    added: float
    size: int
    media_type: str
    standing: Standing = Standing.SHOWN
    source: Source = Source.UPLOAD


class PhotoKind(Enum):
    """Which of a photograph's files."""

    ORIGINAL = "original"
    """As it came; what is shown of it where the event keeps no originals."""
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFile:
    """One of a photograph's files.

    Attributes:
        filename: of the photograph as it came, cleaned, with the suffix of this file: for people, never a path.
    """

    content: bytes
    media_type: str
    filename: str


@dataclass(frozen=True, slots=True, eq=False)
class OpenPhoto:
    """One of a photograph's files, open at its beginning.

    Attributes:
        file: may be read on any thread, one at a time, and must be closed. What is deleted meanwhile can be read to its
            end.
        filename: as in `PhotoFile`.
    """

    file: BinaryIO
    media_type: str
    filename: str

    @property
    def size(self) -> int:
        """Bytes. Blocks for a moment; leaves the file at its beginning."""
        size = self.file.seek(0, SEEK_END)
        self.file.seek(0)
        return size


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """Some of an event's photographs, and how many there are in all."""

    total: int
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A photograph somebody may be in, and the cosine of the likest face in it."""

    photo: str
    similarity: float


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """The face that a search was done with.

    Attributes:
        vector: float32, shape (dimension,), unit length; model: who made it.
    """

    vector: NDArray[np.float32]
    model: ModelRef


@dataclass(frozen=True, slots=True)
class Search:
    """A selfie search that was done.

    Attributes:
        request_id: a UUID in canonical text; one event's.
        confidence: 0–1, of the best photograph; 0 where none was found.
        photos: ids, the best first; those deleted or hidden since are among them.
        probe: what was searched with; None where there was no face, or it was done before probes were kept.
        consent: the version of the consent that the guest gave on a page of ours; None: somebody else asked for it.
        done: when, UTC seconds since the epoch; set by the store.
    """

    request_id: str
    confidence: float
    photos: tuple[str, ...]
    probe: Probe | None = field(default=None, compare=False)
    consent: int | None = None
    done: float = field(default=0.0, compare=False)


class Turn(Enum):
    """Whose turn a search is that is not done yet."""

    MINE = "mine"
    """The caller's: it must end with `finish_search` or `drop_search`."""
    OTHERS = "others"
    """Somebody else does it just now; ask again in a moment."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What there is of an event.

    Attributes:
        shown, waiting, hidden: photographs; faces: in all of them; searches: that were done.
        denials: how often somebody said of a photograph that it is not them; selfies: that are kept.
        size: bytes of the photographs as they came, kept or not.
        guests_forgotten: how many asked to be.
    """

    shown: int = 0
    waiting: int = 0
    hidden: int = 0
    faces: int = 0
    searches: int = 0
    denials: int = 0
    selfies: int = 0
    size: int = 0
    guests_forgotten: int = 0

    @property
    def photos(self) -> int:
        return self.shown + self.waiting + self.hidden


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed when a guest was forgotten.

    Attributes:
        searches: theirs, with what they were done with; selfies, denials: with them.
        faces: templates that were taken out of photographs, which stay.
    """

    searches: int = 0
    selfies: int = 0
    denials: int = 0
    faces: int = 0


@dataclass(frozen=True, slots=True)
class Purge:
    """An event that was purged.

    Attributes:
        event: its id; organisation, slug, name: what it was called.
        at: when, UTC seconds since the epoch.
        tally: what was removed, and how many guests had asked to be forgotten before.
        digests: a mark of each photograph that was removed, sorted; see `edged.photos.purge_mark`.
        report: what was signed of it, JSON; empty until nothing is left of the event.
        salt: the marks were made with it, hexadecimal digits.
        by: who did it, as `Doer.id`.
        files: how many were removed.
    """

    event: str
    organisation: str
    slug: str
    name: str
    at: float
    tally: Tally
    digests: tuple[str, ...]
    report: str = ""
    salt: str = ""
    by: str = ""
    files: int = 0
