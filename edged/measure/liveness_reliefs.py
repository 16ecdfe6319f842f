"""The shapes that a photograph is laid over: a head, a bent sheet, a folded one."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.measure.liveness_view import Print, coordinates

NOSE: Final = 0.55
"""How far a nose stands out of the plane of eyes and mouth, in distances between the eyes. From LFW: turned faces that
are narrower by 1/cos(yaw) have their nose out of that plane by about 0.55·tan(yaw), whatever this module makes up."""
NOSE_SPREAD: Final = 0.05
_HALF: Final = (1.25, 1.75, 1.1)
"""Half the width, height and depth of a head, in distances between the eyes."""
_NOSE_WIDTH: Final = 0.17
_BRIDGE: Final = -0.55
"""Where the nose begins, above the middle of the face."""
_BELOW: Final = 0.16
"""It ends so far below its tip."""


def head(sheet: Print, nose: float) -> NDArray[np.float64]:
    """A head: an ellipsoid through eyes and mouth corners, and a nose.

    Args:
        sheet: seen from the front.
        nose: how far its tip stands out of the plane of eyes and mouth corners.
    """
    x, y = coordinates(sheet)
    width, height, deep = _HALF
    inside = np.clip(1 - (x / width) ** 2 - (y / height) ** 2, 0, None)
    at_eyes = 1 - (0.5 / width) ** 2 - (0.5 / height) ** 2
    base = deep * (np.sqrt(inside) - np.sqrt(at_eyes))
    tip = sheet.to_face @ np.append(sheet.landmarks[2].astype(np.float64), 1.0)
    at_tip = deep * (np.sqrt(max(0.0, 1 - (tip[0] / width) ** 2 - (tip[1] / height) ** 2)) - np.sqrt(at_eyes))
    along = np.clip((y - _BRIDGE) / max(0.2, tip[1] - _BRIDGE), 0, 1) ** 1.3
    below = np.clip(1 - (y - tip[1]) / _BELOW, 0, 1)
    ridge = np.exp(-0.5 * ((x - tip[0]) / _NOSE_WIDTH) ** 2)
    return np.asarray(base + (nose - at_tip) * ridge * np.where(y <= tip[1], along, below))


def bent(sheet: Print, radius: float) -> NDArray[np.float64]:
    """A sheet around an upright cylinder, the face's middle nearest; its radius in distances between the eyes."""
    x, _ = coordinates(sheet)
    reach = np.clip(np.abs(x), 0, radius * 0.999)
    return np.asarray(np.sqrt(radius**2 - reach**2) - radius)


def folded(sheet: Print, degrees: float) -> NDArray[np.float64]:
    """A sheet with a crease down the middle of the face, each side bent back by so many degrees."""
    x, _ = coordinates(sheet)
    return np.asarray(-np.abs(x) * np.tan(np.deg2rad(degrees)))
