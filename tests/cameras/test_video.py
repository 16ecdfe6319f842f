"""A real video file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytest

from edged.cameras.capture import Ended
from edged.cameras.kinds import open_capture
from edged.cameras.video import VideoCapture, open_video
from edged.config.cameras import VideoCamera
from edged.domain.errors import Unavailable
from tests.cameras.conftest import Hours
from tests.cameras.pictures import coloured

FPS = 10
FRAMES = 6


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six frames of rising brightness, ten a second."""
    path = tmp_path_factory.mktemp("video") / "steps.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (64, 48))
    for number in range(FRAMES):
        writer.write(coloured((number * 40,) * 3))
    writer.release()
    return path


def opened(path: Path, hours: Hours, **changes: Any) -> VideoCapture:
    settings = VideoCamera.model_validate({"kind": "video", "path": str(path), **changes})
    return open_video(settings, clock=hours.clock, wait=hours.wait)


def shade(capture: VideoCapture) -> int:
    return round(float(capture.retrieve().mean()) / 40)


def test_plays_at_the_speed_it_was_recorded_and_ends(path: Path, hours: Hours) -> None:
    capture, begun = opened(path, hours), hours.now
    for number in range(FRAMES):
        capture.grab()
        assert hours.now - begun == pytest.approx(number / FPS)
        assert shade(capture) == number
    with pytest.raises(Ended):
        capture.grab()
    capture.close()
    capture.close()


def test_catches_up_after_a_delay(path: Path, hours: Hours) -> None:
    capture, begun = opened(path, hours), hours.now
    capture.grab()
    hours.now += 0.25
    for _ in range(3):
        capture.grab()
    assert hours.now - begun == pytest.approx(0.3)


def test_plays_as_fast_as_it_decodes(path: Path, hours: Hours) -> None:
    capture = opened(path, hours, paced=False)
    for _ in range(FRAMES):
        capture.grab()
    assert not hours.waits
    with pytest.raises(Ended):
        capture.grab()


def test_begins_again(path: Path, hours: Hours) -> None:
    capture = opened(path, hours, loop=True)
    seen = []
    for _ in range(2 * FRAMES + 2):
        capture.grab()
        seen.append(shade(capture))
    assert seen == [*range(FRAMES), *range(FRAMES), 0, 1]


def test_a_file_of_no_frames_does_not_loop_for_ever(tmp_path: Path, hours: Hours) -> None:
    path = tmp_path / "empty.avi"
    cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (64, 48)).release()
    with pytest.raises(Unavailable, match="no video that can be decoded"):
        opened(path, hours, loop=True).grab()


def test_says_what_is_wrong_with_a_file(tmp_path: Path, hours: Hours) -> None:
    with pytest.raises(Unavailable, match="is not there"):
        opened(tmp_path / "missing.mp4", hours)
    with pytest.raises(Unavailable, match="is not a file"):
        opened(tmp_path, hours)
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(Unavailable, match="no video that can be decoded"):
        opened(tmp_path / "text.mp4", hours)


def test_is_opened_by_its_kind(path: Path, hours: Hours) -> None:
    settings = VideoCamera.model_validate({"kind": "video", "path": str(path)})
    capture = open_capture(settings, clock=hours.clock, wait=hours.wait)
    capture.grab()
    assert capture.retrieve().shape == (48, 64, 3)
    capture.close()
