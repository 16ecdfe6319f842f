"""Bringing a face to where the embedder expects it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.domain.frame import Image


def similarity_transform(points: NDArray[np.float32], template: NDArray[np.float32]) -> NDArray[np.float64]:
    """The rotation, uniform scale and shift that bring `points` closest to `template`, by least squares.

    S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", IEEE TPAMI 13(4),
    1991, equations 40 to 43. A reflection is never returned.

    Args:
        points, template: shape (n, 2) each, n ≥ 2, the points not all the same.

    Returns:
        float64, shape (2, 3): for `cv2.warpAffine` and for `matrix[:, :2] @ point + matrix[:, 2]`.
    """
    source = np.asarray(points, np.float64)
    target = np.asarray(template, np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    source_spread, target_spread = source - source_mean, target - target_mean
    covariance = target_spread.T @ source_spread / len(source)
    left, singular, right = np.linalg.svd(covariance)
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    rotation = left @ np.diag(signs) @ right
    variance = (source_spread**2).sum() / len(source)
    scale = (singular * signs).sum() / variance
    shift = target_mean - scale * rotation @ source_mean
    return np.hstack([scale * rotation, shift[:, None]])


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
