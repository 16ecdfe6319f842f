"""What the console says of people, and what its forms hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from edged.domain.passage import Factor
from edged.gallery.people_search import Order
from edged.wire.payload import Instant, Part, Payload

MOST_DRAFTS = 16
"""Photographs in one enrolment."""

_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256)]
_Date = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]


def _absent(value: object) -> object:
    return None if value == "" else value


class PersonRow(Part):
    """A person in a list."""

    id: str
    customer_person_id: str
    name: str
    groups: tuple[str, ...]
    photographs: int
    enrolled: Instant
    valid_from: Instant | None
    valid_until: Instant | None
    blocked: str | None
    """Why; null where they are not."""
    look_alikes: int
    """How many others look like them."""
    picture: str | None


class PeopleList(Payload):
    """A page of people."""

    people: tuple[PersonRow, ...]
    next: str | None
    """Give it as `after` for the next page; null: this is the last."""
    found: int
    everybody: int
    groups: tuple[str, ...]
    """All that somebody is in."""


class LookAlikePart(Part):
    """Somebody who looks like them."""

    id: str
    name: str
    customer_person_id: str
    similarity: float
    same: bool
    """They are probably one person who is enrolled twice."""


class PhotographPart(Part):
    """One enrolled photograph."""

    hash: str
    quality: float
    enrolled: Instant
    picture: str | None
    """Path of the face; null where it was not kept."""


class PersonDetail(Payload):
    """All that is known of a person."""

    person: PersonRow
    email: str
    phone: str
    notes: str
    photographs: tuple[PhotographPart, ...]
    look_alikes: tuple[LookAlikePart, ...]
    codes: tuple[Factor, ...] | None
    """Which kinds they have; null where this device keeps none."""
    events: int
    """Records that name them."""


class WarningPart(Part):
    """What is odd about a good photograph."""

    reason: str
    what: str
    remedy: str


class DraftAnswer(Payload):
    """What a photograph is worth. Nothing is stored yet."""

    draft: str
    """Names it, for `Enrol`, for a quarter of an hour; empty where it cannot be used."""
    file: str
    """As the file is called; the camera's name."""
    taken: bool
    quality: float
    """0–1; 0 where it cannot be used."""
    reason: str
    what: str
    remedy: str
    """Why it cannot be used, and what to do about it; empty where it can."""
    warnings: tuple[WarningPart, ...]
    picture: str | None
    """Path of what was seen."""


class Saved(Payload):
    """What came of an enrolment."""

    stored: bool
    """False: something is odd, and nothing was stored; `Enrol.certain` says that it is right all the same."""
    id: str
    """Of the person; empty where nothing was stored."""
    name: str
    photographs: tuple[DraftAnswer, ...]


class Deleted(Payload):
    """Somebody is deleted."""

    id: str


class Receipt(Payload):
    """Whether somebody is forgotten everywhere on the device."""

    done: bool
    removed: Mapping[str, int]
    """How many of what, when it is done."""


class Form(BaseModel):
    """What a form holds; what is not asked for is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


class PeopleAsked(Form):
    """What a list shows: the query of the page's own address."""

    q: _Text = ""
    group: _Text = ""
    only: Annotated[Literal["blocked", "look_alikes"] | None, BeforeValidator(_absent)] = None
    sort: Order = Order.NAME
    after: Annotated[str, StringConstraints(max_length=1024)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Facts(Form):
    """What is known of a person beside their face."""

    name: _Text = ""
    email: _Text = ""
    phone: _Text = ""
    notes: Annotated[str, StringConstraints(max_length=4096)] = ""
    groups: tuple[_Text, ...] = Field(default=(), max_length=64)
    valid_from: _Date = ""
    valid_until: _Date = ""
    """A day, or a time as RFC 3339; empty: unbounded."""


class Enrol(Facts):
    """Somebody is to be enrolled, or to get more photographs."""

    drafts: tuple[Annotated[str, StringConstraints(max_length=64)], ...] = Field(min_length=1, max_length=MOST_DRAFTS)
    customer_person_id: Annotated[str, StringConstraints(strip_whitespace=True, max_length=128)] = ""
    person: _Text = ""
    """Our id of whoever gets more photographs; everything else but the drafts is passed over then."""
    certain: bool = False
    """Whoever asks has seen what is odd about the photographs."""


class FromCamera(Form):
    """A picture is to be taken."""

    camera: _Text
    person: _Text = ""


class Photograph(Form):
    """One of somebody's photographs."""

    hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Blocked(Form):
    """Whether somebody is on the block list."""

    blocked: bool
    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class Code(Form):
    """A code is to be set, or removed where it is empty."""

    factor: Literal[Factor.PIN, Factor.CARD]
    code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=128)] = ""


class Delete(Form):
    """Somebody is to be deleted."""

    typed: _Text
    """Their name, else their key, as proof that it is they who are meant."""
