"""Organisations, events and photographs as `/edged/v1` writes them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from edged.photos.admission import MOST_CONSENT
from edged.photos.album import THRESHOLD
from edged.wire.payload import Instant, Part, Payload

_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Consent = Annotated[str, StringConstraints(max_length=MOST_CONSENT)]


class OrganisationItem(Payload):
    """An organisation."""

    slug: str
    """Its name in addresses."""
    name: str


class OrganisationList(Payload):
    organisations: tuple[OrganisationItem, ...]


class OrganisationOrder(Part):
    """A new organisation."""

    slug: _Slug
    name: _Name


class FeatureSet(Part):
    """What an event offers."""

    enabled: bool = True
    selfie_search: bool = True
    name_search: bool = False
    downloads: bool = True


class TermSet(Part):
    """What guests of an event agree to, and for how long."""

    consent: _Consent = ""
    """What they are told before they look into a camera, in plain words."""
    closes: Instant | None = None
    """When the event takes no more photographs; null: when somebody closes it."""
    expires: Instant | None = None
    """When it ends for guests, and everything of it may be purged; null: when somebody purges it."""
    keeps_selfies: bool = False
    """The photographs that guests search with are kept; else forgotten once they were looked at."""
    keeps_originals: bool = True
    """The files as they came are kept; else what is shown of them only."""
    is_moderated: bool = False
    """Photographs are shown once somebody has let them through."""
    forgets_faces: bool = True
    """A guest who asks to be forgotten takes the templates of their faces out of the photographs."""


class EventItem(Payload):
    """An event of an organisation."""

    id: str
    """A UUID: the same wherever the event is, and never used again."""
    slug: str
    name: str
    created: Instant
    state: Literal["open", "closed", "expired"]
    """`open`: takes photographs and searches; `closed`: searches only; `expired`: over for guests."""
    closed: Instant | None
    """When somebody closed it."""
    photos: int
    """How many are shown."""
    waiting: int
    """How many nobody has let through yet."""
    threshold: float
    """The confidence, 0–1, from which a photograph is shown to somebody."""
    features: FeatureSet
    terms: TermSet
    consent_version: int
    """1, and one more with every change of the text of consent."""


class EventList(Payload):
    total: int
    events: tuple[EventItem, ...]


class EventOrder(Part):
    """A new event."""

    id: UUID | None = None
    """Its id where it was made elsewhere; a purged event's is refused."""
    slug: _Slug
    name: _Name
    threshold: _Share = THRESHOLD
    features: FeatureSet = Field(default_factory=FeatureSet)
    terms: TermSet = Field(default_factory=TermSet)


class EventChange(Part):
    """What an event is from now on, all of it: what is left out becomes what it is for a new event."""

    name: _Name
    threshold: _Share = THRESHOLD
    features: FeatureSet = Field(default_factory=FeatureSet)
    terms: TermSet = Field(default_factory=TermSet)


class TallyItem(Payload):
    """What there is of an event."""

    shown: int
    waiting: int
    hidden: int
    faces: int
    """In all photographs."""
    searches: int
    denials: int
    """How often somebody said of a photograph that it is not them."""
    selfies: int
    size: int
    """Bytes of the photographs as they came, kept or not."""
    guests_forgotten: int


class PurgeItem(Payload):
    """An event that was purged: what is left of it."""

    event: str
    """Its id."""
    organisation: str
    slug: str
    name: str
    at: Instant
    tally: TallyItem
    """What was removed."""
    salt: str
    digests: tuple[str, ...]
    """A mark of each photograph: sha256 over the salt and the sha256 of the file as it came, both as hexadecimal
    digits: whoever has a file can tell that it was among them."""
    report: str
    """What was signed of it, JSON; empty until it was."""


class PurgeList(Payload):
    purges: tuple[PurgeItem, ...]


Standing = Literal["shown", "waiting", "hidden"]


class StandingOrder(Part):
    """Whether a photograph is shown."""

    standing: Standing


class PhotoItem(Payload):
    """A photograph."""

    id: str
    """A UUID, made from its event and its content."""
    filename: str
    width: int
    height: int
    taken: Instant | None
    added: Instant
    size: int
    """Bytes."""
    media_type: str
    standing: Standing
    """`shown`; `waiting`: nobody has let it through yet; `hidden`: somebody took it away from guests."""
    source: Literal["upload", "camera", "folder", "sync"]
    """Where it came from."""


class PhotoList(Payload):
    total: int
    photos: tuple[PhotoItem, ...]
