"""A camera for a moment, whether the daemon has it or not."""

from __future__ import annotations

from typing import Final

from pydantic import SecretStr

from edged.cameras.capture import Capture, Ended
from edged.cameras.kinds import open_capture
from edged.cameras.mjpeg import open_mjpeg
from edged.config.cameras import MjpegCamera
from edged.config.document import Document, HttpSettings
from edged.domain.errors import Refused, Unavailable
from edged.domain.progress import Progress
from edged.recognition.sitting import Sitting
from edged.runtime.clock import Clock

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  to speak to it, not to listen


def lend_eye(document: Document, camera: str, clock: Clock) -> Capture:
    """Opens a camera of the document; to be closed.

    A running daemon has its cameras to itself, so it is asked for its live picture first, which is at most 960 px wide;
    where none answers, the camera itself is opened.

    Raises:
        Refused: `no_such_camera`.
        Unavailable: it gives no pictures.
    """
    settings = document.cameras.get(camera)
    if settings is None:
        known = ", ".join(document.cameras) or "none"
        raise Refused("no_such_camera", f"there is no camera {camera}", f"The configuration has: {known}.")
    if document.http.enabled and document.http.port:
        try:
            return open_mjpeg(_live(document.http, camera), clock=lambda: clock.now().mono)
        except Unavailable:
            pass  # no daemon, or it has no picture of this camera: the camera itself says more
    return open_capture(settings, clock=lambda: clock.now().mono, wait=clock.sleep)


def sit(capture: Capture, sitting: Sitting, seconds: float, clock: Clock, progress: Progress) -> None:
    """Shows a sitting frame after frame until it is complete or the time is over. Blocks for so long.

    Raises:
        Unavailable: the camera gives no more pictures, and none was taken before.
    """
    began = clock.now().mono
    while not sitting.complete and (since := clock.now().mono - began) < seconds:
        try:
            capture.grab()
            words = sitting.look(capture.retrieve())
        except Unavailable as error:
            if sitting.portraits or isinstance(error, Ended):
                return
            raise
        progress(words, since / seconds)


def _live(http: HttpSettings, camera: str) -> MjpegCamera:
    host = _EVERYWHERE.get(http.listen, http.listen)
    address = f"[{host}]" if ":" in host else host
    url = f"http://{address}:{http.port}/api/v1/cameras/{camera}/live.mjpeg"
    return MjpegCamera(kind="mjpeg", url=SecretStr(url), open_timeout_s=2.0)
