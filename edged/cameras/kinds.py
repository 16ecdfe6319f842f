"""From a camera's settings to an opened camera."""

from __future__ import annotations

from edged.cameras.capture import Capture, Clock, Wait
from edged.config.cameras import CameraSettings


def open_capture(settings: CameraSettings, *, clock: Clock, wait: Wait) -> Capture:
    """Open a camera of any kind. Blocks for at most about `settings.open_timeout_s`.

    Args:
        settings: which camera, and how to look at it.
        clock: times deadlines and the frames of the kinds that have no hardware to time them.
        wait: how those kinds (`video`, `stills`, `demo`) wait for the next frame's time.

    Raises:
        Unavailable: it cannot be opened now; the message says why and what to do, without any credentials.
    """
    raise NotImplementedError
