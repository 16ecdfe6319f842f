"""What a frame costs beside its models: everything between the camera's pixels and the events."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edged.cameras.motion import MotionGate
from edged.config.cameras import MotionSettings
from edged.config.document import Document
from edged.domain.errors import Unavailable
from edged.domain.frame import Frame, Moment
from edged.domain.identity import uuid7
from edged.domain.person import ModelRef
from edged.domain.progress import Progress
from edged.gallery.snapshot import Snapshot
from edged.measure.appearances import Appearances
from edged.measure.crowd import crowd
from edged.measure.meter import DECIDE, EMBEDDER, GATE, MODELS, STEPS, Meter, MeteredMemory, MeteredSight
from edged.measure.population import synthetic
from edged.recognition.recognizer import Recognizer, Rules

_FPS: Final = 25.0
_SIZE: Final = (1920, 1080)
_WARM_UP: Final = 25
_PEOPLE: Final = 1000
_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class FrameCost:
    """Processor milliseconds of one frame.

    Attributes:
        frames: how many were measured; embedded: in how many of them the face was embedded.
        p50, p95: of what is not the models.
        steps: means, the models among them, in the order of a frame.
    """

    frames: int
    embedded: int
    p50: float
    p95: float
    steps: dict[str, float]


def measure_frame_cost(
    document: Document, photo: Path, frames: int, progress: Progress, *, look_again_s: float
) -> FrameCost:
    """Judges 1080p frames with one face, 25 a second, as the daemon does, and takes the time of each step.

    From the pixels in hand to the events: motion gate, detection, alignment, quality, embedding, look-up among 1,000
    people, decision, visits. Processor time of all threads. Blocks for about 50 ms a frame.

    Args:
        look_again_s: once decided, the face is embedded again only so often; 0 for every frame.

    Raises:
        Unavailable: no face is found in the frames.
    """
    meter = Meter()
    sight = MeteredSight(document.models, meter)
    memory = MeteredMemory(_crowd(sight.model), meter)
    ids = itertools.count()
    recognizer = Recognizer(sight, lambda at: uuid7(at.utc, next(ids).to_bytes(10, "big")), lambda: bytes(32))
    decision = document.decision.model_copy(update={"look_again_s": look_again_s})
    rules = Rules(document.quality, decision, document.visits, "bench")
    scene = Appearances(photo, width=_SIZE[0], height=_SIZE[1], shown_s=600, empty_s=1)
    gate = MotionGate(MotionSettings())
    taken: list[dict[str, float]] = []
    for number in range(_WARM_UP + frames):
        progress(f"1080p frame {number} of {_WARM_UP + frames}", number / (_WARM_UP + frames))
        t = 1 + number / _FPS
        frame = Frame("bench", number, Moment(t, t), scene.picture(t))
        meter.start()
        gate.moved(frame.image)
        meter.lap(GATE)
        look = recognizer.look(frame, rules, memory)
        meter.lap(DECIDE)
        if len(look.sightings) != 1:
            raise Unavailable(f"{len(look.sightings)} faces are found where one is shown", "Show another photograph.")
        if number >= _WARM_UP:
            taken.append(dict(meter.steps))
    return _summary(taken)


def _summary(taken: list[dict[str, float]]) -> FrameCost:
    work = [sum(seconds for step, seconds in steps.items() if step not in MODELS) * 1000 for steps in taken]
    p50, p95 = np.percentile(work, (50, 95))
    return FrameCost(
        frames=len(taken),
        embedded=sum(EMBEDDER in steps for steps in taken),
        p50=float(p50),
        p95=float(p95),
        steps={step: sum(steps.get(step, 0.0) for steps in taken) * 1000 / len(taken) for step in STEPS},
    )


def _crowd(model: ModelRef) -> Snapshot:
    """A gallery of 1,000 people whom nobody has met."""
    people = synthetic(_PEOPLE, 1, model.dimension, 1, _SEED)
    return Snapshot(model, crowd(people.vectors, people.owners))
