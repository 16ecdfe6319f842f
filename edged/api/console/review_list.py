"""What the page's review is told, and what it may ask for."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edged.api.port import Enrolled, Unknowns
from edged.domain.person import Person
from edged.gallery.pseudonyms import LONGEST
from edged.wire.payload import Instant, Part, Payload, instant

MOST_PICTURES: Final = 16
"""In one enrolment."""
_MOST_VISITS: Final = 256

_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256)]


class UnknownPart(Part):
    """A visit of somebody nobody knew."""

    event: str
    """Id of the event that the picture belongs to."""
    captured: Instant
    camera: str
    picture: str
    """Path of the JPEG on this device."""


class UnknownGroup(Part):
    """Visits that seem to be one person's, newest first."""

    visits: tuple[UnknownPart, ...]
    likely: str
    """The made-up name of a stranger whom they resemble; empty where there is none."""


class UnknownList(Payload):
    """What there is to review, newest first."""

    groups: tuple[UnknownGroup, ...]
    waiting: int
    """Visits that the device has not compared yet: ask again."""


class EnrolledAnswer(Payload):
    """What came of an enrolment."""

    name: str
    """What the person is called."""
    pictures: int
    refused: tuple[str, ...]
    """Why other pictures were not taken."""


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class EnrolRequest(_Request):
    """Enrol somebody with the pictures of these events."""

    events: tuple[UUID, ...] = Field(min_length=1, max_length=MOST_PICTURES)
    customer_person_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
    name: _Text = ""
    groups: tuple[_Text, ...] = Field(default=(), max_length=64)
    known: bool = False
    """They are enrolled already; the pictures are to be added."""

    @property
    def person(self) -> Person:
        groups = tuple(group for group in self.groups if group)
        return Person("", self.customer_person_id, name=self.name, groups=groups)


class NameRequest(_Request):
    """Call whoever was there by a made-up name, on this device only; an empty one takes it back."""

    events: tuple[UUID, ...] = Field(min_length=1, max_length=_MOST_VISITS)
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST)]


class NamedAnswer(Payload):
    """What they are called."""

    name: str


class DismissRequest(_Request):
    """List these no more, or again."""

    events: tuple[UUID, ...] = Field(min_length=1, max_length=_MOST_VISITS)
    undo: bool = False


def unknown_list(unknowns: Unknowns) -> UnknownList:
    """What is told of `unknowns`, in the same order."""
    return UnknownList(
        groups=tuple(
            UnknownGroup(
                visits=tuple(
                    UnknownPart(
                        event=visit.event_id,
                        captured=instant(visit.captured),
                        camera=visit.camera,
                        picture=f"/api/v1/events/{visit.event_id}/picture.jpg",
                    )
                    for visit in group
                ),
                likely=likely,
            )
            for group, likely in zip(unknowns.groups, unknowns.likely or ("",) * len(unknowns.groups), strict=True)
        ),
        waiting=unknowns.waiting,
    )


def enrolled_answer(enrolled: Enrolled) -> EnrolledAnswer:
    person = enrolled.person
    return EnrolledAnswer(
        name=person.name or person.customer_person_id, pictures=enrolled.pictures, refused=enrolled.refused
    )
