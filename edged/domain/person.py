"""People and what we remember of their faces."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edged.domain.frame import Image


@dataclass(frozen=True, slots=True)
class ModelRef:
    """The model that made an embedding. Embeddings of different models are never compared.

    Attributes:
        name: the manifest's name (`sface-2021dec-int8`).
        digest: sha256 of the model file, lower-case hex.
        dimension: length of the vectors.
    """

    name: str
    digest: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is enrolled.

    Attributes:
        id: ours, a UUIDv7; never reused.
        customer_person_id: the customer's own key, unique; what people type on the command line.
        name: display name, may be empty.
        email, phone, notes: free text, may be empty.
        groups: names of the groups the person belongs to.
        valid_from, valid_until: UTC seconds since the epoch, None for unbounded.
    """

    id: str
    customer_person_id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    notes: str = ""
    groups: tuple[str, ...] = ()
    valid_from: float | None = None
    valid_until: float | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What a face was enrolled from.

    Attributes:
        photo: sha256 of the photograph, lower-case hex; a photograph with several faces has several templates.
        box: left, top, right and bottom of the face in it, whole pixels.
        image: the name that the dialects give the image.
    """

    photo: str
    box: tuple[int, int, int, int]
    image: str


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """One remembered face of a person.

    Attributes:
        vector: float32, shape (dimension,), unit length.
        quality: the photograph's quality score, 0–1.
        photo_hash: sha256 of the photograph's bytes, lower-case hex; two of a person never have the same. Where
            `origin` names the photograph, any other 64 digits.
        id: ours, a UUIDv7; empty until stored.
        crop: the face that the vector was made from, aligned, with a margin, as `edged.vision.align.keepsake` makes it,
            or the JPEG of that; None where it is not to be kept.
        origin: where it comes from, as far as that is known.
    """

    vector: NDArray[np.float32]
    quality: float
    photo_hash: str
    id: str = ""
    crop: Image | bytes | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person whom a probe resembles, with the cosine of their most similar template, -1…1."""

    person: Person
    similarity: float


@dataclass(frozen=True, slots=True)
class PersonSummary:
    """A person as lists show them."""

    person: Person
    templates: int
    enrolled_at: float = field(default=0.0)
