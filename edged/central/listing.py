"""A whole list of faces, as the people that they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from edged.central.port import RemoteFace, RemotePerson


@dataclass(frozen=True, slots=True)
class ListedFace:
    """A face of a centre that knows faces only.

    Attributes:
        number: the centre's, higher for later ones; name: see `name_of`.
        meta: the key of whose it is; empty: it is a person of its own.
        groups: without `default`; address: see `RemoteFace`.
    """

    number: int
    name: str
    meta: str
    groups: tuple[str, ...]
    address: str


def name_of(photo_hash: str, number: int) -> str:
    """What names such a face as long as it is there: 64 hex digits."""
    return hashlib.sha256(f"findface {photo_hash} {number}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A list at one moment.

    Attributes:
        digest: the same where the people and their faces are, wherever the photographs lie by now: 32 hex digits.
        people: in the order of their ids.
    """

    digest: str
    people: tuple[RemotePerson, ...]

    @classmethod
    def of(cls, faces: Iterable[ListedFace]) -> Self:
        """Without those whose key is `.` or `..`: no address could name them."""
        owned: dict[str, list[ListedFace]] = {}
        for face in faces:
            if face.meta in {".", ".."}:
                continue
            owned.setdefault(f"meta:{face.meta}" if face.meta else f"face:{face.number}", []).append(face)
        digest = hashlib.sha256()
        people = []
        for own, theirs in sorted(owned.items()):
            theirs.sort(key=lambda face: face.number)
            groups = tuple(sorted({name for face in theirs for name in face.groups}))
            remote = tuple(RemoteFace(face.name, 0.0, None, face.address) for face in theirs)
            people.append(RemotePerson(own, theirs[0].meta, groups=groups, faces=remote))
            digest.update(repr((own, groups, [face.name for face in theirs])).encode("utf-8", "replace"))
        return cls(digest.hexdigest()[:32], tuple(people))
