"""What a centre and its devices say to each other under `/edged/v1`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints

from edged.domain.errors import Refused
from edged.wire.payload import Instant, Part, Payload

MOST_EVENTS: Final = 500
"""A device hands in so many at once at most."""

MOST_AHEAD: Final = 20_000
"""Ids in `Changes.ahead` at most."""
MOST_CROP_BYTES: Final = 128 * 1024
"""Of a face with a margin."""
MOST_PENDING: Final = 1000
"""Ids in `DeviceReport.pending` at most, and as many refused people."""

_Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_Digest = Annotated[str, StringConstraints(max_length=64)]
_Id = Annotated[str, StringConstraints(max_length=64)]
_OwnId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Text = Annotated[str, StringConstraints(max_length=256)]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class FaceItem(Part):
    """An enrolled face."""

    number: int
    photo_hash: str
    """sha256 of the photograph, lower-case hex."""
    created: Instant
    quality: float
    """0–1."""
    vector: str | None
    """Base64 of float32 numbers, little-endian, of the model that was asked for; null where the centre has none: fetch
    `faces/{number}/crop` and make one."""


class PersonItem(Part):
    """A person as they are now: it takes the place of all that is known of them."""

    id: _OwnId
    """The centre's, a UUIDv7, never reused."""
    customer_person_id: str
    """The customer's key; empty for a FindFace face without `meta`."""
    first_name: str
    last_name: str
    email: str
    phone: str
    groups: tuple[str, ...]
    """The galleries of their faces, `default` left out."""
    faces: tuple[FaceItem, ...]
    """The oldest first."""


class GoneItem(Part):
    """Somebody who is not to be recognised any more."""

    id: str
    customer_person_id: str
    """Empty for a reader that is to know some galleries only: it finds whom it knew by the id."""


class Changes(Payload):
    """What has changed. `gone` comes first: somebody may have been enrolled anew under the same key."""

    cursor: str
    """Ask for what comes after this next."""
    revision: int
    """The newest of the centre."""
    more: bool
    """There is more: ask at once."""
    gone: tuple[GoneItem, ...]
    people: tuple[PersonItem, ...]
    ahead: Annotated[tuple[str, ...], Field(max_length=MOST_AHEAD)] = ()
    """Ids of those who were deleted later in the list than this page reaches; the first of them where there are more.
    They are to be removed now, whatever is still to be read before their place comes."""


class PushedFace(Part):
    """A face that a device has enrolled."""

    photo_hash: _Sha256
    """Names the face: one that the person has already is passed over."""
    quality: Annotated[float, Field(ge=0, le=1)]
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Left, top, right and bottom in the photograph; zeros where it is not known."""
    model: _Sha256
    """Digest of the embedding model that made the vector."""
    vector: Annotated[str, StringConstraints(max_length=16_384)]
    """Base64, see `FaceItem.vector`."""
    crop: Annotated[str, StringConstraints(max_length=MOST_CROP_BYTES * 4 // 3 + 4)] | None
    """Base64 of the face with a margin as a JPEG; null where the device keeps none."""


class PushedFields(Part):
    """What is known of a person beside the key."""

    first_name: _Text = ""
    last_name: _Text = ""
    email: _Text = ""
    phone: _Text = ""


class PushedPerson(Part):
    """What a device has enrolled or changed. To send it twice does what sending it once does."""

    request: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    """A UUID that stands in the audit; the same when it is sent again."""
    id: Annotated[str, StringConstraints(max_length=64)] = ""
    """The centre's, where the device knows it; else the person with this key is meant, or a new one."""
    customer_person_id: Annotated[str, StringConstraints(max_length=256)] = ""
    """Empty: somebody without a key, who is always a new person where no id is given."""
    fields: PushedFields | None = None
    """Take the place of those at the centre; null: they stay as they are."""
    groups: Annotated[tuple[_Name, ...], Field(max_length=256)] | None = None
    """The galleries of their faces from now on, those aside that the device may not see; null: they stay, and a new
    person is in `default` only."""
    faces: Annotated[tuple[PushedFace, ...], Field(max_length=64)] = ()
    """To be added."""
    forget: Annotated[tuple[_Sha256, ...], Field(max_length=64)] = ()
    """Faces to be deleted, by their `photo_hash`."""


class RefusedFace(Part):
    """A face that the centre does not take over."""

    photo_hash: str
    reason: str
    """A stable word: `unlike`, `too_many_faces`, `bad_vector`, …"""
    what: str


class Pushed(Payload):
    """The person after it, as the changes tell of them, without vectors."""

    person: PersonItem
    refused: tuple[RefusedFace, ...]


class HandedIn(Part):
    """Events that a device hands in: each as the device keeps it, at least an `id`."""

    events: Annotated[tuple[Mapping[str, Any], ...], Field(max_length=MOST_EVENTS)]


class Acknowledged(Payload):
    """What came of events: acknowledged ones are on the centre's disk, refused ones will never be."""

    acknowledged: tuple[str, ...]
    refused: tuple[str, ...]
    """Why, each with its place in the list."""


class RefusedPerson(Part):
    """Somebody whom a device knows only in part, or not at all."""

    id: _Id
    """The centre's."""
    what: Annotated[str, StringConstraints(max_length=256)]
    """Why: a photograph without a face, …"""


class DeviceReport(Part):
    """What a device says of itself. Whatever else it says is kept, too."""

    edged: Annotated[str, StringConstraints(max_length=64)] = ""
    """Its version."""
    model: _Digest = ""
    """Digest of its embedding model."""
    cursor: Annotated[str, StringConstraints(max_length=128)] = ""
    """How far it has followed the changes."""
    roster: _Digest = ""
    """Digest of the people it knows, see `edged.wire.roster`."""
    persons: Annotated[int, Field(ge=0)] = 0
    templates: Annotated[int, Field(ge=0)] = 0
    held: Annotated[int, Field(ge=0)] = 0
    """Deletions that wait for a person's word."""
    queued: Annotated[int, Field(ge=0)] = 0
    """People who are enrolled or changed on the device and not yet at the centre."""
    pending: Annotated[tuple[_Id, ...], Field(max_length=MOST_PENDING)] = ()
    """The centre's ids of those who are deleted there and still known here."""
    refused: Annotated[tuple[RefusedPerson, ...], Field(max_length=MOST_PENDING)] = ()


class DeviceItem(Payload):
    """A device as the centre knows it."""

    name: str
    groups: tuple[str, ...] | None
    """Whom it is to know; null: everybody."""
    seen: Instant | None
    """When it last reported; null: never."""
    report: DeviceReport
    roster: _Digest | None = None
    """In the answer to a report with a cursor that is the newest: the digest of whom the device is to know. Where it
    differs from its own, it begins without a cursor."""


class Receipt(Part):
    """That somebody was forgotten on a device."""

    person: _Id
    """The centre's id of theirs."""
    statement: Annotated[Mapping[str, Any], Field(max_length=32)]
    """The device's own receipt with its signature, see `edged.vault.receipt`."""


class Receipts(Part):
    """What a device hands in."""

    receipts: Annotated[tuple[Receipt, ...], Field(max_length=100)]


class Trace(StrEnum):
    """How far a change has come on a device."""

    DONE = "done"
    """A person is live there; of a deletion: there is a signed receipt."""
    TOLD = "told"
    """Of a deletion: the device has read of it and never knew the person, or its receipt is under way."""
    HELD = "held"
    """Of a deletion: it waits for a person's word there."""
    REFUSED = "refused"
    """Of a person: the device could not take over all of it, see `what`."""
    BEHIND = "behind"
    """The device has not read of it yet."""


class DeviceTrace(Part):
    """One device in the account of a person or a deletion."""

    device: str
    state: Trace
    what: str = ""
    """Why, where it is `refused`."""
    seen: Instant | None
    """When the device last reported; null: never."""
    receipt: Mapping[str, Any] | None = None


class Account(Payload):
    """On which devices somebody is live, or who has forgotten them."""

    id: str
    customer_person_id: str
    """Empty once they are deleted."""
    deleted: bool
    devices: tuple[DeviceTrace, ...]
    """Those that are to know the person, or that knew them; by name."""


class Announcement(Payload):
    """What a centre tells over MQTT when something has changed there, retained. The changes are fetched over HTTPS."""

    epoch: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    """Names a life of its directory: another one after a backup was put back."""
    revision: Annotated[int, Field(ge=0, lt=2**63)]
    """The newest; `Changes.revision` of the same moment."""


class Assignment(Part):
    """Whom a device is to know."""

    groups: Annotated[tuple[_Name, ...], Field(max_length=256)] | None
    """Null: everybody."""


def written(vector: NDArray[np.float32]) -> str:
    """A vector as `FaceItem.vector` has it."""
    return base64.b64encode(vector.astype("<f4", copy=False).tobytes()).decode()


def read_vector(text: str, dimension: int) -> NDArray[np.float32]:
    """The vector again, float32, shape (dimension,).

    Raises:
        Refused: `bad_vector`: it has another length, or is no vector at all.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("bad_vector", "a vector is not base64") from error
    if len(content) != 4 * dimension:
        raise Refused("bad_vector", f"a vector of {len(content)} bytes is not one of {dimension} numbers")
    return np.frombuffer(content, "<f4").astype(np.float32)
