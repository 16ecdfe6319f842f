"""The examples in config/examples are valid and do what they say."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import pytest

from edged.cameras.command import open_command
from edged.config.cameras import CommandCamera
from edged.config.problems import checked
from edged.config.text import read_yaml
from tests.conftest import ROOT

EXAMPLES = sorted((ROOT / "config" / "examples").glob("cameras-*.yaml"))


def cameras(path: Path) -> dict[str, CommandCamera]:
    document = checked(read_yaml(path.read_bytes(), path.name), path.name, path.parent)
    return {name: camera for name, camera in document.cameras.items() if isinstance(camera, CommandCamera)}


def example(kind: str, name: str) -> CommandCamera:
    return cameras(ROOT / "config" / "examples" / f"cameras-{kind}.yaml")[name]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_is_valid_and_asks_for_the_size_it_reads(path: Path) -> None:
    found = cameras(path)
    assert found
    for camera in found.values():
        words = " ".join(camera.argv)
        assert str(camera.width) in words
        assert str(camera.height) in words


def test_the_test_picture_works() -> None:
    if shutil.which("ffmpeg") is None:
        pytest.fail("ffmpeg is missing. Run: apt-get install ffmpeg")
    capture = open_command(example("ffmpeg", "test-picture"), clock=time.monotonic)
    capture.grab()
    image = capture.retrieve()
    assert image.shape == (360, 640, 3)
    assert image.std() > 40
    capture.close()


def test_what_a_jetson_prints_does_not_run_into_its_frames() -> None:
    """The example's shell, around a program that chatters as nvarguscamerasrc does."""
    camera = example("jetson-csi", "entrance")
    shell = camera.argv[: camera.argv.index("gst-launch-1.0")]
    chatter = (
        "import os, sys, time\n"
        "while True:\n"
        "    print('GST_ARGUS: Creating output stream', flush=True)\n"
        "    frame = bytes([200]) * (64 * 48)\n"
        "    while frame: frame = frame[os.write(3, frame):]\n"
    )
    small = camera.model_copy(
        update={"argv": (*shell, sys.executable, "-c", chatter), "width": 64, "height": 48, "pixels": "gray8"}
    )
    capture = open_command(small, clock=time.monotonic)
    for _ in range(3):
        capture.grab()
        assert (capture.retrieve() == 200).all()
    capture.close()
