"""A camera for measuring, as a program: raw frames on standard output, and a diary of when a face appeared.

    python -m edged.measure.camera_feed PHOTO DIARY FPS WIDTH HEIGHT SHOWN_S EMPTY_S

Frames are BGR, 24 bits. For each frame that is the first to show the face, DIARY gets a line with the moment at which
it was handed out: seconds of the monotonic clock, which all programs of a machine share.
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

from edged.measure.appearances import Appearances


def feed(scene: Appearances, diary: Path, fps: float) -> None:
    """Shows the scene until nobody reads any more. Blocks."""
    begun = time.monotonic()
    last: int | None = None
    with diary.open("w", encoding="ascii", buffering=1) as lines:
        for frame in itertools.count():
            t = frame / fps
            picture = scene.picture(t)
            time.sleep(max(0.0, begun + t - time.monotonic()))
            number = scene.number(t)
            if number is not None and number != last:
                lines.write(f"{time.monotonic()}\n")
            last = number
            sys.stdout.buffer.write(picture.data)
            sys.stdout.buffer.flush()


def command(
    photo: Path, diary: Path, *, fps: float, size: tuple[int, int], shown_s: float, empty_s: float
) -> list[str]:
    """What to start for such a camera."""
    words = (photo.resolve(), diary.resolve(), fps, *size, shown_s, empty_s)
    return [sys.executable, "-m", __name__, *map(str, words)]


def _main(photo: str, diary: str, fps: str, width: str, height: str, shown_s: str, empty_s: str) -> None:
    scene = Appearances(
        Path(photo), width=int(width), height=int(height), shown_s=float(shown_s), empty_s=float(empty_s)
    )
    try:
        feed(scene, Path(diary), float(fps))
    except BrokenPipeError:
        sys.stderr.close()  # the reader has hung up, as readers do: nothing is left to flush, nothing to complain of


if __name__ == "__main__":
    _main(*sys.argv[1:])
