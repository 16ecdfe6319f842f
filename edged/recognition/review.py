"""Visits of people nobody knew, sorted by whose they seem to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Sighted:
    """The face of one unknown visit.

    Attributes:
        event_id: of the event that its picture belongs to.
        captured: UTC seconds since the epoch.
        camera: its name.
        embedding: float32, shape (dimension,), unit length; all of one model.
    """

    event_id: str
    captured: float
    camera: str
    embedding: NDArray[np.float32]


def group(sighted: Sequence[Sighted], alike: float) -> tuple[tuple[Sighted, ...], ...]:
    """Puts together what seems to be one person's.

    From the newest to the oldest, each face joins the group to whose least similar face it is most similar, if even
    that one reaches `alike`; otherwise it begins a group. No two faces of a group are less alike (complete linkage), so
    that a chain of small resemblances never joins two people.

    Args:
        alike: the cosine from which two faces may be one person's.

    Returns:
        The groups by their newest face, and the faces of each, newest first.
    """
    newest_first = sorted(sighted, key=lambda face: -face.captured)
    groups: list[list[Sighted]] = []
    for face in newest_first:
        scores = [min(float(face.embedding @ other.embedding) for other in found) for found in groups]
        best = max(range(len(groups)), key=scores.__getitem__, default=None)
        if best is not None and scores[best] >= alike:
            groups[best].append(face)
        else:
            groups.append([face])
    return tuple(tuple(found) for found in groups)
