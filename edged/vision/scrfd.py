"""SCRFD: J. Guo et al., "Sample and Computation Redistribution for Efficient Face Detection", ICLR 2022."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Face
from edged.domain.frame import Image
from edged.vision.decode import Answers, cell_corners, join, to_faces
from edged.vision.manifest import DetectorManifest, Grid
from edged.vision.session import Session
from edged.vision.tensor import fit


class Scrfd:
    """A `Detector`. Outputs: score, box and key points, each for every level in turn."""

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
                self._decode(grid, tensor.shape[3], least, outputs[level::levels])
                for level, grid in enumerate(self._manifest.grids)
            ]
        )
        return to_faces(answers, self._manifest.overlap, scale)

    def _decode(self, grid: Grid, width: int, least: float, outputs: list[NDArray[np.float32]]) -> Answers:
        """One level. Boxes are the distances of their four sides from the cell's corner, in strides."""
        scores, sides, points = outputs[0].reshape(-1), outputs[1].reshape(-1, 4), outputs[2].reshape(-1, 5, 2)
        found = np.flatnonzero(scores >= least)
        corners = cell_corners(found, width // grid.stride, grid.anchors)
        boxes = np.hstack([corners - sides[found, :2], corners + sides[found, 2:]]) * grid.stride
        landmarks = (points[found] + corners[:, None]) * grid.stride
        return Answers(scores[found], boxes, landmarks)
