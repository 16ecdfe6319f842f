"""What holds of two stores' copies of one thing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.photos.admission import admit_absent
from edged.photos.album import EventPlan
from edged.photos.kept import ChangeKind, KeptEvent, KeptPhoto, KeptSearch, Outcome
from edged.photos.photo import Photo, PhotoFace, Standing
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


@pytest.mark.parametrize(("theirs", "ours"), [(1, 0), (5, 4), (0, 0)])
def test_what_never_was_here_or_was_added_after_it_was_taken_away_may_come_in(theirs: int, ours: int) -> None:
    admit_absent(ChangeKind.PHOTO, "p", theirs, ours)


@pytest.mark.parametrize(
    ("kind", "theirs", "ours"),
    [(ChangeKind.PHOTO, 4, 4), (ChangeKind.PHOTO, 3, 4), (ChangeKind.SEARCH, 9, 1)],
    ids=["as it is there", "changed there, unheard", "a guest, whatever was done"],
)
def test_what_was_taken_away_stays_so(kind: ChangeKind, theirs: int, ours: int) -> None:
    with pytest.raises(Refused, match=r"the \w+ p was taken away here") as refusal:
        admit_absent(kind, "p", theirs, ours)
    assert refusal.value.reason == "gone"


@pytest.mark.parametrize(
    ("theirs", "ours", "holds"),
    [
        ((Standing.HIDDEN, 2), (Standing.SHOWN, 1), Standing.HIDDEN),
        ((Standing.SHOWN, 2), (Standing.HIDDEN, 1), Standing.SHOWN),
        ((Standing.SHOWN, 1), (Standing.HIDDEN, 2), Standing.HIDDEN),
        ((Standing.SHOWN, 2), (Standing.HIDDEN, 2), Standing.HIDDEN),
        ((Standing.WAITING, 2), (Standing.SHOWN, 2), Standing.WAITING),
    ],
)
def test_a_photograph_stands_as_where_it_was_changed_more_often_and_else_as_fewer_see_it(
    theirs: tuple[Standing, int], ours: tuple[Standing, int], holds: Standing
) -> None:
    def beside(one: tuple[Standing, int], other: tuple[Standing, int]) -> Standing:
        kept = KeptPhoto(replace(PHOTO, standing=one[0]), "cd" * 32, [], None, one[1])
        return kept.standing_beside(*other)

    assert beside(theirs, ours) is holds
    assert beside(ours, theirs) is holds, "both stores say the same"


def test_of_two_events_the_one_that_was_changed_more_often_holds_and_of_equals_the_same_in_both_stores() -> None:
    first = KeptEvent("e", "gala", EventPlan("Gala"), None, 1, 4)
    second = replace(first, plan=EventPlan("Gala 2"))
    assert replace(second, revision=5).holds_over(first)
    assert not second.holds_over(replace(first, revision=5))
    assert first.holds_over(second) is not second.holds_over(first)
    assert not first.holds_over(first)
    assert first.outcome(None) == Outcome(is_news=True, is_theirs=True)
    assert first.outcome(replace(first, revision=9)) == Outcome(is_news=False, is_theirs=True), "they say the same"
    assert second.outcome(replace(first, revision=9)) == Outcome(is_news=False, is_theirs=False)
    assert replace(second, revision=9).outcome(first) == Outcome(is_news=True, is_theirs=True)


def test_of_a_photograph_those_faces_are_left_that_both_have_and_whoever_has_more_is_told() -> None:
    sent = KeptPhoto(PHOTO, "cd" * 32, [face(1, 0), face(0, 1)], MODEL, 2)
    here = [(7, face(0, 1), MODEL), (9, face(-1, 0), MODEL)]

    standing, gone, outcome = sent.merged(PHOTO, 1, here)

    assert (standing, gone) == (PHOTO.standing, [9])
    assert outcome == Outcome(is_news=True, is_theirs=False)
    assert (outcome.is_to_be_told, outcome.teller("them")) == (True, "")
    same = sent.merged(PHOTO, 1, [(7, face(0, 1), MODEL), (8, face(1, 0), MODEL)])[2]
    assert (same.is_to_be_told, same.teller("them")) == (False, "them")
