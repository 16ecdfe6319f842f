"""What a centre and its devices say to each other under `/edged/v1`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints

from edged.domain.errors import Refused
from edged.wire.payload import Instant, Part, Payload

MOST_EVENTS: Final = 500
"""A device hands in so many at once at most."""

_Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_Digest = Annotated[str, StringConstraints(max_length=64)]


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

    id: str
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


class HandedIn(Part):
    """Events that a device hands in: each as the device keeps it, at least an `id`."""

    events: Annotated[tuple[Mapping[str, Any], ...], Field(max_length=MOST_EVENTS)]


class Acknowledged(Payload):
    """What came of events: acknowledged ones are on the centre's disk, refused ones will never be."""

    acknowledged: tuple[str, ...]
    refused: tuple[str, ...]
    """Why, each with its place in the list."""


class DeviceReport(Part):
    """What a device says of itself. Whatever else it says is kept, too."""

    edged: Annotated[str, StringConstraints(max_length=64)] = ""
    """Its version."""
    model: _Digest = ""
    """Digest of its embedding model."""
    cursor: Annotated[str, StringConstraints(max_length=128)] = ""
    """How far it has followed the changes."""
    roster: _Digest = ""
    """Digest of the people it knows."""
    persons: Annotated[int, Field(ge=0)] = 0
    templates: Annotated[int, Field(ge=0)] = 0
    held: Annotated[int, Field(ge=0)] = 0
    """Changes that wait for a person's word."""


class DeviceItem(Payload):
    """A device as the centre knows it."""

    name: str
    groups: tuple[str, ...] | None
    """Whom it is to know; null: everybody."""
    seen: Instant | None
    """When it last reported; null: never."""
    report: DeviceReport


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
