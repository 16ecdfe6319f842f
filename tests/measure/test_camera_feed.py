from __future__ import annotations

import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from edged.measure.appearances import Appearances
from edged.measure.camera_feed import command
from edged.vision.sight import Sight

WIDTH, HEIGHT = 320, 240


def test_a_face_is_there_from_one_frame_to_the_next(sight: Sight, astronaut_path: Path) -> None:
    scene = Appearances(astronaut_path, width=640, height=480, shown_s=1.0, empty_s=1.0)
    assert [scene.number(t) for t in (0.0, 0.99, 1.0, 1.99, 2.0, 3.0)] == [None, None, 0, 0, None, 1]
    for t in (0.0, 0.93, 2.0, 2.93):
        assert not sight.detect(scene.picture(t)), t
    for t in (1.0, 1.93, 3.0, 3.93, 5.0):
        (face,) = sight.detect(scene.picture(t))
        assert face.box.x1 > 0, t
        assert face.box.x2 < 640, t
        assert face.score > 0.8, t


def test_the_feed_writes_down_when_it_shows_the_face(sight: Sight, astronaut_path: Path, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    argv = command(astronaut_path, diary, fps=20, size=(WIDTH, HEIGHT), shown_s=0.5, empty_s=0.5)
    begun = time.monotonic()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as feed:
        assert feed.stdout is not None
        assert feed.stderr is not None
        data = feed.stdout.read(WIDTH * HEIGHT * 3 * 31)
        read = time.monotonic()
        feed.stdout.close()
        assert feed.wait(10) == 0, "it ends when nobody reads any more"
        assert not feed.stderr.read()
    frames = np.frombuffer(data, np.uint8).reshape(31, HEIGHT, WIDTH, 3)
    assert [bool(sight.detect(frame)) for frame in frames[::5]] == [False, False, True, True, False, False, True]
    first, second = (float(line) for line in diary.read_text().split()[:2])
    assert begun < first < second < read
    assert second - first == pytest.approx(1.0, abs=0.5)
