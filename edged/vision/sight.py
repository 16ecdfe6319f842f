"""Sight: from a picture to faces, aligned crops and embeddings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.config.document import ModelSettings
from edged.domain.curve import Curve
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.vision.align import align, crop_of_keepsake, keepsake
from edged.vision.detector import Detector, make_detector
from edged.vision.embedder import Embedder
from edged.vision.group import find_all
from edged.vision.liveness import LivenessModel
from edged.vision.manifest import Manifest, read_detector, read_embedder, read_liveness
from edged.vision.session import Session, open_session


@dataclass(frozen=True, slots=True)
class Sight:
    """A detector and an embedder that work together. Belongs to the thread that uses it.

    Attributes:
        long_side: pictures are scaled down to so many pixels on their longer side before faces are looked for. For
            another value make another Sight with `dataclasses.replace`: the models stay loaded.
        notes: what was asked of the runtimes and is missing, one sentence each.
        liveness: scores how alive faces look; None unless the configuration names a model for it.
    """

    detector: Detector
    embedder: Embedder
    long_side: int
    notes: tuple[str, ...] = ()
    liveness: LivenessModel | None = None

    @property
    def model(self) -> ModelRef:
        """The embedder's; what every embedding is bound to."""
        return self.embedder.model

    @property
    def curve(self) -> Curve:
        """What a cosine of two embeddings means."""
        return self.embedder.curve

    def detect(self, image: Image) -> tuple[Face, ...]:
        """All faces of a BGR picture, the most certain first, in its pixels. Blocks for one inference."""
        return self.detector.detect(image, self.long_side)

    def detect_all(self, image: Image) -> tuple[Face, ...]:
        """All faces of a photograph of many people, see `edged.vision.group.find_all`. Blocks for many inferences."""
        return find_all(self.detector, image)

    def crop(self, image: Image, face: Face) -> Image:
        """The face aligned as the embedder wants it: a new BGR image, black where the picture does not reach."""
        return align(image, face.landmarks, self.embedder.template, self.embedder.crop_size)

    def keepsake(self, image: Image, face: Face) -> Image:
        """The face as it is kept for models to come; see `edged.vision.align.keepsake`."""
        return keepsake(image, face.landmarks)

    def crop_again(self, kept: Image) -> Image:
        """The face of a keepsake as this embedder wants it."""
        return crop_of_keepsake(kept, self.embedder.template, self.embedder.crop_size)

    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        """One unit vector a crop, float32, shape (crops, dimension). Blocks for one inference of all of them."""
        return self.embedder.embed(crops)


Opener = Callable[[Manifest, Path, ModelSettings], Session]
"""Opens a model; see `open_session`."""


def open_sight(settings: ModelSettings, opener: Opener = open_session) -> Sight:
    """Loads and verifies the detector, the embedder, and a liveness model where one is configured.

    Blocks for about a second; call it from the thread that will use the result. From then on OpenCV computes in the
    thread that calls it alone: shared out to two, a 1080p frame took a fifth more processor time for nothing.

    Args:
        opener: opens each model.

    Raises:
        Unavailable: a manifest or a model file is missing; the remedy says what to run.
        Corrupt: a file is damaged, or is not what its manifest says.
    """
    cv2.setNumThreads(1)
    directory = settings.directory
    detector = read_detector(directory, settings.detector)
    embedder = read_embedder(directory, settings.embedder)
    finding = opener(detector, directory, settings)
    embedding = opener(embedder, directory, settings)
    liveness, notes = None, finding.notes + embedding.notes
    if settings.liveness is not None:
        manifest = read_liveness(directory, settings.liveness)
        scoring = opener(manifest, directory, settings)
        liveness, notes = LivenessModel(manifest, scoring), notes + scoring.notes
    return Sight(
        detector=make_detector(detector, finding),
        embedder=Embedder(embedder, embedding),
        long_side=settings.detect_long_side,
        notes=tuple(dict.fromkeys(notes)),
        liveness=liveness,
    )
