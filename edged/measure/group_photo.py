"""Group photographs composed of labelled faces, so that where everybody stands is known."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Refused
from edged.domain.face import Box
from edged.domain.frame import Image
from edged.domain.progress import Progress
from edged.measure.photo_set import read_photos
from edged.vision.photo import read_photo
from edged.vision.sight import Sight

SIZE: Final = (6000, 4000)
"""(width, height) of 24 megapixels, as the camera's sensor lies."""
ORIENTATIONS: Final = {1: None, 3: cv2.ROTATE_180, 6: cv2.ROTATE_90_COUNTERCLOCKWISE, 8: cv2.ROTATE_90_CLOCKWISE}
"""EXIF's orientation (2.32, 4.6.4), and how the upright picture has to be turned to be stored with it."""
_QUALITY: Final = 92
_NOISE: Final = 5.0
"""Grey levels of a sensor at ISO 800 or so; it makes a file of 24 megapixels some 9 MB, as a camera's is."""
_NOISE_SIDE: Final = 1024
_ACROSS, _UP, _DOWN = 0.62, 0.78, 0.70
"""How far a head that is cut out reaches from the middle of its face, in heights of the face."""
_SOFT: Final = 0.12
"""Share of a head's outline, from the rim inwards, that lets the background through."""
_SCENES: Final = ("gradient", "texture", "collage")
_CORNER: Final = 60
"""Pixels of a photograph's upper corner that are taken for a background."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Somebody to put into pictures.

    Attributes:
        person, path: who, and the photograph; other: another one of them.
        image: the photograph, BGR; box: of the one face in it.
    """

    person: str
    path: Path
    other: Path
    image: Image = field(repr=False)
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Who stands in a picture, and where their face is: in pixels of the picture as it is seen."""

    head: Head
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class GroupPhoto:
    """A composed photograph.

    Attributes:
        jpeg: the file, with EXIF's orientation; width, height: as it is seen.
        people: everybody in it.
    """

    jpeg: bytes = field(repr=False)
    width: int
    height: int
    orientation: int
    people: tuple[Standing, ...]


def read_heads(root: Path, sight: Sight, most: int, seed: int, progress: Progress) -> tuple[Head, ...]:
    """Heads of at most so many people who have several photographs, one each, in an order by `seed`.

    A photograph with several faces, or one whose face is too near to the border to be cut out, is passed over. Blocks
    for about 10 ms a photograph.

    Args:
        root: a folder for each person, see `read_photos`.

    Raises:
        Refused: there are no photographs that fit, or one cannot be read.
    """
    people: dict[str, list[Path]] = {}
    for photo in read_photos(root):
        people.setdefault(photo.person, []).append(photo.path)
    names = sorted(name for name, paths in people.items() if len(paths) > 1)
    heads: list[Head] = []
    for place in np.random.default_rng(seed).permutation(len(names)).tolist():
        if len(heads) == most:
            break
        progress(f"{len(heads)} of {most} heads cut out", len(heads) / most)
        head = _head(names[place], people[names[place]], sight)
        if head is not None:
            heads.append(head)
    if not heads:
        raise Refused(
            "no_heads", f"nobody in {root} has two photographs with a face", "Name one like Labeled Faces in the Wild."
        )
    return tuple(heads)


def compose(
    heads: Sequence[Head],
    heights: tuple[float, float],
    seed: int,
    *,
    size: tuple[int, int] = SIZE,
    orientation: int = 1,
) -> GroupPhoto:
    """A photograph of all these people, with the same bytes for the same arguments. Blocks for seconds.

    Everybody has a cell of a grid for themselves, and stands somewhere in it. What is behind them is a gradient, a
    texture, or a collage of real backgrounds, sharp in every pixel: what a detector may take for a face. Heads larger
    than in their photograph are as soft as that was.

    Args:
        heads: of the people, at least one.
        heights: of the faces in pixels, from and to; drawn evenly by their logarithm.
        size: (width, height) of the picture as the sensor has it, before `orientation` turns it.
        orientation: one of `ORIENTATIONS`.
    """
    rng = np.random.default_rng(seed)
    width, height = size if orientation < 5 else (size[1], size[0])
    canvas = _scene(_SCENES[seed % len(_SCENES)], heads, (width, height), rng)
    people = []
    for head, (left, top, right, bottom) in zip(heads, _cells(len(heads), width, height), strict=True):
        face = math.exp(rng.uniform(math.log(heights[0]), math.log(heights[1])))
        face = min(face, (bottom - top) / (_UP + _DOWN), (right - left) / (2 * _ACROSS))
        x = left + _ACROSS * face + rng.random() * max(0.0, right - left - 2 * _ACROSS * face)
        y = top + _UP * face + rng.random() * max(0.0, bottom - top - (_UP + _DOWN) * face)
        people.append(Standing(head, _paste(canvas, head, face, x, y)))
    _add_noise(canvas, rng)
    turn = ORIENTATIONS[orientation]
    stored = canvas if turn is None else np.asarray(cv2.rotate(canvas, turn), np.uint8)
    return GroupPhoto(_encoded(stored, orientation), width, height, orientation, tuple(people))


def _head(person: str, paths: Sequence[Path], sight: Sight) -> Head | None:
    image = read_photo(paths[0])
    faces = sight.detect(image)
    if len(faces) != 1:
        return None
    (x, y), face = faces[0].box.centre, faces[0].box.height
    height, width = image.shape[:2]
    fits = _ACROSS * face <= min(x, width - x) and _UP * face <= y and _DOWN * face <= height - y
    return Head(person, paths[0], paths[1], image, faces[0].box) if fits and min(height, width) >= _CORNER else None


def _cells(count: int, width: int, height: int) -> list[tuple[float, float, float, float]]:
    """A grid with a place for each, of cells that are about square: left, top, right, bottom."""
    columns = max(1, round(math.sqrt(count * width / height)))
    rows = -(-count // columns)
    across, down = width / columns, height / rows
    return [
        (column * across, row * down, (column + 1) * across, (row + 1) * down)
        for row, column in (divmod(place, columns) for place in range(count))
    ]


def _paste(canvas: Image, head: Head, face: float, x: float, y: float) -> Box:
    """Puts a head with a face of this height, its middle at (x, y); where its box lies then."""
    scale = face / head.box.height
    left, right = max(0, math.floor(x - _ACROSS * face)), min(canvas.shape[1], math.ceil(x + _ACROSS * face))
    top, bottom = max(0, math.floor(y - _UP * face)), min(canvas.shape[0], math.ceil(y + _DOWN * face))
    image, zoom = head.image, scale
    if scale < 1:
        # By averages, as a lens does it: a face made of single pixels here and there has patterns instead.
        image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        zoom = 1.0
    from_x, from_y = (middle * scale for middle in head.box.centre)
    matrix = np.array([[zoom, 0, x - left - from_x], [0, zoom, y - top - from_y]])
    patch = cv2.warpAffine(
        image, matrix, (right - left, bottom - top), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    rows, columns = np.ogrid[top:bottom, left:right]
    up = np.where(rows < y, (y - rows) / (_UP * face), (rows - y) / (_DOWN * face))
    rim = np.sqrt(((columns - x) / (_ACROSS * face)) ** 2 + up**2)
    shown = np.clip((1 - rim) / _SOFT, 0, 1).astype(np.float32)[..., None]
    place = canvas[top:bottom, left:right]
    place[:] = (shown * patch + (1 - shown) * place).astype(np.uint8)
    half_x, half_y = scale * head.box.width / 2, scale * head.box.height / 2
    return Box(x - half_x, y - half_y, x + half_x, y + half_y)


def _scene(kind: str, heads: Sequence[Head], size: tuple[int, int], rng: np.random.Generator) -> Image:
    """A picture without anybody."""
    if kind == "collage":
        return _collage(heads, size, rng)
    octaves = ((2, 120.0),) if kind == "gradient" else ((3, 60.0), (12, 30.0), (60, 25.0), (300, 20.0))
    total = np.full((size[1], size[0], 3), 128.0, np.float32)
    for cells, strength in octaves:
        grid = rng.uniform(-strength, strength, (cells, cells, 3)).astype(np.float32)
        total += cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
    return np.clip(total, 0, 255).astype(np.uint8)


def _collage(heads: Sequence[Head], size: tuple[int, int], rng: np.random.Generator) -> Image:
    """Corners of the heads' photographs, some large and some small, upside down: half of somebody who stood beside them
    shall be nobody's face.
    """
    canvas = np.empty((size[1], size[0], 3), np.uint8)
    row = 0
    while row < size[1]:
        side, column = int(_CORNER * rng.uniform(1, 8)), 0
        while column < size[0]:
            corner = heads[int(rng.integers(len(heads)))].image[_CORNER - 1 :: -1, :_CORNER]
            large = cv2.resize(corner, (side, side), interpolation=cv2.INTER_CUBIC)
            place = canvas[row : row + side, column : column + side]
            place[:] = large[: place.shape[0], : place.shape[1]]
            column += side
        row += side
    return canvas


def _add_noise(canvas: Image, rng: np.random.Generator) -> None:
    """A square of noise, again and again from another place: as good as noise of the whole size, and quick."""
    noise = rng.normal(0, _NOISE, (2 * _NOISE_SIDE, 2 * _NOISE_SIDE, 3)).astype(np.int16)
    for top in range(0, canvas.shape[0], _NOISE_SIDE):
        for left in range(0, canvas.shape[1], _NOISE_SIDE):
            place = canvas[top : top + _NOISE_SIDE, left : left + _NOISE_SIDE]
            down, right = rng.integers(0, _NOISE_SIDE, 2).tolist()
            grain = noise[down : down + place.shape[0], right : right + place.shape[1]]
            place[:] = np.clip(place + grain, 0, 255)


def _encoded(image: Image, orientation: int) -> bytes:
    """A JPEG with an EXIF block of one entry: tag 0x0112, type SHORT."""
    exif = b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    block: NDArray[np.uint8] = np.frombuffer(exif, np.uint8)
    parameters = (cv2.IMWRITE_JPEG_QUALITY, _QUALITY)
    return cv2.imencodeWithMetadata(".jpg", image, [cv2.IMAGE_METADATA_EXIF], [block], parameters)[1].tobytes()
