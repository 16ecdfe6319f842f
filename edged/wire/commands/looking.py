"""Requests for which the device looks through a camera, or at a photograph."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from edged.domain.event import Outcome
from edged.wire.commands.asked import Asked, CameraChoice, PersonKey
from edged.wire.event import BoxPart, PersonPart
from edged.wire.payload import Instant, Part

MAX_JPEG_BYTES: Final = 180_000
"""Of a picture in either direction: with base64 and all around it, a message stays below 256 KB."""
_MAX_BASE64: Final = MAX_JPEG_BYTES * 4 // 3

Group = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class SnapshotAsked(Asked):
    """What a camera sees now."""

    camera: CameraChoice = ""
    """Its name; may be left out where there is only one."""
    side: int = Field(960, ge=160, le=1920)
    """Pixels on the picture's longer side at most."""
    boxes: bool = False
    """Also say where faces were found, and whose."""


class SeenFace(Part):
    """A face in a snapshot."""

    track: int
    box: BoxPart
    """In pixels of this picture; may reach past its border."""
    outcome: Outcome | None
    """Null while nothing is decided."""
    name: str = ""
    """Of a known person: the display name, else your key."""


class Snapshot(Part):
    """A picture of a camera."""

    camera: str
    at: Instant
    """When it was taken."""
    width: int
    height: int
    jpeg: str
    """The file's bytes, base64."""
    faces: tuple[SeenFace, ...] | None = None
    """Null where it was not asked for them."""


class IdentifyAsked(Asked):
    """Who stands before a camera, or is in a photograph."""

    camera: CameraChoice = ""
    """Its name; may be left out where there is only one."""
    seconds: float = Field(5.0, ge=0.5, le=20.0)
    """How long to look for a face at most."""
    photo: Annotated[str, StringConstraints(min_length=4, max_length=_MAX_BASE64)] | None = None
    """JPEG, PNG, WebP or BMP of at most 180,000 bytes, base64: it is looked at in place of a camera."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.photo is not None and self.camera:
            raise ValueError("names a camera and brings a photo; one of the two is looked at")
        return self


class IdentifiedFace(Part):
    """A face with the answer and the figures that it rests on."""

    outcome: Outcome
    person: PersonPart | None
    """Null unless it is known: whom a stranger resembles is not told."""
    similarity: float
    """Cosine to the most similar person enrolled, -1…1. Not a probability."""
    confidence: float
    """Calibrated probability that it is that person, 0…1. Not a cosine."""
    margin: float
    """Similarity less that of the second person."""
    threshold: float
    """The cosine that had to be reached."""
    frames: int
    """How many pictures voted."""
    quality: float
    """Of the best of them, 0…1."""
    box: BoxPart
    """In pixels of the camera's view or of the photograph."""
    why: str
    """The answer in a sentence for people."""


class Identified(Part):
    """Who it is."""

    outcome: Outcome
    """Of the largest face; `no_face` where there was none to judge."""
    why: str
    """See `IdentifiedFace.why`; where there is no face, what was wrong."""
    camera: str
    """Empty for a photograph."""
    faces: tuple[IdentifiedFace, ...]
    """The largest first. A camera's largest face only; of a photograph all, 32 at most."""


class EnrollAsked(Asked):
    """Enrol whoever stands before a camera."""

    customer_person_id: PersonKey
    """Your own key of the person. Somebody known by it gets further pictures."""
    name: str = Field("", max_length=256)
    """Display name; empty leaves it as it is."""
    groups: tuple[Group, ...] = Field((), max_length=64, strict=False)
    camera: CameraChoice = ""
    """Its name; may be left out where there is only one."""
    shots: int = Field(3, ge=1, le=16)
    """Pictures wanted; they have to differ from each other."""
    seconds: float = Field(15.0, ge=1.0, le=30.0)
    """How long to look for them at most."""
    largest: bool = False
    """Where several faces are seen, take the largest in place of refusing."""
    covered_eyes: bool = False
    """Take a face whose eyes cannot be seen, too."""
    strict: bool = False
    """Refuse what looks odd (the face resembles somebody else, …) in place of naming it."""


class Doubt(Part):
    """Something odd about a picture."""

    reason: str
    what: str
    remedy: str


class EnrolledPicture(Part):
    """What came of one picture."""

    taken: bool
    quality: float
    """0…1."""
    reason: str = ""
    """Why it was not taken: a stable word, and in words in `what`."""
    what: str = ""
    remedy: str = ""
    warnings: tuple[Doubt, ...] = ()


class Enrolled(Part):
    """Somebody is enrolled, and searchable at once."""

    customer_person_id: str
    id: str
    """edged's own."""
    photos: int
    """How many the device has of them now."""
    pictures: tuple[EnrolledPicture, ...]
