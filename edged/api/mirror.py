"""A camera's picture as a mirror shows it: the newest frame at once, and nothing about who is in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final

import anyio
import cv2
from anyio import to_thread
from starlette.requests import Request

from edged.api.streams import Streams
from edged.domain.frame import Frame, Image, Moment

BOUNDARY: Final = "mirror"
MEDIA_TYPE: Final = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
SIDES: Final = (640, 960, 1280)
"""Longer sides, in pixels, at which a mirror is shown."""

_APART_S: Final = 0.9 / 25
"""So far apart are two pictures at least, by the camera's clock: 25 a second, with a tenth for its jitter. What comes
in between is skipped, never delayed: a picture is sent when it is new, or not at all."""
_LOOK_S: Final = 0.004
"""A camera does not tell when it has a new frame; so long can one lie there unseen."""
_EXPECTED: Final = 0.6
"""Nobody looks before this part of the last distance between two frames has gone by."""
_MOST_AWAY_S: Final = 2.0
"""Without a frame for so long, the mirror ends: whoever watches asks again and shows meanwhile that it is away."""
_QUALITY: Final = (cv2.IMWRITE_JPEG_QUALITY, 75)


def side_asked(request: Request) -> int:
    """One of `SIDES`: the least that is as long as the request's `side` asks for; the middle one where it asks for
    none.
    """
    asked = request.query_params.get("side", "")
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else SIDES[1]
    return next((side for side in SIDES if side >= wanted), SIDES[-1])


class Mirror:
    """Shows the newest frame to whoever stands before it. Belongs to the event loop.

    A frame is made into a JPEG once for each size, however many watch, on a worker thread and only while somebody does.

    Args:
        newest: the camera's newest frame; None while it gives none. Called on the event loop, so it must not block.
        streams: looked at between two pictures.
    """

    def __init__(self, newest: Callable[[], Frame | None], streams: Streams) -> None:
        self._newest = newest
        self._streams = streams
        self._making = anyio.Lock()
        self._made: dict[int, tuple[Moment, bytes]] = {}
        """By size, when the last frame was taken and what was made of it."""

    async def parts(self, side: int) -> AsyncIterator[bytes]:
        """The parts of a `multipart/x-mixed-replace` body, until the camera has been away for two seconds.

        Each part is a JPEG of at most so many pixels on the longer side. Its header `Edged-Taken` says when the frame
        was taken, in milliseconds since the Unix epoch. The next part is made of the frame that is newest when the
        reader has taken the last one: for a slow reader pictures are left out, and none is late.

        Args:
            side: one of `SIDES`.
        """
        shown = Moment(float("-inf"), 0.0)
        apart = 0.0
        while (frame := await self._after(shown, apart)) is not None:
            apart = min(frame.at.mono - shown.mono, 1.0)
            shown = frame.at
            yield await self._part(side, frame)

    async def _after(self, shown: Moment, apart: float) -> Frame | None:
        """The first frame that is newer by enough; None when none comes, or the server stops."""
        begun = anyio.current_time()
        await anyio.sleep(min(_EXPECTED * apart, _APART_S))
        while not self._streams.closing and anyio.current_time() - begun < _MOST_AWAY_S:
            frame = self._newest()
            if frame is not None and frame.at.mono - shown.mono >= _APART_S:
                return frame
            await anyio.sleep(_LOOK_S)
        return None

    async def _part(self, side: int, frame: Frame) -> bytes:
        async with self._making:
            taken, part = self._made.get(side, (None, b""))
            if taken != frame.at:
                part = await to_thread.run_sync(partial(_encoded, frame, side))
                self._made[side] = frame.at, part
            return part


def _encoded(frame: Frame, side: int) -> bytes:
    done, jpeg = cv2.imencode(".jpg", _fitted(frame.image, side), _QUALITY)
    if not done:
        raise RuntimeError("OpenCV encodes every 8-bit picture with three channels")
    head = (
        f"--{BOUNDARY}\r\n"
        "Content-Type: image/jpeg\r\n"
        f"Content-Length: {len(jpeg)}\r\n"
        f"Edged-Taken: {1000 * frame.at.utc:.1f}\r\n\r\n"
    )
    return head.encode("ascii") + jpeg.tobytes() + b"\r\n"


def _fitted(image: Image, side: int) -> Image:
    height, width = image.shape[:2]
    share = side / max(height, width)
    if share >= 1:
        return image
    # Down to half the size linear loses nothing that is seen, and takes a fifth of the time.
    how = cv2.INTER_AREA if share <= 0.5 else cv2.INTER_LINEAR
    smaller = cv2.resize(image, (round(width * share), round(height * share)), interpolation=how)
    return smaller.astype("uint8", copy=False)
