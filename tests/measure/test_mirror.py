"""How far the mirror is behind the camera is measured by what is seen in it."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from edged.measure.clock_camera import BITS, HEIGHT, picture
from edged.measure.mirror import MirrorTrial, looking, mirror_report
from edged.measure.mirror_site import watch


def trial(*, p95: float, busy: bool = False) -> MirrorTrial:
    return MirrorTrial((800, 480), (640, 360), busy, 40, 25.0, 40.0, p95, p95 + 5, 30.0, 60.0, 0.125, 0.375)


def test_the_camera_draws_the_time() -> None:
    room = np.full((720, 1280, 3), 90, np.uint8)
    now = 1_764_156_000_123
    row = picture(room, now, 0.5)[round(720 * HEIGHT / 2), :, 0]
    bits = [int(row[round((bit + 0.5) * 1280 / BITS)] > 127) for bit in range(BITS)]
    assert int("".join(map(str, bits)), 2) == now % 2**BITS
    assert room.max() == 90, "the room stays as it was"


def test_the_report_says_what_was_reached_and_what_was_missed() -> None:
    text = mirror_report((trial(p95=149.0), trial(p95=212.0, busy=True))).text()
    lines = [line.split("  ") for line in text.splitlines()]
    assert [words[-1].strip() for words in lines if words[-1].strip() in {"reached", "missed"}] == ["reached", "missed"]
    assert "12 %" in text
    assert "800 × 480, recognition busy" in text


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_reads_the_time_off_the_mirror() -> None:
    with looking() as eye:
        found = watch(eye, 5, (800, 480))
    assert len(found.seen) == 5
    assert found.size == (640, 360)
    assert all(0 <= taken <= behind < 60_000 for behind, taken, _ in found.seen)
    assert found.browser_s > 0
