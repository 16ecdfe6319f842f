"""Bringing a face to where the embedder expects it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.domain.frame import Image

KEEPSAKE_SIZE: Final = (160, 160)
"""(width, height) of a keepsake."""
KEEPSAKE_LANDMARKS: Final[NDArray[np.float32]] = np.array(
    [[62.2946, 75.6963], [97.5318, 75.5014], [80.0252, 95.7366], [65.5493, 116.3655], [94.7299, 116.2041]], np.float32
)
"""Where the landmarks lie in a keepsake: ArcFace's template for 112 × 112 pixels, with 24 pixels around it, so that an
embedder which uses that template finds its crop in the middle, pixel for pixel."""


def similarity_transform(points: NDArray[np.float32], template: NDArray[np.float32]) -> NDArray[np.float64]:
    """The rotation, uniform scale and shift that bring `points` closest to `template`, by least squares.

    As complex numbers, the points p go to c·p + d; what minimises the squared distances is c = Σ p̄·q / Σ p̄·p, with p
    and q counted from their means. A reflection is never returned.

    Args:
        points, template: shape (n, 2) each, n ≥ 2, the points not all the same.

    Returns:
        float64, shape (2, 3): for `cv2.warpAffine` and for `matrix[:, :2] @ point + matrix[:, 2]`.
    """
    source, target = _complex(points), _complex(template)
    spread = source - source.mean()
    turn = np.vdot(spread, target - target.mean()) / np.vdot(spread, spread)
    shift = target.mean() - turn * source.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def _complex(points: NDArray[np.float32]) -> NDArray[np.complex128]:
    return np.asarray(points[:, 0] + 1j * points[:, 1], np.complex128)


def align(
    image: Image, landmarks: NDArray[np.float32], template: NDArray[np.float32], size: tuple[int, int] = (112, 112)
) -> Image:
    """The face cut out, upright and at the template's scale.

    Args:
        image: BGR pixels.
        landmarks: of the face, shape (5, 2), in the image's pixels.
        template: where they shall lie, shape (5, 2), in the crop's pixels.
        size: (width, height) of the crop.

    Returns:
        A new BGR image; black where the image does not reach.
    """
    matrix = similarity_transform(landmarks, template)
    return np.asarray(cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def keepsake(image: Image, landmarks: NDArray[np.float32]) -> Image:
    """The face as it is kept for models to come: aligned, with a margin; a new BGR image of `KEEPSAKE_SIZE`."""
    return align(image, landmarks, KEEPSAKE_LANDMARKS, KEEPSAKE_SIZE)


def crop_of_keepsake(kept: Image, template: NDArray[np.float32], size: tuple[int, int] = (112, 112)) -> Image:
    """What `align` would have cut out of the picture that a keepsake was made from; see there for the arguments.

    Cut out without any change where the template is ArcFace's, else aligned a second time.
    """
    corner = KEEPSAKE_LANDMARKS - template
    left, top = (int(value) for value in np.rint(corner.mean(axis=0)))
    fits = min(left, top) >= 0 and left + size[0] <= KEEPSAKE_SIZE[0] and top + size[1] <= KEEPSAKE_SIZE[1]
    if fits and np.abs(corner - (left, top)).max() < 1e-3:
        return np.ascontiguousarray(kept[top : top + size[1], left : left + size[0]])
    return align(kept, KEEPSAKE_LANDMARKS, template, size)
