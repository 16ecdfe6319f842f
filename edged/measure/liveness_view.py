"""A camera that is made up, and what stands before it: flat sheets, bent ones, and heads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.domain.frame import Image

SIDE: Final = 224
"""Pixels of the picture, both ways: the part of a larger one that the face is in."""
_FOCAL: Final = 340.0
"""In pixels: of a camera that sees 87 degrees in 640."""
_NOISE: Final = 3.0
"""Standard deviation of the pixels' noise, in grey levels, as of a webcam in a lit room."""
_NOISES: Final = 8
_WALL: Final = 128


@dataclass(frozen=True, slots=True)
class Pose:
    """How something is held before the camera.

    Attributes:
        yaw, pitch, roll: in degrees; `yaw` is to the image's right where positive.
        x, y: where the middle is, from the middle of the picture, in distances between the eyes.
        size: pixels between the eyes, seen from the front.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    size: float = 46.0


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """A photograph with a face in it.

    Attributes:
        image: BGR.
        landmarks: see `Face`.
    """

    image: Image
    landmarks: NDArray[np.float32]

    @property
    def to_face(self) -> NDArray[np.float64]:
        """From its pixels to distances between the eyes around the middle of the face, upright: a 3 × 3 matrix."""
        points = self.landmarks.astype(np.float64)
        middle = points[[0, 1, 3, 4]].mean(axis=0)
        dx, dy = points[1] - points[0]
        scale = np.array([[dx, dy, 0], [-dy, dx, 0], [0, 0, 1]]) / (dx * dx + dy * dy)
        scale[2, 2] = 1
        return np.asarray(scale @ np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1]]))

    def mirrored(self) -> Print:
        """Left and right exchanged."""
        image = np.ascontiguousarray(self.image[:, ::-1])
        flipped = self.landmarks[[1, 0, 2, 4, 3]] * np.array([-1, 1], np.float32)
        return Print(image, np.asarray(flipped + np.array([image.shape[1], 0], np.float32), np.float32))


class View:
    """Takes pictures, with the noise of a camera. One thread.

    Args:
        rng: for the noise, and the light.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._noises = [rng.normal(0, _NOISE, (SIDE, SIDE, 3)).astype(np.float32) for _ in range(_NOISES)]

    def flat(self, sheet: Print, pose: Pose) -> Image:
        """A sheet of paper, or a screen, seen in perspective."""
        turn = rotation(pose)
        distance = _FOCAL / pose.size
        place = np.array([pose.x, pose.y, distance])
        camera = np.array([[_FOCAL, 0, SIDE / 2], [0, _FOCAL, SIDE / 2], [0, 0, 1]])
        matrix = camera @ np.column_stack([turn[:, 0], turn[:, 1], place]) @ sheet.to_face
        return self._taken(_warped(sheet.image, matrix))

    def relief(self, sheet: Print, depth: NDArray[np.float64], pose: Pose) -> Image:
        """A photograph laid over a relief that is turned, from far away; pitch and roll as of the whole.

        Args:
            sheet: seen from the front.
            depth: of each of its pixels, towards the camera, in distances between the eyes.
        """
        image = _turned(sheet, depth, np.deg2rad(pose.yaw))
        roll = np.deg2rad(pose.roll)
        cos, sin = np.cos(roll) * pose.size, np.sin(roll) * pose.size
        nod = np.cos(np.deg2rad(pose.pitch))
        place = np.array([pose.x, pose.y]) * pose.size + SIDE / 2
        matrix = np.array([[cos, -sin * nod, place[0]], [sin, cos * nod, place[1]], [0, 0, 1]])
        return self._taken(_warped(image, matrix @ sheet.to_face))

    def _taken(self, image: NDArray[np.uint8]) -> Image:
        noise = self._noises[int(self._rng.integers(_NOISES))]
        noise = np.roll(noise, tuple(self._rng.integers(SIDE, size=2)), (0, 1))
        light = np.float32(1 + 0.01 * self._rng.standard_normal())
        return np.asarray(cv2.convertScaleAbs(image.astype(np.float32) * light + noise), np.uint8)


def rotation(pose: Pose) -> NDArray[np.float64]:
    """As a matrix; x to the image's right, y down, z away from the camera."""
    yaw, pitch, roll = np.deg2rad([-pose.yaw, pose.pitch, pose.roll])
    around_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    around_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return np.asarray(around_z @ around_x @ around_y)


def coordinates(sheet: Print) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each pixel, x and y in distances between the eyes around the middle of the face."""
    height, width = sheet.image.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    matrix = sheet.to_face
    x = matrix[0, 0] * columns + matrix[0, 1] * rows + matrix[0, 2]
    y = matrix[1, 0] * columns + matrix[1, 1] * rows + matrix[1, 2]
    return x, y


def _turned(sheet: Print, depth: NDArray[np.float64], yaw: float) -> NDArray[np.uint8]:
    """The photograph as the relief under it looks when it is turned, in the photograph's own pixels.

    Row by row: each pixel goes to x·cos + depth·sin; where one hides another, the one that is nearer stays.
    """
    height, width = depth.shape
    eyes = 1 / float(np.hypot(*sheet.to_face[0, :2]))
    middle = (np.linalg.inv(sheet.to_face) @ np.array([0.0, 0.0, 1.0]))[0]
    columns = np.arange(width, dtype=np.float64)
    goes = middle + (columns - middle) * np.cos(yaw) + depth * eyes * np.sin(yaw)
    side = slice(None, None, 1 if yaw >= 0 else -1)
    nearest = np.maximum.accumulate if yaw >= 0 else np.minimum.accumulate
    goes = nearest(goes[:, side], axis=1)[:, side]
    goes = goes + columns * 1e-6
    source = np.stack([np.interp(columns, row, columns) for row in goes]).astype(np.float32)
    rows = np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)
    return np.asarray(cv2.remap(sheet.image, source, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _warped(image: NDArray[np.uint8], matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    wall = (_WALL, _WALL, _WALL)
    return np.asarray(
        cv2.warpPerspective(image, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_CONSTANT, borderValue=wall), np.uint8
    )
