"""Where the processor time of a frame goes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import ModelSettings
from edged.domain.curve import Curve
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.person import Candidate, ModelRef
from edged.domain.survey import Survey
from edged.gallery.snapshot import Snapshot
from edged.vision.manifest import Manifest
from edged.vision.session import Session, open_session
from edged.vision.sight import open_sight

GATE: Final = "motion gate"
SCALE: Final = "scale and pad"
DETECTOR: Final = "detector (model)"
DECODE: Final = "decode faces"
ALIGN: Final = "align"
QUALITY: Final = "quality"
CROP: Final = "crops to tensor"
EMBEDDER: Final = "embedder (model)"
UNIT: Final = "unit vectors"
VOTE: Final = "vote, best shot"
LOOK_UP: Final = "look up"
DECIDE: Final = "follow, decide, visits"
STEPS: Final = (GATE, SCALE, DETECTOR, DECODE, ALIGN, QUALITY, CROP, EMBEDDER, UNIT, VOTE, LOOK_UP, DECIDE)
"""Of a frame, in their order."""
MODELS: Final = (DETECTOR, EMBEDDER)
"""The steps in which a model runs; all others are ours."""


class Meter:
    """Processor time of this process, all its threads together, by step.

    Attributes:
        steps: seconds of each step since `start`.
    """

    def __init__(self) -> None:
        self.steps: dict[str, float] = defaultdict(float)
        self._mark = 0.0

    def start(self) -> None:
        """Begins anew; what was used before counts nowhere."""
        self.steps = defaultdict(float)
        self._mark = time.process_time()

    def lap(self, step: str) -> None:
        """What was used since the last lap was this step's."""
        now = time.process_time()
        self.steps[step] += now - self._mark
        self._mark = now


class _MeteredSession:
    """A `Session` that tells the time before its model from the time in it."""

    def __init__(self, session: Session, meter: Meter, before: str, within: str) -> None:
        self._session = session
        self._meter = meter
        self._before = before
        self._within = within

    @property
    def notes(self) -> tuple[str, ...]:
        return self._session.notes

    def run(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        self._meter.lap(self._before)
        outputs = self._session.run(tensor)
        self._meter.lap(self._within)
        return outputs


class MeteredSight:
    """What `Recognizer` sees with, timed step by step.

    Raises:
        Unavailable, Corrupt: as `open_sight`.
    """

    def __init__(self, settings: ModelSettings, meter: Meter) -> None:
        def metered(manifest: Manifest, directory: Path, settings: ModelSettings) -> Session:
            session = open_session(manifest, directory, settings)
            if manifest.role == "detector":
                return _MeteredSession(session, meter, before=SCALE, within=DETECTOR)
            return _MeteredSession(session, meter, before=CROP, within=EMBEDDER)

        self._meter = meter
        self._sight = open_sight(settings, metered)

    @property
    def model(self) -> ModelRef:
        return self._sight.model

    @property
    def curve(self) -> Curve:
        return self._sight.curve

    @property
    def liveness(self) -> None:
        """None is asked."""

    def detect(self, image: Image) -> Sequence[Face]:
        self._meter.lap(DECIDE)
        faces = self._sight.detect(image)
        self._meter.lap(DECODE)
        return faces

    def crop(self, image: Image, face: Face) -> Image:
        self._meter.lap(DECIDE)
        crop = self._sight.crop(image, face)
        self._meter.lap(ALIGN)
        return crop

    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        self._meter.lap(QUALITY)
        vectors = self._sight.embed(crops)
        self._meter.lap(UNIT)
        return vectors


class MeteredMemory:
    """What `Recognizer` looks faces up in, timed."""

    def __init__(self, snapshot: Snapshot, meter: Meter) -> None:
        self._snapshot = snapshot
        self._meter = meter

    @property
    def version(self) -> int:
        return self._snapshot.version

    @property
    def persons(self) -> int:
        return self._snapshot.persons

    @property
    def templates(self) -> int:
        return self._snapshot.templates

    @property
    def survey(self) -> Survey:
        return self._snapshot.survey

    def nearest(self, probes: NDArray[np.float32], k: int = 2) -> Sequence[Sequence[Candidate]]:
        self._meter.lap(VOTE)
        found = self._snapshot.nearest(probes, k)
        self._meter.lap(LOOK_UP)
        return found
