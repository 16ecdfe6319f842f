"""Everybody in a photograph is found once, wherever they stand and however far away."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edged.config.document import ModelSettings
from edged.domain.face import Box, Face
from edged.domain.frame import Image
from edged.vision.boxes import order
from edged.vision.decode import MOST_FACES
from edged.vision.group import find_all, portray_all
from edged.vision.sight import Sight, open_sight

SHIFTS = [(0, 0), (1, 1), (137, 91), (300, 512), (555, 31)]


@dataclass
class Painted:
    """A detector that finds white rectangles, as certain of what its picture's edge cuts as of any other; those of less
    than 28 pixels it doubts, those of less than 16 it does not see."""

    certain: float = 0.6
    side: int | None = None
    looks: list[tuple[int, int]] = field(default_factory=list)

    def detect(self, image: Image, long_side: int, least: float | None = None) -> tuple[Face, ...]:
        self.looks.append((image.shape[1], image.shape[0]))
        assert max(image.shape[:2]) <= long_side
        least = self.certain if least is None else least
        count, _labels, stats, _middles = cv2.connectedComponentsWithStats((image[:, :, 0] > 127).astype(np.uint8))
        faces = (_face(*edges[:4]) for edges in stats[1:count].tolist())
        return tuple(face for face in faces if face.score >= least and face.box.height >= 16)


def _face(left: int, top: int, width: int, height: int) -> Face:
    points = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
    score = 0.9 if height >= 28 else 0.3
    corner, size = np.array((left, top)), np.array((width, height))
    return Face(Box(left, top, left + width, top + height), score, (corner + points * size).astype(np.float32))


def _painting(boxes: Sequence[tuple[int, int, int, int]], size: tuple[int, int]) -> Image:
    image = np.zeros((size[1], size[0], 3), np.uint8)
    for left, top, width, height in boxes:
        image[top : top + height, left : left + width] = 255
    return image


@st.composite
def paintings(draw: st.DrawFn) -> list[tuple[int, int, int, int]]:
    """Boxes in a picture of 2900 × 2100, one in a cell of 700 at most, from a back row's to one that fills its cell."""
    boxes = []
    for column, row in itertools.product(range(4), range(3)):
        if draw(st.booleans()):
            height = draw(st.sampled_from([32, 36, 45, 60, 100, 170, 250, 400, 640]))
            width = int(height * 0.8)
            left = draw(st.integers(700 * column + 5, 700 * column + 695 - width))
            top = draw(st.integers(700 * row + 5, 700 * row + 695 - height))
            boxes.append((left, top, width, height))
    return boxes


def _agree(faces: Sequence[Face], boxes: Sequence[tuple[int, int, int, int]], shift: tuple[int, int] = (0, 0)) -> bool:
    places = [Box(x + shift[0], y + shift[1], x + shift[0] + w, y + shift[1] + h) for x, y, w, h in boxes]
    near = [[face.box.iou(place) > 0.75 for face in faces] for place in places]
    return len(faces) == len(boxes) and all(sum(row) == 1 for row in near)


@settings(max_examples=40)
@given(paintings(), st.integers(0, 700), st.integers(0, 700))
@example([(600, 500, 512, 640), (1400, 700, 26, 32)], 0, 0)
def test_a_faces_place_does_not_depend_on_where_tiles_begin_and_none_is_found_twice(
    boxes: list[tuple[int, int, int, int]], right: int, down: int
) -> None:
    painting = _painting(boxes, (2900, 2100))
    assert _agree(find_all(Painted(), painting), boxes)
    shifted = np.asarray(cv2.copyMakeBorder(painting, down, 0, right, 0, cv2.BORDER_CONSTANT), np.uint8)
    assert _agree(find_all(Painted(), shifted), boxes, (right, down))


def test_a_face_as_large_as_the_picture_is_one_face() -> None:
    boxes = [(20, 20, 3900, 2900)]
    assert _agree(find_all(Painted(), _painting(boxes, (4000, 3000))), boxes)


def test_faces_at_the_pictures_own_edge_are_no_cut_ones() -> None:
    boxes = [(0, 0, 40, 50), (2960, 0, 40, 50), (0, 1950, 40, 50), (2960, 1950, 40, 50), (0, 1000, 300, 400)]
    assert _agree(find_all(Painted(), _painting(boxes, (3000, 2000))), boxes)


def test_every_look_is_a_short_one() -> None:
    detector = Painted()
    find_all(detector, _painting([(100 * x, 100 * y, 30, 36) for x in range(60) for y in range(5)], (6000, 4000)))
    assert max(max(look) for look in detector.looks) <= 1024


def test_a_picture_that_is_made_to_have_thousands_of_faces_does_not_take_thousands_of_looks() -> None:
    detector = Painted()
    boxes = [(45 * x + 10, 45 * y + 10, 20, 30) for x in range(120) for y in range(80)]
    assert len(find_all(detector, _painting(boxes, (6000, 4000)))) == MOST_FACES
    assert len(detector.looks) < 600


@pytest.mark.parametrize("size", [(1, 1), (2000, 1), (3, 5000), (1025, 1024)])
def test_a_picture_of_any_shape_can_have_nobody(size: tuple[int, int]) -> None:
    assert find_all(Painted(), _painting([], size)) == ()


def test_a_detector_of_one_small_size_is_shown_the_whole_picture_once(
    model_settings: ModelSettings, astronaut: Image
) -> None:
    blaze = open_sight(model_settings.model_copy(update={"detector": "blazeface-short-range"}))
    assert len(blaze.detect_all(np.asarray(cv2.resize(astronaut, (2000, 2000)), np.uint8))) == 1


def test_a_detector_of_one_large_size_gets_tiles_of_it() -> None:
    detector = Painted(side=640)
    boxes = [(900, 620, 32, 40), (100, 100, 400, 500)]
    assert _agree(find_all(detector, _painting(boxes, (2400, 1600))), boxes)
    assert max(max(look) for look in detector.looks) <= 640


# From here on with the real detector and a real face.


FACE = Box(178, 63, 268, 176)
"""Hers in the photograph, as the detector sees it."""
HEAD = (slice(20, 260), slice(110, 350))


def _gathering(astronaut: Image, heights: Sequence[int]) -> tuple[Image, list[Box]]:
    """Her head in rows before a grey wall, with faces of these heights, and where they are."""
    image = np.full((2400, 3600, 3), 120, np.uint8)
    places: list[Box] = []
    x = y = tallest = 0
    for height in heights:
        scale = height / FACE.height
        side = round(240 * scale)
        if x + side > image.shape[1]:
            x, y, tallest = 0, y + tallest, 0
        image[y : y + side, x : x + side] = cv2.resize(astronaut[HEAD], (side, side), interpolation=cv2.INTER_AREA)
        edges = ((FACE.x1 - 110) * scale, (FACE.y1 - 20) * scale, (FACE.x2 - 110) * scale, (FACE.y2 - 20) * scale)
        places.append(Box(*edges).moved(x, y))
        x, tallest = x + side, max(tallest, side)
    return image, places


HEIGHTS = [600, 600, 300, 300, 150, 150, 90, 90, 60, 60, 45, 45, 36, 36, 34]


@pytest.mark.parametrize("shift", SHIFTS)
def test_everybody_from_the_front_row_to_the_back_is_found_once(
    sight: Sight, astronaut: Image, shift: tuple[int, int]
) -> None:
    image, places = _gathering(astronaut, HEIGHTS)
    right, down = shift
    shifted = np.asarray(cv2.copyMakeBorder(image, down, 0, right, 0, cv2.BORDER_REPLICATE), np.uint8)
    faces = sight.detect_all(shifted)
    assert len(faces) == len(places)
    for place in places:
        assert sum(face.box.iou(place.moved(right, down)) > 0.55 for face in faces) == 1
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)
    assert len(sight.detect(shifted)) < len(faces)  # one look at the whole finds those in front only


def test_somebody_in_the_back_row_is_recognised(sight: Sight, astronaut: Image) -> None:
    portraits = portray_all(sight, _gathering(astronaut, HEIGHTS)[0])
    assert list(portraits) == sorted(portraits, key=lambda face: order(face.box))
    (portrait,) = portray_all(sight, astronaut)
    known = sight.curve.cosine_at(1e-3)
    assert all(float(face.vector @ portrait.vector) > known for face in portraits)


def test_a_close_portrait_is_one_face(sight: Sight, astronaut: Image) -> None:
    close = np.asarray(cv2.resize(astronaut[40:220, 140:320], (4000, 4000), interpolation=cv2.INTER_CUBIC), np.uint8)
    (face,) = sight.detect_all(close)
    assert face.box.height > 2000


def test_a_badge_that_looks_like_a_face_from_near_only_is_nobodys(sight: Sight, astronaut: Image) -> None:
    """The one on her suit does so at five eighths of this size."""
    large = np.asarray(cv2.resize(astronaut, (3000, 3000)), np.uint8)
    (face,) = sight.detect_all(large)
    assert face.box.y1 < 600


def test_the_picture_is_not_written_to(sight: Sight, astronaut: Image) -> None:
    image, _places = _gathering(astronaut, HEIGHTS)
    before = image.copy()
    sight.detect_all(image)
    assert (image == before).all()


def test_in_a_small_picture_it_is_what_one_look_finds(sight: Sight, astronaut: Image) -> None:
    (one,), (other,) = replace(sight, long_side=512).detect(astronaut), sight.detect_all(astronaut)
    assert one.box.iou(other.box) > 0.99
