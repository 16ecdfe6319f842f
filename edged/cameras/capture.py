"""What every kind of camera is to the thread that reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from edged.domain.errors import Unavailable
from edged.domain.frame import Image

Clock: TypeAlias = Callable[[], float]
"""Seconds of a clock that never jumps, such as `time.monotonic`."""

Wait: TypeAlias = Callable[[float], None]
"""Blocks for so many seconds (more than 0), or returns sooner because the device is stopping."""


class Ended(Unavailable):
    """A video file or a folder of stills that does not loop has been shown to its end. Not a fault."""


class Capture(Protocol):
    """One opened camera. It serves until the first error; after that it is closed and a new one is opened.

    One thread, its owner, calls `grab`, `retrieve` and `close`. Any other thread may call `interrupt`.
    """

    def grab(self) -> None:
        """Block until the next frame is there and keep it, undecoded where the kind allows that.

        Raises:
            Unavailable: no frame came within the camera's `stall_s`, or the source broke or was interrupted.
            Ended: there are no more frames, and that is as it should be.
        """

    def retrieve(self) -> Image:
        """The frame last grabbed: a new array in BGR, turned, mirrored and cut as the settings ask.

        Does not block. May be called at most once a grab, and need not be called at all.

        Raises:
            Unavailable: the frame cannot be decoded.
        """

    def close(self) -> None:
        """Let go of the device, socket, file or child process; at most a second or so. Twice does no harm."""

    def interrupt(self) -> None:
        """Make a `grab` that is under way in the owner's thread raise, where the kind can: `mjpeg` and `command`.

        Returns at once and releases nothing: the owner still closes. The other kinds block inside a library, which
        gives up by itself after `stall_s`.
        """
