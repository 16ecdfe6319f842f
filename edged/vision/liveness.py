"""How much a face looks like that of a living person, by a model that was brought along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Corrupt
from edged.domain.face import Box, Face
from edged.domain.frame import Image
from edged.vision.manifest import LivenessManifest
from edged.vision.session import Session
from edged.vision.tensor import to_tensor

_MOST_AT_ONCE: Final = 8
_STEEPEST: Final = 60.0
"""Beyond it the logistic function is 0 or 1 to the last digit, and the exponential would overflow."""


class LivenessModel:
    """A model that scores faces in their surroundings. Belongs to the thread that uses it.

    Attributes:
        threshold: the manifest's: below it a face is a spoof.
    """

    def __init__(self, manifest: LivenessManifest, session: Session) -> None:
        self._manifest = manifest
        self._session = session
        self.threshold: float = manifest.threshold

    def score(self, image: Image, faces: Sequence[Face]) -> NDArray[np.float32]:
        """How alive each face of a BGR picture looks, 0–1. Blocks for one inference, for up to eight faces.

        Returns:
            float32, shape (len(faces),).

        Raises:
            Corrupt: the model does not answer as its manifest says.
        """
        if not faces:
            return np.empty(0, np.float32)
        crops = [square(image, face.box, self._manifest.scale, self._manifest.crop_size) for face in faces]
        batches = [crops[begin : begin + _MOST_AT_ONCE] for begin in range(0, len(crops), _MOST_AT_ONCE)]
        rows = [self._session.run(to_tensor(batch, self._manifest.input))[0] for batch in batches]
        return self._read(
            np.concatenate([row.reshape(len(batch), -1) for row, batch in zip(rows, batches, strict=True)])
        )

    def _read(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        place = self._manifest.live
        if place >= rows.shape[1]:
            raise Corrupt(
                f"the model {self._manifest.name} has {rows.shape[1]} outputs a face, and none numbered {place}",
                "Set `live` in its manifest to the place that says how alive a face is.",
            )
        own = rows[:, place].astype(np.float64)
        if self._manifest.activation == "softmax":
            powers = np.exp(rows - rows.max(axis=1, keepdims=True))
            own = powers[:, place] / powers.sum(axis=1)
        elif self._manifest.activation == "sigmoid":
            own = 1 / (1 + np.exp(-np.clip(own, -_STEEPEST, _STEEPEST)))
        return np.asarray(np.clip(np.nan_to_num(own, nan=0.0), 0.0, 1.0), np.float32)


def square(image: Image, box: Box, scale: float, size: tuple[int, int]) -> Image:
    """A square around a box, so many times as long as its longer side, at another size; black beyond the picture."""
    side = max(1, round(max(box.width, box.height) * scale))
    x, y = box.centre
    left, top = round(x - side / 2), round(y - side / 2)
    cut = np.zeros((size[1], size[0], 3), np.uint8)
    part = image[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
    if part.size == 0:
        return cut
    zoom = size[0] / side, size[1] / side
    column, row = round((max(0, left) - left) * zoom[0]), round((max(0, top) - top) * zoom[1])
    width = max(1, min(size[0] - column, round(part.shape[1] * zoom[0])))
    height = max(1, min(size[1] - row, round(part.shape[0] * zoom[1])))
    method = cv2.INTER_AREA if side > max(size) else cv2.INTER_LINEAR
    room = cut[row : row + height, column : column + width]
    if room.size:
        room[:] = cv2.resize(part, (room.shape[1], room.shape[0]), interpolation=method)
    return cut
