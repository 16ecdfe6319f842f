"""A camera that shows what time it is, as a program: raw frames on standard output.

    python -m edged.measure.clock_camera FPS WIDTH HEIGHT

Frames are BGR, 24 bits: a room with some grain, something that moves, and along the upper edge a row of squares, black
for 0 and white for 1: the milliseconds since the Unix epoch at which the frame was handed out, the lowest bits of
them, the highest one first.
"""

from __future__ import annotations

import itertools
import math
import sys
import time
from typing import Final

import numpy as np

from edged.domain.frame import Image

BITS: Final = 24
"""4.6 hours."""
HEIGHT: Final = 0.06
"""Of the row, in parts of the frame's height."""
_ROOMS: Final = 8
"""So many grains, one after the other: a sensor's noise never stands still."""


def picture(room: Image, milliseconds: int, t: float) -> Image:
    """The frame of a moment; `t`: seconds since the first."""
    height, width = room.shape[:2]
    frame = room.copy()
    x = round(width * (0.5 + 0.3 * math.sin(2 * t)))
    frame[height // 3 : height // 2, max(0, x - width // 16) : x + width // 16] = (80, 120, 200)
    row = frame[: round(HEIGHT * height)]
    for bit in range(BITS):
        white = milliseconds >> (BITS - 1 - bit) & 1
        row[:, bit * width // BITS : (bit + 1) * width // BITS] = 255 * white
    return frame


def command(fps: float, width: int, height: int) -> list[str]:
    """What to start for such a camera."""
    return [sys.executable, "-m", __name__, str(fps), str(width), str(height)]


def _main(fps: str, width: str, height: str) -> None:
    chance = np.random.default_rng(1)
    light = np.linspace(70, 190, int(width))[None, :, None] * np.linspace(1.0, 0.7, int(height))[:, None, None]
    grains = (chance.normal(0, 3, (int(height), int(width), 3)) for _ in range(_ROOMS))
    rooms = [np.clip(light + grain, 0, 255).astype(np.uint8) for grain in grains]
    begun = time.monotonic()
    try:
        for number in itertools.count():
            t = number / float(fps)
            time.sleep(max(0.0, begun + t - time.monotonic()))
            sys.stdout.buffer.write(picture(rooms[number % _ROOMS], int(1000 * time.time()), t).data)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stderr.close()  # the reader has hung up, as readers do


if __name__ == "__main__":
    _main(*sys.argv[1:])
