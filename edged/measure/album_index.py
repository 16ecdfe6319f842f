"""How well everybody in a group photograph is found, and what looking at one takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.api.photo_intake import PREVIEW_SIDE, THUMBNAIL_SIDE
from edged.config.document import ModelSettings
from edged.domain.face import Box, Face
from edged.domain.progress import Progress
from edged.measure.album_memory import memory_of
from edged.measure.gaze import main_face
from edged.measure.group_photo import GroupPhoto, Head, compose, read_heads
from edged.measure.meter import Meter
from edged.vision.photo import MAX_ALBUM_PIXELS, MAX_WHOLE_PIXELS, decode_within, read_photo
from edged.vision.sight import Sight, open_sight
from edged.vision.thumbnail import thumbnails_of

PEOPLE: Final = 30
RECOGNISABLE: Final = 32
"""Pixels of height from which on everybody shall be found."""
BANDS: Final = {
    "40 to 80": (40, 80),
    "80 to 160": (80, 160),
    "160 to 320": (160, 320),
    "320 to 600": (320, 600),
    "32 to 600": (32, 600),
    "24 to 40": (24, 40),
}
"""Heights of the faces of each kind of photograph."""
HEIGHTS: Final = (24, 28, 32, 40, 60, 120, 240, 600)
"""Bounds of the groups that recall is counted in."""
ONE_LOOKS: Final = (640, 1920, 3840)
"""Long sides of the single looks that are compared with."""
STEPS: Final = ("decode", "detect", "embed", "pictures")
_ORIENTATIONS: Final = (1, 6, 3, 8)
_OVERLAP: Final = 0.4
"""Intersection over union from which on a face is the one that stands there."""
_SEED: Final = 8
_RATE: Final = 1e-3
"""Of strangers: their cosine in one comparison is the one from which on somebody is recognised here."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of somebody in a photograph.

    Attributes:
        height: of their face, pixels.
        found: whether the search found it; one_look: for each of `ONE_LOOKS`, whether that did.
        known: whether their face there is recognised by another photograph of them; known_near: whether the photograph
            that their face was taken from is.
    """

    height: float
    found: bool
    one_look: tuple[bool, ...]
    known: bool
    known_near: bool


@dataclass(frozen=True, slots=True)
class PhotoCost:
    """A photograph.

    Attributes:
        band: a key of `BANDS`; megabytes: of the file.
        wall_s: from bytes to vectors and smaller pictures, on one thread; steps: processor seconds of each of `STEPS`.
        false: faces found where nobody stands; looks: processor seconds of each of `ONE_LOOKS`.
    """

    band: str
    megabytes: float
    wall_s: float
    steps: tuple[float, ...]
    false: int
    looks: tuple[float, ...]

    @property
    def cpu_s(self) -> float:
        return sum(self.steps)


@dataclass(frozen=True, slots=True)
class AlbumIndex:
    """Everything.

    Attributes:
        before_mb, peak_mb: memory of a process that has looked at a small photograph, and the most it then had for one
            of these.
    """

    photos: tuple[PhotoCost, ...]
    people: tuple[Seen, ...]
    before_mb: float
    peak_mb: float


def measure_album_index(models: ModelSettings, faces: Path, photos: int, progress: Progress) -> AlbumIndex:
    """Composes so many photographs of each of `BANDS`, and looks at each. Blocks for some six seconds a photograph.

    Raises:
        Refused: there are no faces in the folder, see `read_heads`.
        Unavailable, Corrupt: as `open_sight`.
    """
    sight = open_sight(models.model_copy(update={"threads": 1}))
    count = photos * len(BANDS)
    heads = read_heads(faces, sight, PEOPLE * count, _SEED, lambda doing, share: progress(doing, share / 10))
    trial = Trial(sight, heads)
    costs: list[PhotoCost] = []
    people: list[Seen] = []
    last = compose(heads[:PEOPLE], BANDS["32 to 600"], 0)
    trial.look("", last)  # the first one fetches the memory that the others use again
    for number in range(count):
        progress(f"photograph {number + 1} of {count}", 0.1 + 0.9 * number / count)
        band = tuple(BANDS)[number % len(BANDS)]
        chosen = [heads[(PEOPLE * number + place) % len(heads)] for place in range(PEOPLE)]
        turn = number // len(BANDS)
        last = compose(chosen, BANDS[band], number + turn, orientation=_ORIENTATIONS[turn % len(_ORIENTATIONS)])
        cost, seen = trial.look(band, last)
        costs.append(cost)
        people += seen
    with tempfile.TemporaryDirectory(prefix="edged-album-") as folder:
        file = Path(folder) / "photo.jpg"
        file.write_bytes(last.jpeg)
        before, peak = memory_of(models, file)
    progress("all photographs were looked at", 1.0)
    return AlbumIndex(tuple(costs), tuple(people), before, peak)


class Trial:
    """Looks at photographs of people whom other photographs are known of."""

    def __init__(self, sight: Sight, heads: Sequence[Head]) -> None:
        self._sight = sight
        self._known_from = sight.curve.cosine_at(_RATE)
        self._vectors = {path: self._vector(path) for head in heads for path in (head.path, head.other)}

    def look(self, band: str, photo: GroupPhoto) -> tuple[PhotoCost, list[Seen]]:
        """What looking at it costs, and whom that finds."""
        sight, meter, size = self._sight, Meter(), len(photo.jpeg)
        begun = time.perf_counter()
        meter.start()
        picture = decode_within(photo.jpeg, MAX_WHOLE_PIXELS, max_bytes=size, max_pixels=MAX_ALBUM_PIXELS)
        meter.lap("decode")
        faces = sight.detect_all(picture.image)
        meter.lap("detect")
        vectors = sight.embed([sight.crop(picture.image, face) for face in faces])
        meter.lap("embed")
        thumbnails_of(picture.image, (PREVIEW_SIDE, THUMBNAIL_SIDE))
        meter.lap("pictures")
        wall = time.perf_counter() - begun
        looks = []
        for side in ONE_LOOKS:
            looks.append(replace(sight, long_side=side).detect(picture.image))
            meter.lap(str(side))
        people = []
        taken: set[int] = set()
        for standing in photo.people:
            place = _place_of(standing.box, faces, taken)
            taken |= set() if place is None else {place}
            near, other = (self._vectors[path] for path in (standing.head.path, standing.head.other))
            people.append(
                Seen(
                    height=standing.box.height,
                    found=place is not None,
                    one_look=tuple(_place_of(standing.box, found, set()) is not None for found in looks),
                    known=place is not None and self._alike(vectors[place], other),
                    known_near=self._alike(near, other),
                )
            )
        cost = PhotoCost(
            band=band,
            megabytes=size / 1e6,
            wall_s=wall,
            steps=tuple(meter.steps[step] for step in STEPS),
            false=len(faces) - len(taken),
            looks=tuple(meter.steps[str(side)] for side in ONE_LOOKS),
        )
        return cost, people

    def _alike(self, one: NDArray[np.float32] | None, other: NDArray[np.float32] | None) -> bool:
        return one is not None and other is not None and float(one @ other) >= self._known_from

    def _vector(self, path: Path) -> NDArray[np.float32] | None:
        image = read_photo(path)
        faces = self._sight.detect(image)
        if not faces:
            return None
        vector: NDArray[np.float32] = self._sight.embed([self._sight.crop(image, main_face(faces, image.shape))])[0]
        return vector


def _place_of(box: Box, faces: Sequence[Face], taken: set[int]) -> int | None:
    """Which of the faces lies where somebody stands, unless it is another's."""
    free = [place for place in range(len(faces)) if place not in taken]
    best = max(free, key=lambda place: faces[place].box.iou(box), default=None)
    return None if best is None or faces[best].box.iou(box) < _OVERLAP else best
