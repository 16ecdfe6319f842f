"""Templates as they lie on the disk: those enrolled at once in one pack, sealed with their person's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Corrupt
from edged.domain.person import ModelRef
from edged.gallery.admission import NOT_UNIT
from edged.gallery.fingerprint import PRINT_BYTES, template_print, words
from edged.gallery.roll import Templates
from edged.vault.seal import Seal, new_key


@dataclass(frozen=True, slots=True)
class Locked:
    """A pack, sealed, with what is needed to open it.

    Attributes:
        owner: the person's number; person: their id; key: theirs, sealed.
        count: how many templates are in it; sealed: the pack.
    """

    owner: int
    person: str
    key: bytes
    count: int
    sealed: bytes


class PersonKeys:
    """Makes and opens people's own keys. Any thread.

    Args:
        seal: the vault's for people; it seals every person's key, and nothing else.
    """

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def new(self, person: str) -> bytes:
        """A new key for this person's id, sealed."""
        return self._seal.seal(new_key(), _key_context(person))

    def open(self, person: str, key: bytes) -> Seal:
        """What is this person's is sealed with this.

        Raises:
            Corrupt: the key was changed, is another person's, or belongs to another device's key.
        """
        return Seal(self._seal.open(key, _key_context(person)))


def lock(
    key: Seal, person: str, customer_person_id: str, vectors: Sequence[NDArray[np.float32]], model: ModelRef
) -> bytes:
    """The pack of these unit vectors, sealed: all vectors as float32, little-endian, then all prints."""
    plain = [vector.astype("<f4", copy=False).tobytes() for vector in vectors]
    plain += [template_print(customer_person_id, vector) for vector in vectors]
    return key.seal(b"".join(plain), _pack_context(person, model))


def unlock(keys: PersonKeys, packs: Sequence[Locked], model: ModelRef) -> Templates:
    """The templates of many packs, column by column, in their order.

    Raises:
        Corrupt: one of them is not as it was written.
    """
    vectors, prints = [], []
    for pack in packs:
        plain = keys.open(pack.person, pack.key).open(pack.sealed, _pack_context(pack.person, model))
        end = pack.count * 4 * model.dimension
        if len(plain) != end + pack.count * PRINT_BYTES:
            raise Corrupt("a pack of templates has another length than it should")
        vectors.append(plain[:end])
        prints.append(plain[end:])
    matrix = np.frombuffer(b"".join(vectors), "<f4").astype(np.float32, copy=False).reshape(-1, model.dimension)
    with np.errstate(over="ignore", invalid="ignore"):
        sound = np.abs(np.linalg.norm(matrix, axis=1) - 1) < NOT_UNIT
    if not sound.all():
        raise Corrupt("a template is not of unit length")
    owners = np.repeat(np.array([pack.owner for pack in packs], np.int32), [pack.count for pack in packs])
    return Templates(owners, matrix, words(b"".join(prints)))


def _key_context(person: str) -> bytes:
    return b"key of " + person.encode()


def _pack_context(person: str, model: ModelRef) -> bytes:
    return b"templates of %s by %s" % (person.encode(), model.digest.encode())
