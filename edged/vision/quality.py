"""Is a face good enough to be judged, and if not, why?"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.config.document import QualitySettings
from edged.domain.face import Face, Flaw, Quality
from edged.domain.frame import Image

_MOST_OUTSIDE: Final = 0.15
"""The share of a face's box that may lie outside the picture."""
_FRONTAL_PITCH: Final = -0.12
"""Where the nose stands in a face that looks straight ahead, by the scale of `_pose`: the median of LFW."""
_HALF_SIZE: Final = 8.0
_HALF_SHARPNESS: Final = 15.0
_HALF_CONTRAST: Final = 6.0
"""Values that count half for the score. SFace lost little down to twice these, and much below (LFW, degraded)."""
_WORST_TURN: Final = 1.5
_MIDDLE_GREY: Final = 127.5
_BLACK: Final = 8
_WHITE: Final = 247


def measure(face: Face, crop: Image) -> Quality:
    """Measures a face.

    Args:
        face: as detected.
        crop: the same face, aligned, BGR.
    """
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.uint8)
    mean, deviation = cv2.meanStdDev(grey)
    light, contrast = float(mean[0, 0]), float(deviation[0, 0])
    sharp = _sharpness(grey)
    yaw, pitch = _pose(face.landmarks)
    size = float(np.hypot(*(face.landmarks[1] - face.landmarks[0])))
    parts = (
        size / (size + _HALF_SIZE),
        sharp / (sharp + _HALF_SHARPNESS),
        contrast / (contrast + _HALF_CONTRAST),
        max(0.0, 1 - float(np.hypot(yaw, pitch)) / _WORST_TURN),
        1 - ((light - _MIDDLE_GREY) / _MIDDLE_GREY) ** 2,
        _well_exposed(grey),
    )
    score = float(np.prod(parts)) ** (1 / len(parts))
    return Quality(size, sharp, yaw, pitch, light, contrast, score)


def sharpness(image: Image) -> float:
    """How sharp a picture is, BGR: the variance of its Laplacian. Tells pictures of one camera apart, at one size."""
    return _sharpness(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8))


def find_flaw(quality: Quality, face: Face, image_shape: tuple[int, ...], settings: QualitySettings) -> Flaw | None:
    """The first reason why the face must not be judged; None if there is none.

    Args:
        quality: of the face, as measured.
        face: as detected; its box tells whether the picture cuts it off.
        image_shape: (height, width, …) of the picture it was found in.
        settings: the bounds.
    """
    flaws = (
        (quality.size < settings.min_eye_distance, Flaw.TOO_SMALL),
        (_is_cut_off(face, image_shape), Flaw.CUT_OFF),
        (abs(quality.yaw) > settings.max_yaw or abs(quality.pitch) > settings.max_pitch, Flaw.TURNED_AWAY),
        (quality.light < settings.min_light, Flaw.TOO_DARK),
        (quality.light > settings.max_light, Flaw.TOO_BRIGHT),
        (quality.contrast < settings.min_contrast, Flaw.LOW_CONTRAST),
        (quality.sharpness < settings.min_sharpness, Flaw.BLURRED),
    )
    return next((flaw for found, flaw in flaws if found), None)


def _sharpness(grey: NDArray[np.uint8]) -> float:
    return float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_32F))[1][0, 0]) ** 2


def _pose(landmarks: NDArray[np.float32]) -> tuple[float, float]:
    """(yaw, pitch) by where the nose stands between the eyes and the mouth corners.

    Yaw is 0 with the nose in the middle, ±1 with the nose on the line through the eye and mouth corner of one side (+
    the image's right). Pitch goes up by 2 from the mouth to the eyes, and is 0 where a frontal face has its nose. The
    axis from the eyes' middle to the mouth's is the face's vertical, so a head tilted to its shoulder is not turned.
    """
    left_eye, right_eye, nose, left_mouth, right_mouth = (complex(x, y) for x, y in landmarks.tolist())
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    height = abs(mouth - eyes)
    if height < 1e-6:
        return 2.0, 2.0
    upright = (mouth - eyes).conjugate() * 1j / height
    left, right = (left_eye + left_mouth) / 2 * upright, (right_eye + right_mouth) / 2 * upright
    eyes, nose, mouth = eyes * upright, nose * upright, mouth * upright
    yaw = _between(left.real, nose.real, right.real)
    pitch = -_between(eyes.imag, nose.imag, mouth.imag) - _FRONTAL_PITCH
    return yaw, pitch


def _between(low: float, value: float, high: float) -> float:
    """-1 at `low`, 0 in the middle, 1 at `high`, cut at ±2; 2 where `high` is not above `low`."""
    if high <= low:
        return 2.0
    return min(2.0, max(-2.0, (2 * value - low - high) / (high - low)))


def _well_exposed(grey: NDArray[np.uint8]) -> float:
    """The share of the crop's middle that is neither black nor white."""
    height, width = grey.shape
    middle = grey[height // 5 : -height // 8, width // 5 : -width // 5]
    return float(np.mean((middle > _BLACK) & (middle < _WHITE)))


def _is_cut_off(face: Face, image_shape: tuple[int, ...]) -> bool:
    height, width = image_shape[:2]
    box = face.box
    inside_width = min(box.x2, width) - max(box.x1, 0.0)
    inside_height = min(box.y2, height) - max(box.y1, 0.0)
    inside = max(0.0, inside_width) * max(0.0, inside_height)
    return inside < (1 - _MOST_OUTSIDE) * box.area
