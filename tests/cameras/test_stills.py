"""A folder of photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytest

from edged.cameras.capture import Ended
from edged.cameras.stills import StillsCapture, open_stills
from edged.config.cameras import StillsCamera
from edged.domain.errors import Unavailable
from tests.cameras.conftest import Hours
from tests.cameras.pictures import coloured
from tests.cameras.test_picture import png_bomb


def opened(folder: Path, hours: Hours, **changes: Any) -> StillsCapture:
    settings = StillsCamera.model_validate({"kind": "stills", "folder": str(folder), "interval_s": 2, **changes})
    return open_stills(settings, clock=hours.clock, wait=hours.wait)


def shown(capture: StillsCapture, count: int) -> list[int]:
    seen = []
    for _ in range(count):
        capture.grab()
        seen.append(round(float(capture.retrieve().mean()) / 40))
    return seen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good pictures, and much that is none."""
    cv2.imwrite(str(tmp_path / "a.png"), coloured((40, 40, 40)))
    cv2.imwrite(str(tmp_path / "d.JPG"), coloured((80, 80, 80), 100, 30))
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8 broken")
    (tmp_path / "c.png").write_bytes(png_bomb(60000))
    (tmp_path / "e.png").mkdir()
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


def test_shows_the_pictures_by_name_and_names_what_it_passes_over(
    folder: Path, hours: Hours, caplog: pytest.LogCaptureFixture
) -> None:
    capture = opened(folder, hours)
    assert shown(capture, 2) == [1, 2]
    with pytest.raises(Ended):
        capture.grab()
    assert hours.waits == [2, 2], "each picture stays for its interval, the last one too"
    told = caplog.text
    assert "b.jpg is passed over" in told
    assert "c.png is passed over: the picture claims 60000×60000 pixels" in told
    capture.close()


def test_begins_again_with_what_was_added_and_names_faults_once(
    folder: Path, hours: Hours, caplog: pytest.LogCaptureFixture
) -> None:
    capture = opened(folder, hours, loop=True, interval_s=0)
    assert shown(capture, 2) == [1, 2]
    cv2.imwrite(str(folder / "f.png"), coloured((120, 120, 120)))
    assert shown(capture, 4) == [1, 2, 3, 1]
    assert caplog.text.count("b.jpg") == 1
    assert not hours.waits


@pytest.mark.parametrize("loop", [True, False])
def test_a_folder_of_broken_pictures_is_a_fault(tmp_path: Path, hours: Hours, loop: bool) -> None:
    (tmp_path / "b.jpg").write_bytes(b"broken")
    with pytest.raises(Unavailable, match="not one of its pictures") as failure:
        opened(tmp_path, hours, loop=loop).grab()
    assert not isinstance(failure.value, Ended)


def test_says_what_is_wrong_with_a_folder(tmp_path: Path, hours: Hours) -> None:
    with pytest.raises(Unavailable, match="has no pictures"):
        opened(tmp_path, hours)
    with pytest.raises(Unavailable, match="No such file or directory"):
        opened(tmp_path / "missing", hours)
