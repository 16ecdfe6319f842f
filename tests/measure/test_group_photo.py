"""Group photographs that are composed for measurements are what they are said to be."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edged.domain.errors import Refused
from edged.domain.frame import Image
from edged.domain.progress import quiet
from edged.measure.group_photo import ORIENTATIONS, Head, compose, read_heads
from edged.vision.photo import decode_photo
from edged.vision.sight import Sight

SIZE = (1800, 1200)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, astronaut: Image) -> Path:
    """One person with two photographs, one with a single one, and one who is cut off in hers."""
    root = tmp_path_factory.mktemp("people")
    for person, images in {
        "eileen": (astronaut[:400, 20:420], astronaut[:380, 40:420]),
        "once": (astronaut[:400, 20:420],),
        "cut": (astronaut[:200, 180:300], astronaut[:200, 180:300]),
    }.items():
        (root / person).mkdir()
        for number, image in enumerate(images):
            cv2.imwrite(str(root / person / f"{person}_{number:04d}.png"), np.ascontiguousarray(image))
    return root


@pytest.fixture(scope="module")
def heads(folder: Path, sight: Sight) -> tuple[Head, ...]:
    return read_heads(folder, sight, 10, 1, quiet)


def test_heads_are_of_people_with_several_photographs_and_whole(heads: tuple[Head, ...]) -> None:
    assert [head.person for head in heads] == ["eileen"]


def test_a_folder_without_such_people_is_refused(tmp_path: Path, sight: Sight) -> None:
    (tmp_path / "wall").mkdir()
    cv2.imwrite(str(tmp_path / "wall" / "a.png"), np.zeros((200, 200, 3), np.uint8))
    with pytest.raises(Refused) as refusal:
        read_heads(tmp_path, sight, 10, 1, quiet)
    assert refusal.value.reason == "no_heads"


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_everybody_stands_where_it_is_said_also_where_exif_turns_the_picture(
    heads: tuple[Head, ...], sight: Sight, seed: int, orientation: int
) -> None:
    photo = compose(heads * 6, (60, 200), seed, size=SIZE, orientation=orientation)
    image = decode_photo(photo.jpeg)
    assert (photo.width, photo.height) == (image.shape[1], image.shape[0])
    assert (photo.width > photo.height) == (orientation < 5)
    assert all(60 <= standing.box.height <= 200 for standing in photo.people)
    faces = sight.detect_all(image)
    assert len(faces) == len(photo.people) == 6
    for standing in photo.people:
        assert max(face.box.iou(standing.box) for face in faces) > 0.7


def test_the_same_seed_gives_the_same_photograph_and_another_one_another(heads: tuple[Head, ...]) -> None:
    one, again, other = (compose(heads * 4, (40, 100), seed, size=SIZE) for seed in (1, 1, 2))
    assert one.jpeg == again.jpeg
    assert one.jpeg != other.jpeg


def test_faces_that_would_not_fit_into_their_place_are_smaller(heads: tuple[Head, ...]) -> None:
    photo = compose(heads * 30, (600, 600), 0, size=SIZE)
    assert len(photo.people) == 30
    for standing in photo.people:
        assert standing.box.x1 >= 0
        assert standing.box.y1 >= 0
        assert standing.box.x2 <= photo.width
        assert standing.box.y2 <= photo.height
