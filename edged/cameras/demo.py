"""A real face from a photograph, walking in and out: for trying edged without a camera."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.cameras.capture import Clock, Wait
from edged.cameras.picture import decode
from edged.cameras.view import view
from edged.config.cameras import DemoCamera
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Image

_HEAD: Final = (0.19, 0.0, 0.67, 0.47)
"""Where the head with some room around it is in the photograph: left, top, right, bottom, in fractions of its size.
Read off the astronaut of scikit-image; a portrait with the head in the upper middle fits as well."""
_HEIGHTS: Final = (0.86, 1.0)
"""That part's height in the picture, in fractions of the picture's. The face itself is half as high."""
_ROOM: Final = 1.05
"""What the tilted oval needs around it, as a factor."""
_SMALLEST: Final = 128
_SLIDE_S: Final = 1.0
_NOISE: Final = 3.0
_NOISE_MEAN: Final = 12.0
"""Standard deviation of the sensor noise, grey levels, and its mean: wall and head are darker by that, so that the
noise can be added as unsigned bytes, many times faster than as signed numbers."""
_NOISE_MARGIN: Final = 64
_WALL: Final = (150, 158, 160)


@dataclass(frozen=True, slots=True)
class _Visit:
    """How the face shows itself this time.

    Attributes:
        enters, leaves: the side, -1 for left and 1 for right.
        rest: where it stays, in fractions of the picture.
        height: of the head, in fractions of the picture's.
        light: brightness, 1 as photographed; slope: by how much brighter on the right than on the left.
        tilt: degrees.
    """

    enters: int
    leaves: int
    rest: tuple[float, float]
    height: float
    light: float
    slope: float
    tilt: float

    @classmethod
    def drawn(cls, seed: int, number: int) -> _Visit:
        chance = np.random.default_rng((seed, number))
        return cls(
            enters=int(chance.choice((-1, 1))),
            leaves=int(chance.choice((-1, 1))),
            rest=(chance.uniform(0.4, 0.6), chance.uniform(0.5, 0.54)),
            height=chance.uniform(*_HEIGHTS),
            light=chance.uniform(0.75, 1.1),
            slope=chance.uniform(-0.25, 0.25),
            tilt=chance.uniform(-4, 4),
        )


class DemoScene:
    """The pictures of a demo camera, as a function of time alone.

    Each round begins with the empty picture for `absent_s`; then the face slides in from a side, stays, sways a little,
    and slides out, all within `appear_s`. Side, place, size, tilt and light are drawn anew each time.

    Args:
        settings: size, times, seed and photograph.

    Raises:
        Unavailable: the photograph cannot be read.
    """

    def __init__(self, settings: DemoCamera) -> None:
        self._settings = settings
        self._head = _head(_photograph(settings.photo))
        self._outline = _outline(self._head)
        self._wall = _wall(settings.width, settings.height)
        self._noise = _noise(settings.width, settings.height, settings.seed)

    def render(self, t: float) -> Image:
        """The picture `t` seconds after the beginning: BGR, shape (height, width, 3), before the camera's view.

        The same picture for the same `t`, rounded to a millisecond, and settings. Takes about two milliseconds.
        """
        noise = self._noise_at(t)
        image = _pixels(cv2.add(self._wall, noise))
        number, since = divmod(t, self._settings.absent_s + self._settings.appear_s)
        if since >= self._settings.absent_s:
            visit = _Visit.drawn(self._settings.seed, int(number))
            self._show(image, noise, visit, since - self._settings.absent_s)
        return image

    def _noise_at(self, t: float) -> Image:
        """This moment's noise: the one noise field, cut at a place of its own."""
        x, y = np.random.default_rng((self._settings.seed, round(t * 1000))).integers(0, _NOISE_MARGIN, 2)
        return self._noise[y : y + self._settings.height, x : x + self._settings.width]

    def _show(self, image: Image, noise: Image, visit: _Visit, since: float) -> None:
        """Lay the head over the picture, as it is `since` seconds into the visit."""
        height, width = image.shape[:2]
        head = _lit(self._head, visit)
        middle = head.shape[1] / 2, head.shape[0] / 2
        scale = visit.height * height / head.shape[0] * (1 + 0.04 * math.sin(1.3 * since))
        reach = [_ROOM * scale * half for half in middle]
        x, y = self._across(visit, since, width, reach[0]), visit.rest[1] * height
        left, right = max(0, int(x - reach[0])), min(width, int(x + reach[0]))
        top, bottom = max(0, int(y - reach[1])), min(height, int(y + reach[1]))
        if left >= right:
            return
        placed = cv2.getRotationMatrix2D(middle, visit.tilt + 2 * math.sin(0.9 * since), scale)
        placed[:, 2] += x - left - middle[0], y - top - middle[1]
        above = cv2.warpAffine(head, placed, (right - left, bottom - top), borderMode=cv2.BORDER_REPLICATE)
        weight = cv2.warpAffine(self._outline, placed, (right - left, bottom - top))
        blended = cv2.blendLinear(above, self._wall[top:bottom, left:right], weight, 1 - weight)
        image[top:bottom, left:right] = cv2.add(blended, noise[top:bottom, left:right])

    def _across(self, visit: _Visit, since: float, width: int, reach: float) -> float:
        """Where the middle of the head is from left to right, pixels."""
        slide = min(_SLIDE_S, self._settings.appear_s / 4)
        rest = width * (visit.rest[0] + 0.02 * math.sin(0.7 * since))
        left_s = self._settings.appear_s - since
        side = visit.enters if since < left_s else visit.leaves
        outside = -reach if side < 0 else width + reach
        inside = min(1.0, since / slide, left_s / slide)
        eased = inside * inside * (3 - 2 * inside)
        return outside + (rest - outside) * eased


class DemoCapture:
    """A demo scene at the camera's frame rate. Frames nobody had time for are passed by, as with a real camera."""

    def __init__(self, settings: DemoCamera, scene: DemoScene, *, clock: Clock, wait: Wait) -> None:
        self._settings = settings
        self._scene = scene
        self._clock = clock
        self._wait = wait
        self._began = clock()
        self._frame = -1

    def grab(self) -> None:
        now = self._clock() - self._began
        self._frame = max(self._frame + 1, math.floor(now * self._settings.fps))
        early = self._frame / self._settings.fps - now
        if early > 0:
            self._wait(early)

    def retrieve(self) -> Image:
        return view(self._scene.render(self._frame / self._settings.fps), self._settings)

    def close(self) -> None:
        """Nothing is held."""

    def interrupt(self) -> None:
        """Nothing hangs: `wait` is the caller's."""


def open_demo(settings: DemoCamera, *, clock: Clock, wait: Wait) -> DemoCapture:
    """Open the scene.

    Raises:
        Unavailable: the photograph cannot be read.
    """
    return DemoCapture(settings, DemoScene(settings), clock=clock, wait=wait)


def _photograph(path: Path) -> Image:
    remedy = "Name a portrait with the head in the upper middle, such as astronaut.png of the scikit-image package."
    try:
        photo = decode(path.read_bytes())
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({error.strerror})", remedy) from None
    except Refused as refusal:
        raise Unavailable(f"{path} cannot be shown: {refusal.what}", remedy) from None
    if min(photo.shape[:2]) < _SMALLEST:
        raise Unavailable(f"{path} cannot be shown: it is smaller than {_SMALLEST}×{_SMALLEST} pixels", remedy)
    return photo


def _head(photo: Image) -> Image:
    height, width = photo.shape[:2]
    left, top, right, bottom = _HEAD
    return photo[round(top * height) : round(bottom * height), round(left * width) : round(right * width)].copy()


def _outline(head: Image) -> NDArray[np.float32]:
    """How much of the head is seen at each pixel, 0–1: an oval with a soft edge, so that no frame gives it away."""
    height, width = head.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    from_middle = np.hypot((x - width / 2) / (width / 2), (y - height / 2) / (height / 2))
    return np.asarray(np.clip((1.0 - from_middle) / 0.2, 0, 1), dtype=np.float32)


def _lit(head: Image, visit: _Visit) -> Image:
    light = visit.light * np.linspace(1 - visit.slope, 1 + visit.slope, head.shape[1], dtype=np.float32)
    return _pixels(np.clip(head * light[None, :, None] - _NOISE_MEAN, 0, 255))


def _wall(width: int, height: int) -> Image:
    """A grey wall, darker towards the floor."""
    shade = np.linspace(1.0, 0.7, height, dtype=np.float32)[:, None, None]
    return _pixels(np.broadcast_to(shade * np.array(_WALL, np.float32) - _NOISE_MEAN, (height, width, 3)))


def _noise(width: int, height: int, seed: int) -> Image:
    field = np.random.default_rng(seed).normal(_NOISE_MEAN, _NOISE, (height + _NOISE_MARGIN, width + _NOISE_MARGIN, 3))
    return _pixels(np.clip(np.rint(field), 0, 255))


def _pixels(values: cv2.typing.MatLike) -> Image:
    return np.ascontiguousarray(values, dtype=np.uint8)
