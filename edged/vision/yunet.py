"""YuNet: W. Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20, 2023."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Face
from edged.domain.frame import Image
from edged.vision.decode import Answers, cell_corners, join, to_faces
from edged.vision.manifest import DetectorManifest, Grid
from edged.vision.session import Session
from edged.vision.tensor import fit


class YuNet:
    """A `Detector`. Outputs: class, objectness, box and key points, each for every level in turn."""

    def __init__(self, manifest: DetectorManifest, session: Session) -> None:
        self._manifest = manifest
        self._session = session

    @property
    def certain(self) -> float:
        return self._manifest.score

    @property
    def side(self) -> int | None:
        return self._manifest.input.side

    def detect(self, image: Image, long_side: int, least: float | None = None) -> tuple[Face, ...]:
        least = self.certain if least is None else least
        tensor, scale = fit(image, self._manifest.input, long_side)
        outputs = self._session.run(tensor)
        levels = len(self._manifest.grids)
        answers = join(
            [
                self._decode(grid, tensor.shape[3], least, [output[0] for output in outputs[level::levels]])
                for level, grid in enumerate(self._manifest.grids)
            ]
        )
        return to_faces(answers, self._manifest.overlap, scale)

    def _decode(self, grid: Grid, width: int, least: float, outputs: list[NDArray[np.float32]]) -> Answers:
        """One level. Boxes are a centre in cells and the logarithm of a size in cells."""
        classes, objectness, boxes, points = outputs
        scores = np.sqrt(np.clip(classes[:, 0], 0, 1) * np.clip(objectness[:, 0], 0, 1))
        found = np.flatnonzero(scores >= least)
        corners = cell_corners(found, width // grid.stride, 1)
        centres = (corners + boxes[found, :2]) * grid.stride
        halves = np.exp(boxes[found, 2:]) * (grid.stride / 2)
        landmarks = (points[found].reshape(-1, 5, 2) + corners[:, None]) * grid.stride
        return Answers(scores[found], np.hstack([centres - halves, centres + halves]), landmarks)
