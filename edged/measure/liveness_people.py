"""The people of a folder of photographs, as a liveness measurement needs them: from the front, and turned."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Box
from edged.domain.progress import Progress
from edged.liveness.plane import Departure, departure, upright
from edged.measure.gaze import main_face
from edged.measure.liveness_view import Print
from edged.measure.photo_set import read_photos
from edged.vision.photo import read_photo
from edged.vision.sight import Sight

_AHEAD: Final = 0.10
"""The nose of a face from the front is no farther from the middle, in distances between the eyes."""
_SEED: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """The main face of a photograph.

    Attributes:
        points: see `upright`.
    """

    person: str
    path: Path
    landmarks: NDArray[np.float32]
    box: Box
    points: NDArray[np.float64]

    @property
    def is_ahead(self) -> bool:
        return abs(float(self.points[2][0])) < _AHEAD

    def print(self) -> Print:
        """The photograph itself."""
        return Print(read_photo(self.path), self.landmarks)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two photographs of one person, one from the front and one turned.

    Attributes:
        moved: what the challenge sees between the two.
    """

    ahead: Portrait
    aside: Portrait
    moved: Departure


def portraits(sight: Sight, folder: Path, progress: Progress) -> tuple[Portrait, ...]:
    """Finds the main face of each photograph; passes over those without one. Blocks for about 5 ms each.

    Raises:
        Refused: there are no photographs.
    """
    found: list[Portrait] = []
    photos = read_photos(folder)
    for number, photo in enumerate(photos):
        if number % 50 == 0:
            progress(f"photograph {number} of {len(photos)}", number / len(photos))
        image = read_photo(photo.path)
        faces = sight.detect(image)
        if not faces:
            continue
        face = main_face(faces, image.shape)
        points = upright(face.landmarks, face.box)
        if points is not None:
            found.append(Portrait(photo.person, photo.path, face.landmarks, face.box, points))
    progress("all photographs were looked at", 1.0)
    return tuple(found)


def halves(found: Sequence[Portrait]) -> tuple[tuple[Portrait, ...], tuple[Portrait, ...]]:
    """Two halves of the people, none in both: one to fix thresholds on, one to report."""
    people = sorted({portrait.person for portrait in found})
    order = np.random.default_rng(_SEED).permutation(len(people))
    first = {people[place] for place in order[: len(people) // 2]}
    return (
        tuple(portrait for portrait in found if portrait.person in first),
        tuple(portrait for portrait in found if portrait.person not in first),
    )


def pairs(found: Sequence[Portrait]) -> tuple[Pair, ...]:
    """Every photograph beside one of the same person from the front, other than itself."""
    by_person: dict[str, list[Portrait]] = defaultdict(list)
    for portrait in found:
        by_person[portrait.person].append(portrait)
    made: list[Pair] = []
    for own in by_person.values():
        for aside in own:
            ahead = next((other for other in own if other is not aside and other.is_ahead), None)
            moved = departure(ahead.points, aside.points) if ahead is not None else None
            if ahead is not None and moved is not None:
                made.append(Pair(ahead, aside, moved))
    return tuple(made)


def depth_at(found: Sequence[Pair]) -> float:
    """How deep a face is: the depth of a pair for a tangent of 1.

    By how much faces become narrower as they turn: the logarithm of 1/cos(yaw) is half that of 1 + tan(yaw)², which for
    a small yaw is the square of depth through what is asked for, over two. One face's width says little, since a mouth
    that opens does the same; hundreds of them do.
    """
    near = [pair for pair in found if abs(pair.moved.depth) < 0.5 and pair.moved.stretch > 0]
    squares = np.array([pair.moved.depth**2 for pair in near])
    logs = np.array([math.log(pair.moved.stretch) for pair in near])
    slope, _ = np.polyfit(squares, logs, 1)
    return float(math.sqrt(1 / (2 * max(1e-6, slope))))
