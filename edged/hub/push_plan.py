"""What a push comes to for somebody's faces and galleries: the same for every store, and without one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edged.api.directory import DEFAULT_GALLERY, KnownPerson, NewFace
from edged.api.fleet import Push
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.hub.admission import MOST_FACES
from edged.wire.roster import distinct_hashes

NOBODY: Final = ModelRef("", "", 0)
"""A model that has made no vectors: whoever asks for its, reads none."""


@dataclass(frozen=True, slots=True, eq=False)
class FacePlan:
    """What becomes of the faces of one person.

    Attributes:
        added: in the order given; removed: numbers of faces.
        renamed: the `photo_hash` that faces get from now on, by their numbers: what names one of several faces of the
            same photograph must not change when another of them goes, or to remove one twice would remove two.
        crowded: the `photo_hash` of those for which there is no room.
    """

    added: tuple[NewFace, ...]
    removed: tuple[int, ...]
    renamed: Mapping[int, str]
    crowded: tuple[str, ...]


def face_plan(push: Push, faces: Sequence[tuple[int, str]]) -> FacePlan:
    """What becomes of the faces.

    Args:
        faces: number and whole sha256 of those that there are, the oldest first; none of somebody new.

    Raises:
        Refused: `last_face`: none would be left.
    """
    names = distinct_hashes([photo_hash for _number, photo_hash in faces])
    sent = {face.photo_hash for face in push.faces}
    unwanted = set(push.forget) - sent
    kept = [
        (number, photo_hash, name)
        for (number, photo_hash), name in zip(faces, names, strict=True)
        if name not in unwanted
    ]
    added = list({face.photo_hash: face for face in push.faces if face.photo_hash not in names}.values())
    room = max(MOST_FACES - len(kept), 0)
    if faces and not kept and not added[:room]:
        raise Refused("last_face", "no face of this person would be left", "Delete the person instead.")
    names_after = distinct_hashes([photo_hash for _number, photo_hash, _name in kept])
    return FacePlan(
        added=tuple(added[:room]),
        removed=tuple(number for (number, _hash), name in zip(faces, names, strict=True) if name in unwanted),
        renamed={number: name for (number, _hash, name), after in zip(kept, names_after, strict=True) if name != after},
        crowded=tuple(face.photo_hash for face in added[room:]),
    )


def galleries_after(push: Push, current: Collection[str]) -> frozenset[str]:
    """The galleries that the person is in after a push, `default` left out.

    Args:
        current: those of any of their faces.
    """
    before = frozenset(current) - {DEFAULT_GALLERY}
    asked = before if push.galleries is None else frozenset(push.galleries) - {DEFAULT_GALLERY}
    if push.within is None:
        return asked
    within = frozenset(push.within)
    return (asked & within or before & within or frozenset(push.within[:1])) | (before - within)


def is_so(push: Push, before: KnownPerson, plan: FacePlan, galleries: frozenset[str]) -> bool:
    """Whether there is nothing to change: a push that is repeated is no change.

    Args:
        before: as the person is; galleries: see `galleries_after`.
    """
    if plan.added or plan.removed or push.fields not in (None, before.fields):
        return False
    all_in = frozenset({DEFAULT_GALLERY, *galleries})
    return push.galleries is None or all(frozenset(face.galleries) == all_in for face in before.faces)
