"""Cameras of this machine. What needs a real one is skipped where there is none."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from edged.cameras.devices import find_cameras, query
from edged.cameras.kinds import open_capture
from edged.config.cameras import V4l2Camera
from edged.domain.errors import Unavailable

NOBODY = 65534


def test_says_that_there_is_no_camera(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no camera at"):
        open_capture(
            V4l2Camera.model_validate({"kind": "v4l2", "device": str(tmp_path / "video0")}),
            clock=time.monotonic,
            wait=time.sleep,
        )


def test_says_that_something_else_is_no_camera(tmp_path: Path) -> None:
    (tmp_path / "video0").write_text("not a device")
    for path in (tmp_path / "video0", Path("/dev/null")):
        with pytest.raises(Unavailable, match="is not a camera"):
            query(path)


def test_names_the_group_that_may_use_cameras(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch(mode=0)
    user = os.geteuid()
    if user == 0:
        tmp_path.chmod(0o755)
        os.seteuid(NOBODY)  # root may open anything
    try:
        with pytest.raises(Unavailable, match="group `video`"):
            query(node)
    finally:
        os.seteuid(user)


def test_finds_nothing_among_files_that_are_no_cameras(tmp_path: Path) -> None:
    for name in ("video0", "video10", "video-notes"):
        (tmp_path / name).touch()
    assert find_cameras(tmp_path) == []


def test_every_camera_of_this_machine_gives_frames() -> None:
    cameras = find_cameras()
    if not cameras:
        pytest.skip("no camera is plugged into this machine")
    for camera in cameras:
        settings = V4l2Camera.model_validate({"kind": "v4l2", "device": str(camera.path)})
        capture = open_capture(settings, clock=time.monotonic, wait=time.sleep)
        capture.grab()
        assert capture.retrieve().ndim == 3
        capture.close()
