"""What holds of two stores' copies of one thing."""

from __future__ import annotations

import numpy as np
import pytest

from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.photos.admission import admit_absent
from edged.photos.kept import ChangeKind, KeptPhoto, KeptSearch
from edged.photos.photo import Photo, PhotoFace
from edged.photos.search import Search

MODEL = ModelRef("arcface", "ab" * 32, 2)
PHOTO = Photo("p", "a.jpg", 40, 30, None, 1.0, 10, "image/jpeg")


def face(*vector: float) -> PhotoFace:
    return PhotoFace(Rect(0, 0, 1, 1), np.array(vector, np.float32))


def searched(done: float) -> Search:
    return Search("r", 0.9, ("p",), done=done)


@pytest.mark.parametrize(
    ("theirs", "ours", "holds"),
    [
        ((1, 20.0), (0, 10.0), True),
        ((0, 10.0), (1, 20.0), False),
        ((2, 10.0), (2, 20.0), True),
        ((2, 20.0), (2, 10.0), False),
        ((2, 20.0), (2, 20.0), False),
    ],
    ids=["done again more often", "less often", "done first", "done later", "the same"],
)
def test_the_search_that_was_done_again_more_often_holds_and_of_equals_the_first(
    theirs: tuple[int, float], ours: tuple[int, float], holds: bool
) -> None:
    search = KeptSearch(searched(theirs[1]), theirs[0])

    assert search.holds_over(searched(ours[1]), ours[0]) is holds


def test_faces_that_another_store_has_no_more_are_told_by_their_vectors() -> None:
    kept = KeptPhoto(PHOTO, "cd" * 32, [face(1, 0)], MODEL)
    here = [(7, face(0, 1), MODEL), (8, face(1, 0), MODEL), (9, face(-1, 0), MODEL)]

    assert kept.lacks(here) == [7, 9]
    assert kept.lacks([]) == []
    assert KeptPhoto(PHOTO, "cd" * 32, [], None).lacks(here) == [7, 8, 9]


@pytest.mark.parametrize("changed", [None, 99.0])
def test_what_was_made_after_it_was_taken_away_may_come_in(changed: float | None) -> None:
    admit_absent(ChangeKind.PHOTO, "p", 100.0, changed)


@pytest.mark.parametrize("changed", [100.0, 101.0])
def test_what_was_taken_away_since_it_was_made_stays_so(changed: float) -> None:
    with pytest.raises(Refused, match="the photo p was taken away here since") as refusal:
        admit_absent(ChangeKind.PHOTO, "p", 100.0, changed)
    assert refusal.value.reason == "gone"
