"""BlazeFace: V. Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Face
from edged.domain.frame import Image
from edged.vision.decode import Answers, cell_corners, to_faces
from edged.vision.manifest import DetectorManifest, Grid
from edged.vision.session import Session
from edged.vision.tensor import fit

_LOGIT_LIMIT: Final = 80.0
"""Keeps the exponential of a raw score within float32."""
_HALF_MOUTH: Final = 0.414
"""Half the width of the mouth over the distance between the eyes, in the template that embedders are trained with."""


class BlazeFace:
    """A `Detector`. Outputs: boxes with key points, and scores; both for all levels together.

    The model gives six points: the eyes, the tip of the nose, the middle of the mouth and the ears. The mouth corners
    of `Face` are derived: the middle of the mouth, moved to both sides along the line between the eyes. The middle and
    the direction are measured, the width is not, which is enough to align a face but not to tell an open mouth or a
    smile.
    """

    def __init__(self, manifest: DetectorManifest, session: Session) -> None:
        size = manifest.input.size
        if size is None:
            raise ValueError("BlazeFace needs a manifest with width and height")
        self._manifest = manifest
        self._session = session
        self._anchors = np.concatenate([_middles(grid, *size) for grid in manifest.grids])

    @property
    def certain(self) -> float:
        return self._manifest.score

    @property
    def side(self) -> int | None:
        return self._manifest.input.side

    def detect(
        self,
        image: Image,
        long_side: int,  # noqa: ARG002  one fixed input size
        least: float | None = None,
    ) -> tuple[Face, ...]:
        tensor, scale = fit(image, self._manifest.input, 0)
        regressors, logits = (output[0] for output in self._session.run(tensor))
        scores = 1 / (1 + np.exp(-np.clip(logits[:, 0], -_LOGIT_LIMIT, _LOGIT_LIMIT)))
        found = np.flatnonzero(scores >= (self.certain if least is None else least))
        # Each row is (x, y) pairs in input pixels: centre and size of the box, then six points; all but the size
        # count from the middle of the anchor's cell.
        pairs = regressors[found].reshape(-1, 8, 2)
        halves = pairs[:, 1] / 2
        placed = pairs + self._anchors[found, None]
        boxes = np.hstack([placed[:, 0] - halves, placed[:, 0] + halves])
        answers = Answers(scores[found], boxes, _five_landmarks(placed[:, 2:6]))
        return to_faces(answers, self._manifest.overlap, scale)


def _middles(grid: Grid, width: int, height: int) -> NDArray[np.float32]:
    """The middle of each answer's cell, in input pixels."""
    columns, rows = width // grid.stride, height // grid.stride
    every = np.arange(columns * rows * grid.anchors)
    return (cell_corners(every, columns, grid.anchors) + np.float32(0.5)) * np.float32(grid.stride)


def _five_landmarks(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """From eyes, nose and middle of the mouth, shape (n, 4, 2), to the landmarks of `Face`, shape (n, 5, 2)."""
    left_eye, right_eye, nose, mouth = points.transpose(1, 0, 2)
    aside = (right_eye - left_eye) * _HALF_MOUTH
    return np.stack([left_eye, right_eye, nose, mouth - aside, mouth + aside], axis=1)
