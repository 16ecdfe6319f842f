"""The booth's camera: a photograph of whoever stands before it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import cv2

from edged.api.photo_intake import PhotoRoom, add_photo
from edged.config.photos import PhotoSettings
from edged.domain.errors import Busy, Unavailable
from edged.domain.face import Box
from edged.domain.frame import Frame, Image
from edged.photos.album import Doer, PhotoEvent
from edged.photos.photo import Photo, Source
from edged.runtime.clock import Clock
from edged.runtime.current_event import CurrentEvent
from edged.runtime.eye import Eye
from edged.runtime.judge import Seen
from edged.vision.quality import sharpness

_OPEN_S: Final = 0.4
"""So long frames are compared: a blink is over by then, and people still stand as they stood."""
_PATIENCE_S: Final = 2.5
"""So long the first one is waited for: a camera of one frame a second has had two by then."""
_LOOK_S: Final = 0.02
_QUALITY: Final = 92


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A frame to choose from. `face`: where the largest face in it is; None where nobody has looked, or found one."""

    frame: Frame
    face: Box | None = None


class Shutter:
    """Takes photographs with the booth's camera, one at a time. Any thread.

    Args:
        room: what photographs are looked at with, and kept in; event: gets them.
        settings, cameras: as they are now; seen: what was found in the latest frame of each camera.
    """

    def __init__(
        self,
        room: PhotoRoom,
        event: CurrentEvent,
        *,
        settings: Callable[[], PhotoSettings],
        cameras: Callable[[], Mapping[str, Eye]],
        seen: Callable[[], Mapping[str, Seen]],
        clock: Clock,
    ) -> None:
        self._room = room
        self._event = event
        self._settings = settings
        self._cameras = cameras
        self._seen = seen
        self._clock = clock
        self._lock = threading.Lock()

    def take(self, *, by: Doer, event: PhotoEvent | None = None) -> Photo:
        """Adds a photograph to an event: the sharpest of the frames that come within 400 ms.

        Blocks for a second or two. What a camera that is set to mirror shows is turned back: writing can be read.

        Args:
            event: None: the one that is on.

        Raises:
            Unavailable: there is no camera, or it gives no pictures; the eyes are busy; Busy: so is the booth.
            Refused: `no_event`, `event_closed`, `full`; as `add_photo`.
        """
        with self._turn():
            event = event or self._event.open()
            chosen = self._chosen(with_faces=False)
            at = self._clock.now().utc
            name = f"{event.slug}-{datetime.fromtimestamp(at, UTC):%Y%m%d-%H%M%S}.jpg"
            return add_photo(self._room, event, chosen, filename=name, taken=at, by=by, source=Source.CAMERA)

    def portrait(self) -> bytes:
        """The sharpest of the frames that come within 400 ms, of those with a face if there are any, as a JPEG.

        For a search, and kept nowhere. Blocks for half a second.

        Raises:
            Unavailable: there is no camera, or it gives no pictures; Busy: somebody is being photographed.
        """
        with self._turn():
            return self._chosen(with_faces=True)

    def eye(self) -> Eye:
        """The booth's camera: the one that is set, or the only one. Raises Unavailable; never blocks."""
        cameras, name = self._cameras(), self._settings().camera
        if not cameras:
            raise Unavailable("no camera is in use", "See cameras in the configuration")
        if not name and len(cameras) > 1:
            raise Unavailable(f"{len(cameras)} cameras are in use", "Name the booth's one as photos.camera")
        eye = cameras.get(name) if name else next(iter(cameras.values()))
        if eye is None:
            raise Unavailable(f"the booth's camera {name} is not in use", "See cameras in the configuration")
        return eye

    def _chosen(self, *, with_faces: bool) -> bytes:
        eye = self.eye()
        chosen = best(self._pictures(eye, with_faces=with_faces))
        if chosen is None:
            raise Unavailable(f"the camera {eye.name} gives no pictures", "Look at its cable, and at edged doctor")
        image = chosen.frame.image
        if eye.settings.mirror:
            image = cv2.flip(image, 1)  # type: ignore[assignment]  # of the same kind
        return cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))[1].tobytes()

    def _pictures(self, eye: Eye, *, with_faces: bool) -> Iterator[Picture]:
        """The frames that are taken from now on, each once, and once more when somebody has looked at it."""
        begun = last = looked = self._clock.now().mono
        until = begun + _PATIENCE_S
        while (now := self._clock.now().mono) < until:
            frame = eye.newest
            if frame is None:
                return
            if frame.at.mono > last:
                if last == begun:
                    until = now + _OPEN_S
                last = frame.at.mono
                yield Picture(frame)
            seen = self._seen().get(eye.name) if with_faces else None
            if seen is not None and seen.frame.at.mono > looked:
                looked = seen.frame.at.mono
                boxes = [sighting.box for sighting in seen.look.sightings]
                yield Picture(seen.frame, max(boxes, key=lambda box: box.area, default=None))
            self._clock.sleep(_LOOK_S)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=_PATIENCE_S):
            raise Busy("somebody else is being photographed", "Try again in a moment")
        try:
            yield
        finally:
            self._lock.release()


def best(pictures: Iterable[Picture]) -> Picture | None:
    """The one with the sharpest face; where none has a face, the sharpest. Keeps no more than two at a time."""
    return max(pictures, key=lambda one: (one.face is not None, sharpness(_part(one))), default=None)


def _part(picture: Picture) -> Image:
    image, face = picture.frame.image, picture.face
    if face is None:
        return image
    left, top = max(0, int(face.x1)), max(0, int(face.y1))
    part = image[top : max(top + 1, int(face.y2)), left : max(left + 1, int(face.x2))]
    return part if part.size else image
