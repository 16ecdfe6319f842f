"""Organisations, their events, and what is left of one that was purged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

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
