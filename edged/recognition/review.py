"""Strangers who were seen, one after the other or the same one again and again: what somebody should look through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.person import Candidate

_MISPLACED: Final = 1e-2
"""The accepted chance that a visit is put with another stranger's by mere chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A stranger's visit.

    Attributes:
        event: id of the event that has its picture; visit: the visit's; camera: where.
        at: when, UTC seconds since the epoch.
        quality: of its best shot, 0–1.
        face: float32, shape (dimension,), unit length.
    """

    event: str
    visit: str
    camera: str
    at: float
    quality: float
    face: NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Visits that are most likely one stranger's.

    Attributes:
        seen: the visits, the newest first; at least one.
        likely: the person enrolled meanwhile whom they resemble; None where there is none.
    """

    seen: tuple[Seen, ...]
    likely: Candidate | None = None

    @property
    def newest(self) -> Seen:
        return self.seen[0]

    @property
    def best(self) -> Seen:
        """The one with the best picture."""
        return max(self.seen, key=lambda seen: seen.quality)

    @property
    def id(self) -> str:
        """The id of the oldest visit, which stays the same while more come; any visit's id finds the group."""
        return self.seen[-1].visit

    def called(self, prefix: str) -> bool:
        """Whether one of its visits or events has an id that begins so."""
        return any(name.startswith(prefix.lower()) for seen in self.seen for name in (seen.visit, seen.event))

    @property
    def mean(self) -> NDArray[np.float32]:
        """The mean face, float32, unit length."""
        mean = np.mean([seen.face for seen in self.seen], axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def with_likely(self, likely: Candidate | None) -> Group:
        return replace(self, likely=likely)


def group(seen: Iterable[Seen], curve: Curve) -> tuple[Group, ...]:
    """Visits of the same stranger together, the group seen last first. Pure.

    Each visit, from the oldest on, joins the group to whose faces its mean cosine is highest, if that is above what
    strangers reach with a chance of 1 % in as many comparisons as there are visits; else it begins one of its own.
    """
    ordered = sorted(seen, key=lambda item: item.at)
    if not ordered:
        return ()
    alike = curve.cosine_at(_MISPLACED / len(ordered))
    members: list[list[Seen]] = []
    sums = np.zeros((len(ordered), len(ordered[0].face)), np.float32)
    for item in ordered:
        sizes = np.array([len(some) for some in members], np.float32)
        means = sums[: len(members)] @ item.face / sizes if members else np.empty(0, np.float32)
        if members and means.max() >= alike:
            place = int(means.argmax())
            members[place].append(item)
        else:
            place = len(members)
            members.append([item])
        sums[place] += item.face
    groups = [Group(tuple(reversed(some))) for some in members]
    return tuple(sorted(groups, key=lambda some: -some.newest.at))
