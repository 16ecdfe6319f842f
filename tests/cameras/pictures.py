"""Pictures that can be told apart by looking at them."""

from __future__ import annotations

import numpy as np

from edged.domain.frame import Image


def coloured(bgr: tuple[int, ...], width: int = 64, height: int = 48) -> Image:
    """One colour all over."""
    return np.full((height, width, 3), bgr, np.uint8)


def quartered(width: int = 64, height: int = 48) -> Image:
    """Blue, green, red and white quarters: top left, top right, bottom left, bottom right."""
    image = np.empty((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = 255, 0, 0
    image[: height // 2, width // 2 :] = 0, 255, 0
    image[height // 2 :, : width // 2] = 0, 0, 255
    image[height // 2 :, width // 2 :] = 255, 255, 255
    return image


def corners(image: Image) -> list[str]:
    """The names of the colours in the corners, in the order of `quartered`."""
    height, width = image.shape[:2]
    return [_name(image[y, x]) for y, x in ((2, 2), (2, width - 3), (height - 3, 2), (height - 3, width - 3))]


def _name(pixel: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> str:
    blue, green, red = (bool(channel > 127) for channel in pixel)
    names = {(True, False, False): "blue", (False, True, False): "green", (False, False, True): "red"}
    return names.get((blue, green, red), "white" if blue and green and red else "other")
