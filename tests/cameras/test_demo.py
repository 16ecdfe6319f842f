"""The demo camera shows a face that the detector finds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edged.cameras.demo import DemoScene, open_demo
from edged.config.cameras import DemoCamera
from edged.domain.errors import Unavailable
from edged.vision.sight import Sight
from tests.cameras.conftest import Hours
from tests.cameras.pictures import coloured


def settings(photo: Path, **changes: Any) -> DemoCamera:
    return DemoCamera.model_validate({"kind": "demo", "photo": str(photo), "appear_s": 6, "absent_s": 4, **changes})


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_the_face_is_found_while_it_is_there_and_only_then(astronaut_path: Path, sight: Sight, seed: int) -> None:
    scene = DemoScene(settings(astronaut_path, seed=seed))
    for round_begins in (0, 10):
        for t in (0, 2, 3.9):
            assert not sight.detect(scene.render(round_begins + t))
        for t in (5.2, 6.5, 8, 8.8):
            (face,) = sight.detect(scene.render(round_begins + t))
            assert face.score > 0.85
            assert 130 <= face.box.width <= 210


def test_the_face_comes_in_from_a_side_and_leaves(astronaut_path: Path) -> None:
    scene = DemoScene(settings(astronaut_path))
    wall = scene.render(0).astype(np.int16)
    changed = [
        float(np.mean(np.abs(scene.render(4 + t).astype(np.int16) - wall) > 30)) for t in (0, 0.4, 1.2, 5.6, 5.999)
    ]
    assert changed[0] < 0.01 < changed[1] < changed[2] > changed[3] > changed[4]
    assert changed[4] < 0.01


def test_is_the_same_for_the_same_seed_and_another_for_another(astronaut_path: Path) -> None:
    again = DemoScene(settings(astronaut_path)).render(6.25)
    assert (DemoScene(settings(astronaut_path)).render(6.25) == again).all()
    other = DemoScene(settings(astronaut_path, seed=8)).render(6.25)
    assert np.mean(np.abs(other.astype(np.int16) - again)) > 5


@pytest.mark.parametrize(("width", "height"), [(160, 120), (1920, 1080), (300, 900)])
def test_fits_every_size(astronaut_path: Path, width: int, height: int) -> None:
    scene = DemoScene(settings(astronaut_path, width=width, height=height))
    for t in np.arange(3.9, 10.1, 0.31):
        assert scene.render(float(t)).shape == (height, width, 3)


def test_gives_frames_at_its_rate_and_passes_by_what_nobody_had_time_for(astronaut_path: Path, hours: Hours) -> None:
    camera = settings(astronaut_path, fps=10, rotate=90)
    capture = open_demo(camera, clock=hours.clock, wait=hours.wait)
    begun = hours.now
    for number in range(5):
        capture.grab()
        assert hours.now - begun == pytest.approx(number / 10)
    hours.now += 4.65
    capture.grab()
    scene = cv2.rotate(DemoScene(camera).render(math.floor(50.5) / 10), cv2.ROTATE_90_CLOCKWISE)
    assert (capture.retrieve() == scene).all()
    capture.close()


def test_says_what_is_wrong_with_the_photograph(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        DemoScene(settings(tmp_path / "missing.png"))
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(Unavailable, match="not a JPEG or PNG"):
        DemoScene(settings(tmp_path / "text.png"))
    cv2.imwrite(str(tmp_path / "small.png"), coloured((0, 0, 0)))
    with pytest.raises(Unavailable, match="smaller than 128×128"):
        DemoScene(settings(tmp_path / "small.png"))
