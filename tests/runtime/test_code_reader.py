"""QR codes before a camera, read in a process that may die."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import cv2
import numpy as np
import pytest
import segno

from edged.domain.frame import Image
from edged.runtime.clock import SystemClock
from edged.runtime.code_reader import CodeReader

NOTHING: Image = np.full((480, 640, 3), 127, np.uint8)


def code(text: str) -> Image:
    rows = [[0 if dark else 255 for dark in row] for row in segno.make_qr(text, error="q").matrix_iter(border=4)]
    large = cv2.resize(np.array(rows, np.uint8), None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    return cv2.cvtColor(large, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)


@pytest.fixture
def reader() -> Iterator[CodeReader]:
    with closing(CodeReader()) as one:
        yield one


def read(reader: CodeReader, image: Image) -> str:
    """Shows the picture until it is read."""
    clock = SystemClock()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        now = clock.now()
        if held := reader.read(image, now, now):
            return held.text
    raise AssertionError("the code is not read")


def test_it_reads_what_is_held_up(reader: CodeReader) -> None:
    assert read(reader, code("EDGED-PASS")) == "EDGED-PASS"
    now = SystemClock().now()
    assert reader.read(NOTHING, now, now) is None


def test_a_picture_that_kills_the_decoder_ends_nothing_else(reader: CodeReader) -> None:
    assert read(reader, code("first")) == "first"
    died = reader.pid
    assert died is not None
    assert died != os.getpid()
    os.kill(died, signal.SIGABRT)  # as glibc ends a process whose heap OpenCV's decoder has corrupted
    assert read(reader, code("second")) == "second"
    assert reader.pid != died


def test_one_that_hangs_is_ended(reader: CodeReader) -> None:
    assert read(reader, code("first")) == "first"
    hung = reader.pid
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    now = SystemClock().now()
    assert reader.read(NOTHING, now, now) is None
    later = replace(now, mono=now.mono + 11)
    assert reader.read(NOTHING, later, later) is None
    assert reader.pid is None
