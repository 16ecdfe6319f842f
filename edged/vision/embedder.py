"""From aligned faces to vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.vision.manifest import EmbedderManifest
from edged.vision.session import Session
from edged.vision.tensor import to_tensor

_MOST_AT_ONCE: Final = 8
"""More gain nothing, and the memory that a crowd needs stays taken."""


class Embedder:
    """An SFace or ArcFace-like model. Belongs to the thread that uses it."""

    def __init__(self, manifest: EmbedderManifest, session: Session) -> None:
        self._input = manifest.input
        self._session = session
        self.model: ModelRef = manifest.model
        self.curve: Curve = manifest.curve.value()
        self.template: NDArray[np.float32] = manifest.landmarks
        self.crop_size: tuple[int, int] = manifest.crop_size

    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        """One vector of length one for each aligned BGR crop of `crop_size`, in one run of the model for up to eight.

        Returns:
            float32, shape (len(crops), dimension); no rows for no crops.
        """
        if not crops:
            return np.empty((0, self.model.dimension), np.float32)
        batches = [crops[begin : begin + _MOST_AT_ONCE] for begin in range(0, len(crops), _MOST_AT_ONCE)]
        raw = np.concatenate([self._session.run(to_tensor(batch, self._input))[0] for batch in batches])
        return np.asarray(raw / np.linalg.norm(raw, axis=1, keepdims=True), np.float32)
