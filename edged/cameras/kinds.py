"""From a camera's settings to an opened camera."""

from __future__ import annotations

from typing import assert_never

from edged.cameras.capture import Capture, Clock, Wait
from edged.cameras.command import open_command
from edged.cameras.demo import open_demo
from edged.cameras.mjpeg import open_mjpeg
from edged.cameras.rtsp import open_rtsp
from edged.cameras.stills import open_stills
from edged.cameras.v4l2 import open_v4l2
from edged.cameras.video import open_video
from edged.config.cameras import (
    CameraSettings,
    CommandCamera,
    DemoCamera,
    MjpegCamera,
    RtspCamera,
    StillsCamera,
    V4l2Camera,
    VideoCamera,
)


def open_capture(settings: CameraSettings, *, clock: Clock, wait: Wait) -> Capture:  # noqa: PLR0911  one return a kind
    """Open a camera of any kind. Blocks for at most about `settings.open_timeout_s`, where its library allows.

    Args:
        settings: which camera, and how to look at it.
        clock: times deadlines and the frames of the kinds that have no hardware to time them.
        wait: how those kinds (`video`, `stills`, `demo`) wait for the next frame's time.

    Raises:
        Unavailable: it cannot be opened now; the message says why and what to do, without any credentials.
    """
    match settings:
        case V4l2Camera():
            return open_v4l2(settings)
        case RtspCamera():
            return open_rtsp(settings, clock=clock)
        case MjpegCamera():
            return open_mjpeg(settings, clock=clock)
        case VideoCamera():
            return open_video(settings, clock=clock, wait=wait)
        case StillsCamera():
            return open_stills(settings, clock=clock, wait=wait)
        case CommandCamera():
            return open_command(settings, clock=clock)
        case DemoCamera():
            return open_demo(settings, clock=clock, wait=wait)
        case _:
            assert_never(settings)
