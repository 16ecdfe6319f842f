"""What stands in for a passive model is read like one, and stops nobody."""

from __future__ import annotations

from pathlib import Path

from edged.config.document import ModelSettings
from edged.domain.frame import Image
from edged.measure.liveness_stand_in import with_stand_in
from edged.vision.sight import open_sight


def test_a_face_is_scored_as_living(model_settings: ModelSettings, astronaut: Image, tmp_path: Path) -> None:
    sight = open_sight(with_stand_in(model_settings, tmp_path / "models"))
    assert sight.liveness is not None
    (score,) = sight.liveness.score(astronaut, sight.detect(astronaut))
    assert score > sight.liveness.threshold
