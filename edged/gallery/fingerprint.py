"""Short digests of people and templates that add up to the digest of a gallery."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import Person

PRINT_BYTES: Final = 16


def template_print(customer_person_id: str, vector: NDArray[np.float32]) -> bytes:
    """16 bytes that tell this vector of this person from every other template."""
    digest = blake2b(customer_person_id.encode(), digest_size=PRINT_BYTES)
    digest.update(b"\0")
    digest.update(vector.astype("<f4", copy=False).tobytes())
    return digest.digest()


def person_print(person: Person) -> bytes:
    """16 bytes over all that is known of a person but our own id, so that two devices agree."""
    fields = (
        person.customer_person_id,
        person.name,
        person.email,
        person.phone,
        person.notes,
        "\n".join(person.groups),
        repr(person.valid_from),
        repr(person.valid_until),
    )
    return blake2b("\0".join(fields).encode(), digest_size=PRINT_BYTES).digest()


def words(prints: bytes) -> NDArray[np.uint64]:
    """Prints laid end to end, as uint64 of shape (N, 2)."""
    return np.frombuffer(prints, "<u8").astype(np.uint64, copy=False).reshape(-1, 2)


def added_up(prints: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The sum over prints of shape (N, 2) modulo 2⁶⁴ in both words.

    Any order gives the same, and what was added can be taken away again.
    """
    total: NDArray[np.uint64] = prints.sum(axis=0, dtype=np.uint64)
    return total


def as_text(total: NDArray[np.uint64]) -> str:
    """32 hex digits."""
    return "".join(f"{int(word):016x}" for word in total)
