"""The digest of a roster: equal where a centre and a device know the same people by the same faces."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

_MODULUS: Final = 2**256


def distinct_hashes(photo_hashes: Sequence[str]) -> tuple[str, ...]:
    """What names the faces of one person: the hash of the photograph, and for another face of the same photograph a
    hash made of it and of how many came before.

    Args:
        photo_hashes: sha256 of the photographs, lower-case hex, in the order of the faces' numbers.
    """
    seen: Counter[str] = Counter()
    names: dict[str, None] = {}
    for photo_hash in photo_hashes:
        while True:  # more than once only where a photograph's hash is such a name itself
            before = seen[photo_hash]
            seen[photo_hash] += 1
            name = hashlib.sha256(f"{photo_hash} {before}".encode()).hexdigest() if before else photo_hash
            if name not in names:
                break
        names[name] = None
    return tuple(names)


def fields_digest(name: str, email: str, phone: str, groups: Iterable[str]) -> str:
    """What tells whether anything of a person but their faces has changed: 64 hex digits.

    Args:
        name: first and last name with a space between them, or the one that there is.
        groups: in any order, `default` left out.
    """
    text = json.dumps([name, email, phone, sorted(set(groups))], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class RosterDigest:
    """Adds people up, in any order."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, person: str, key: str, fields: str, faces: Iterable[str]) -> None:
        """Counts somebody in.

        Args:
            person: the centre's id.
            key: the customer's, may be empty.
            fields: see `fields_digest`.
            faces: see `distinct_hashes`.
        """
        text = json.dumps([person, key, fields, sorted(faces)], ensure_ascii=True, separators=(",", ":"))
        self._sum += int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")

    def value(self) -> str:
        """64 hex digits; of nobody all zero."""
        return f"{self._sum % _MODULUS:064x}"
