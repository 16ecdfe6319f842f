"""What may enter the gallery: cleaned, bounded, or refused with a reason."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Final

import numpy as np

from edged.domain.errors import Refused
from edged.domain.person import ModelRef, Person, Template

MAX_TEMPLATES: Final = 64
"""Templates of one person and one model."""

_LONGEST: Final = {"name": 256, "email": 254, "phone": 64, "notes": 4096}
_LONGEST_KEY: Final = 128
_MOST_GROUPS: Final = 64
_INVISIBLE: Final = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories that no name needs: control characters, lone surrogates, line and paragraph separators."""
_END_OF_9999: Final = 253_402_300_799
NOT_UNIT: Final = 1e-3
"""By how much a vector's length may differ from 1."""
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
"""Our own ids are UUIDs, those of other devices may be others; they name files."""
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def clean_key(customer_person_id: str) -> str:
    """A customer's key in the one form in which it is stored and looked up (Unicode NFC).

    Raises:
        Refused: `customer_person_id`: empty, longer than 128 characters, with space around it or invisible characters.
    """
    key = unicodedata.normalize("NFC", _visible("customer_person_id", customer_person_id, _LONGEST_KEY))
    if not key or key != key.strip():
        raise Refused("customer_person_id", f"the person's id {key!r} is empty or has space around it", "Remove it.")
    return key


def clean_person(person: Person) -> Person:
    """The person as they may be stored.

    Raises:
        Refused: with the name of the field that is too long or otherwise unfit as its reason.
    """
    if len(person.groups) > _MOST_GROUPS:
        raise Refused("groups", f"{len(person.groups)} groups for one person", f"Up to {_MOST_GROUPS} are possible.")
    for bound in (person.valid_from, person.valid_until):
        if bound is not None and not 0 <= bound <= _END_OF_9999:
            raise Refused("validity", "the validity is not a time", "Give seconds since 1970, or leave it out.")
    for field, longest in _LONGEST.items():
        _visible(field, getattr(person, field), longest)
    if person.id and not _ID.fullmatch(person.id):
        raise Refused(
            "id", f"the id {person.id[:40]!r} has other characters than letters, digits, . _ and -", "Leave it out."
        )
    groups = tuple(dict.fromkeys(_visible("groups", group, _LONGEST_KEY) for group in person.groups if group))
    return replace(
        person,
        customer_person_id=clean_key(person.customer_person_id),
        groups=groups,
    )


def clean_template(template: Template, model: ModelRef) -> Template:
    """The template with its vector as float32 of exactly unit length.

    Raises:
        Refused: `model_mismatch`: the vector is not one of this model's; `template`: it is not a direction, or its
            hash or quality is malformed.
    """
    vector = np.asarray(template.vector, np.float32)
    if vector.shape != (model.dimension,):
        raise Refused(
            "model_mismatch",
            f"a template of shape {vector.shape} for the model {model.name}, which makes {model.dimension} numbers",
            "Enrol the photograph again with the model in use.",
        )
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not abs(length - 1) < NOT_UNIT:
        raise Refused("template", f"a template of length {length:.3g} instead of 1", "Enrol the photograph again.")
    if not _HASH.fullmatch(template.photo_hash) or not 0 <= template.quality <= 1:
        raise Refused("template", "a template without a sha256 of its photograph or a quality from 0 to 1")
    if template.origin is not None and not _HASH.fullmatch(template.origin.photo):
        raise Refused("template", "a template whose origin is without a sha256 of the photograph")
    return replace(template, vector=(vector / np.float32(length)).astype(np.float32))


def _visible(field: str, text: str, longest: int) -> str:
    if len(text) > longest:
        raise Refused(field, f"{field} has {len(text)} characters", f"Up to {longest} are possible.")
    allowed = "\n\t" if field == "notes" else ""
    if any(unicodedata.category(letter) in _INVISIBLE and letter not in allowed for letter in text):
        raise Refused(field, f"{field} has invisible control characters", "Remove them.")
    return text
