"""Live pictures: frames as JPEG with the faces found in them, made only while somebody watches."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import anyio
import cv2
from anyio import to_thread

from edged.api.port import Device, Sighting, View
from edged.api.streams import Streams
from edged.domain.frame import Image, Moment

BOUNDARY: Final = "frame"
MEDIA_TYPE: Final = f"multipart/x-mixed-replace; boundary={BOUNDARY}"

_INTERVAL_S: Final = 0.1
_LONG_SIDE: Final = 960
_QUALITY: Final = (cv2.IMWRITE_JPEG_QUALITY, 80)
_MAX_FACES: Final = 32


class Projector:
    """Shows cameras to whoever watches.

    A frame is encoded once however many watch it, and one frame at a time: the watchers together never take more than
    one core from the recognition.
    """

    def __init__(self, device: Device, streams: Streams) -> None:
        self._device = device
        self._streams = streams
        self._encoding = anyio.Lock()
        self._parts: dict[str, tuple[Moment, bytes]] = {}
        """By camera, when the last frame was taken and what was made of it."""

    async def parts(self, camera: str) -> AsyncIterator[bytes]:
        """The parts of a `multipart/x-mixed-replace` body, at most ten a second; ends when the camera goes away.

        Each part is a JPEG of at most 960 px on the longer side. Its header `Edged-Faces` holds the frame's number
        and the faces in it as JSON: `{"number", "faces": [{"track", "box": [x1, y1, x2, y2], "outcome", "name",
        "flaw"}]}`, boxes in fractions of the picture's width and height.
        """
        shown: Moment | None = None
        while not self._streams.closing:
            begun = anyio.current_time()
            view = await to_thread.run_sync(self._device.view, camera)
            if view is None:
                return
            if view.frame.at != shown:
                shown = view.frame.at
                yield await self._part(camera, view)
            await anyio.sleep(max(0.0, begun + _INTERVAL_S - anyio.current_time()))

    async def _part(self, camera: str, view: View) -> bytes:
        async with self._encoding:
            taken, part = self._parts.get(camera, (None, b""))
            if taken != view.frame.at:
                part = await to_thread.run_sync(_encode, view)
                self._parts[camera] = view.frame.at, part
            return part


def _encode(view: View) -> bytes:
    done, jpeg = cv2.imencode(".jpg", _fitted(view.frame.image), _QUALITY)
    if not done:
        raise RuntimeError("OpenCV encodes every 8-bit picture with three channels")
    height, width = view.frame.image.shape[:2]
    faces = [_face(sighting, width, height) for sighting in view.sightings[:_MAX_FACES]]
    head = (
        f"--{BOUNDARY}\r\n"
        "Content-Type: image/jpeg\r\n"
        f"Content-Length: {len(jpeg)}\r\n"
        f"Edged-Faces: {json.dumps({'number': view.frame.number, 'faces': faces})}\r\n\r\n"
    )
    return head.encode("ascii") + jpeg.tobytes() + b"\r\n"


def _fitted(image: Image) -> Image:
    height, width = image.shape[:2]
    share = _LONG_SIDE / max(height, width)
    if share >= 1:
        return image
    smaller = cv2.resize(image, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
    return smaller.astype("uint8", copy=False)


def _face(sighting: Sighting, width: int, height: int) -> dict[str, Any]:
    box = sighting.box
    corners = (box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height)
    return {
        "track": sighting.track,
        "box": [round(corner, 4) for corner in corners],
        "outcome": sighting.outcome,
        "name": sighting.name,
        "flaw": sighting.flaw,
    }
