"""That the time of a frame is counted, all of it and once. No figure of this machine is asserted."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edged.config.document import Document, ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.progress import quiet
from edged.measure.frame_cost import measure_frame_cost
from edged.measure.gate_saving import measure_gate_saving
from edged.measure.meter import DETECTOR, EMBEDDER, MODELS, STEPS


@pytest.fixture(scope="module")
def document(model_settings: ModelSettings) -> Document:
    return Document(models=model_settings)


def test_every_step_of_a_frame_is_counted(document: Document, astronaut_path: Path) -> None:
    voting = measure_frame_cost(document, astronaut_path, 10, quiet, look_again_s=0.0)
    assert (voting.frames, voting.embedded) == (10, 10)
    assert tuple(voting.steps) == STEPS
    assert all(milliseconds > 0 for milliseconds in voting.steps.values())
    work = sum(milliseconds for step, milliseconds in voting.steps.items() if step not in MODELS)
    assert voting.p50 / 3 < work < voting.p95 * 3, "a mean and percentiles of the same"


def test_a_face_that_is_known_is_not_embedded_again(document: Document, astronaut_path: Path) -> None:
    watching = measure_frame_cost(document, astronaut_path, 10, quiet, look_again_s=60.0)
    assert (watching.frames, watching.embedded, watching.steps[EMBEDDER]) == (10, 0, 0.0)
    assert watching.steps[DETECTOR] > 0


def test_a_photograph_without_a_face_cannot_be_measured(document: Document, tmp_path: Path) -> None:
    photo = tmp_path / "wall.png"
    cv2.imwrite(str(photo), np.full((512, 512, 3), 128, np.uint8))
    with pytest.raises(Unavailable, match="0 faces are found where one is shown"):
        measure_frame_cost(document, photo, 1, quiet, look_again_s=0.0)


def test_a_closed_gate_spares_the_models(document: Document, astronaut_path: Path) -> None:
    for found in measure_gate_saving(document, astronaut_path, 4, quiet):
        assert found.frames == 4
        assert 0 < found.gate < found.without_gate
        assert 0 < found.with_gate < found.without_gate
        assert 0 < found.saved < 1
