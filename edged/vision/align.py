"""Bringing a face to where the embedder expects it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.domain.frame import Image


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
