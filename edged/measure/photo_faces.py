"""The embeddings of a folder of photographs, person by person, also in more dimensions than the model has."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.domain.frame import Image
from edged.domain.progress import Progress
from edged.measure.gaze import main_face
from edged.measure.photo_set import read_photos
from edged.vision.photo import read_photo
from edged.vision.sight import Sight

VIEWS: Final = 4
_CLOSER: Final = 0.04
"""Share of the picture that a closer view leaves out on each side."""
_SMALLER: Final = 0.8


def photo_faces(root: Path, sight: Sight, views: int, progress: Progress) -> list[NDArray[np.float32]]:
    """One array a person: float32, shape (photographs, views × the model's dimension), unit length.

    With one view these are the model's embeddings. With four the photograph is also looked at mirrored, from closer,
    and smaller, and the four embeddings stand side by side: no model of 512 numbers, but vectors of 512 that are spread
    as those of real faces, in which people differ more than photographs. The first quarter is the photograph as it is.

    Photographs without a face are passed over. Blocks for about 20 ms a view.

    Args:
        root: a folder for each person, see `read_photos`.

    Raises:
        Refused: there are no photographs, or one cannot be read.
    """
    faces: dict[str, list[NDArray[np.float32]]] = {}
    photos = read_photos(root)
    for number, photo in enumerate(photos):
        progress(f"photograph {number} of {len(photos)}", number / len(photos))
        crops = [_crop(sight, view) for view in _views(read_photo(photo.path))[:views]]
        found = [crop for crop in crops if crop is not None]
        if len(found) == views:
            vector = sight.embed(found).reshape(-1)
            faces.setdefault(photo.person, []).append(vector / np.linalg.norm(vector))
    progress("all photographs were looked at", 1.0)
    return [np.stack(own).astype(np.float32) for own in faces.values()]


def first_view(faces: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Of vectors of four views those of the photographs as they are."""
    first = [own[:, : own.shape[1] // VIEWS] for own in faces]
    return [own / np.linalg.norm(own, axis=1, keepdims=True) for own in first]


def _views(image: Image) -> tuple[Image, Image, Image, Image]:
    height, width = image.shape[:2]
    top, left = int(height * _CLOSER), int(width * _CLOSER)
    closer = np.ascontiguousarray(image[top : height - top, left : width - left])
    smaller = cv2.resize(image, None, fx=_SMALLER, fy=_SMALLER, interpolation=cv2.INTER_AREA)
    return image, np.ascontiguousarray(image[:, ::-1]), closer, np.asarray(smaller, np.uint8)


def _crop(sight: Sight, image: Image) -> Image | None:
    found = sight.detect(image)
    return sight.crop(image, main_face(found, image.shape)) if found else None
