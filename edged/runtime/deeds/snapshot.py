"""`request/snapshot`: what a camera sees."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Final

import cv2

from edged.domain.errors import Unavailable
from edged.domain.frame import Image
from edged.recognition.recognizer import Sighting
from edged.runtime.deed import Call
from edged.runtime.deeds.eyes import Eyes
from edged.runtime.judge import Judge
from edged.vision.tensor import shrink
from edged.wire.commands.looking import MAX_JPEG_BYTES, SeenFace, Snapshot, SnapshotAsked
from edged.wire.event import BoxPart
from edged.wire.payload import instant

_QUALITIES: Final = (85, 70, 50, 35)
_SMALLER: Final = 0.75
_MOST_FACES: Final = 64
_FRESH_S: Final = 0.5
"""A frame that was looked at so lately is sent with its own boxes."""


class SnapshotDeed:
    """Args:
    eyes: the cameras; judge: knows what was found in their frames.
    """

    def __init__(self, eyes: Eyes, judge: Judge) -> None:
        self._eyes = eyes
        self._judge = judge

    def __call__(self, asked: SnapshotAsked, call: Call) -> Snapshot:
        eye = self._eyes.named(asked.camera)
        frame = self._eyes.newest(eye, call)
        sightings: Sequence[Sighting] = ()
        seen = self._judge.seen.get(eye.name)
        if asked.boxes and seen is not None and frame.at.mono - seen.frame.at.mono <= _FRESH_S:
            frame, sightings = seen.frame, seen.look.sightings
        picture, jpeg = encoded(frame.image, asked.side)
        height, width = picture.shape[:2]
        scale = width / frame.image.shape[1]
        return Snapshot(
            camera=eye.name,
            at=instant(frame.at.utc),
            width=width,
            height=height,
            jpeg=b64encode(jpeg).decode("ascii"),
            faces=tuple(_face(item, scale) for item in sightings[:_MOST_FACES]) if asked.boxes else None,
        )


def encoded(image: Image, side: int) -> tuple[Image, bytes]:
    """The picture, at most `side` pixels long, and its JPEG: as good as it may be, and smaller where that is too long.

    Raises:
        Unavailable: it is too long at any size worth sending, which noise alone is.
    """
    picture = _fitted(image, side)
    while max(picture.shape[:2]) >= 64:
        for quality in _QUALITIES:
            done, jpeg = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
            if done and len(jpeg) <= MAX_JPEG_BYTES:
                return picture, jpeg.tobytes()
        picture = _fitted(picture, round(_SMALLER * max(picture.shape[:2])))
    raise Unavailable("the picture is too long for a message", "Ask for a smaller `side`")


def _fitted(image: Image, side: int) -> Image:
    height, width = image.shape[:2]
    scale = side / max(height, width)
    return shrink(image, max(1, round(width * scale)), max(1, round(height * scale))) if scale < 1 else image


def _face(item: Sighting, scale: float) -> SeenFace:
    box = item.box
    return SeenFace(
        track=item.track,
        box=BoxPart(**{side: round(getattr(box, side) * scale, 1) for side in ("x1", "y1", "x2", "y2")}),
        outcome=item.outcome,
        name=item.name,
    )
