"""One real inference, to see that a model works on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edged.config.document import ModelSettings
from edged.domain.errors import Corrupt
from edged.domain.face import Box, Face
from edged.vision.detector import make_detector
from edged.vision.embedder import Embedder
from edged.vision.liveness import LivenessModel
from edged.vision.manifest import BUILD_REMEDY, EmbedderManifest, LivenessManifest, Manifest
from edged.vision.session import open_session

_VIEW: Final = (480, 640, 3)
_FACE: Final = Face(Box(270, 180, 370, 300), 1.0, np.zeros((5, 2), np.float32))


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model did.

    Attributes:
        milliseconds: of the second inference, wall clock; the first one also sets things up.
        notes: what was asked of the runtime and is missing.
    """

    name: str
    milliseconds: float
    notes: tuple[str, ...]


def try_model(manifest: Manifest, directory: Path, settings: ModelSettings) -> Trial:
    """Verifies and loads the model, and runs it twice on noise: a crop, or a picture of 640 × 480.

    Blocks for up to a few seconds.

    Raises:
        Unavailable, Corrupt: as `open_session`; Corrupt also where the answer is not what the manifest
            says.
    """
    session = open_session(manifest, directory, settings)
    noise = np.random.default_rng(1)
    if isinstance(manifest, EmbedderManifest):
        embedder = Embedder(manifest, session)
        width, height = manifest.crop_size
        crop = noise.integers(0, 256, (height, width, 3), np.uint8)
        vector = embedder.embed([crop])[0]
        if vector.shape != (manifest.dimension,) or not np.isclose(np.linalg.norm(vector), 1, atol=1e-3):
            raise Corrupt(f"the model {manifest.name} does not answer as its manifest says", f"{BUILD_REMEDY}.")
        begun = time.perf_counter()
        embedder.embed([crop])
    elif isinstance(manifest, LivenessManifest):
        model = LivenessModel(manifest, session)
        view = noise.integers(0, 256, _VIEW, np.uint8)
        model.score(view, [_FACE])
        begun = time.perf_counter()
        model.score(view, [_FACE])
    else:
        detector = make_detector(manifest, session)
        view = noise.integers(0, 256, _VIEW, np.uint8)
        detector.detect(view, settings.detect_long_side)
        begun = time.perf_counter()
        detector.detect(view, settings.detect_long_side)
    return Trial(manifest.name, (time.perf_counter() - begun) * 1000, session.notes)
