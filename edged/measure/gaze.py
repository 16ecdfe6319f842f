"""What a pair of models sees in many photographs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import QualitySettings
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.progress import Progress
from edged.vision.photo import read_photo
from edged.vision.quality import find_flaw, measure
from edged.vision.sight import Sight

_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Gaze:
    """The faces of some photographs.

    Attributes:
        paths: of the photographs in which a face was found.
        vectors: float32, shape (len(paths), dimension), unit length, in the same order.
        missed: photographs in which none was found.
        flaws: how many faces the quality gate would refuse, by reason.
        cpu_ms: processor time for one photograph, all steps from decoding on.
    """

    paths: tuple[Path, ...]
    vectors: NDArray[np.float32]
    missed: tuple[Path, ...]
    flaws: dict[str, int]
    cpu_ms: float

    def places(self) -> dict[Path, int]:
        """The row of each photograph."""
        return {path: row for row, path in enumerate(self.paths)}


def gaze(sight: Sight, paths: Sequence[Path], quality: QualitySettings, progress: Progress) -> Gaze:
    """Finds the main face of each photograph and embeds it. Blocks for about 20 ms a photograph.

    Raises:
        Refused: a photograph cannot be read.
    """
    begun = time.process_time()
    seen: list[Path] = []
    missed: list[Path] = []
    flaws: Counter[str] = Counter()
    vectors: list[NDArray[np.float32]] = []
    for begin in range(0, len(paths), _AT_ONCE):
        progress(f"photograph {begin} of {len(paths)}", begin / len(paths))
        crops: list[Image] = []
        for path in paths[begin : begin + _AT_ONCE]:
            image = read_photo(path)
            faces = sight.detect(image)
            if not faces:
                missed.append(path)
                continue
            face = main_face(faces, image.shape)
            crops.append(sight.crop(image, face))
            flaw = find_flaw(measure(face, crops[-1]), face, image.shape, quality)
            flaws.update([flaw.value] if flaw else [])
            seen.append(path)
        vectors.append(sight.embed(crops))
    progress("all photographs were looked at", 1.0)
    cpu_ms = (time.process_time() - begun) * 1000 / max(len(paths), 1)
    return Gaze(tuple(seen), np.concatenate(vectors), tuple(missed), dict(flaws), cpu_ms)


def main_face(faces: Sequence[Face], shape: tuple[int, ...]) -> Face:
    """The face that a photograph is of: large, and near the middle.

    LFW's label is that of the face which contains the middle of the picture.
    """
    height, width = shape[:2]

    def prominence(face: Face) -> float:
        x, y = face.box.centre
        return float(np.sqrt(face.box.area) - 2 * np.hypot(x - width / 2, y - height / 2))

    return max(faces, key=prominence)
