from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edged.measure.population import synthetic
from edged.photos.likeness import Likeness, alike

SURE, LEAST = 0.6, 0.45
SEEDS = st.integers(0, 10_000)
COSINES = st.floats(-0.2, 1.0)


class Party:
    """Forty people with five faces each, in photographs of a few; and a selfie of the first one."""

    def __init__(self, seed: int) -> None:
        made = synthetic(40, 6, 64, 3, seed)
        self.probe = made.vectors[0]
        self.faces = made.vectors[np.arange(len(made.vectors)) % 6 > 0]
        self.photos = np.random.default_rng(seed).integers(0, 80, len(self.faces)).astype(np.int64)

    def search(
        self, least: float = LEAST, sure: float = SURE, denied: NDArray[np.bool_] | None = None
    ) -> tuple[Likeness, ...]:
        return alike(self.probe, self.faces, self.photos, least=least, sure=sure, denied=denied)


def placed(*cosines: tuple[float, ...]) -> NDArray[np.float32]:
    """Vectors with these cosines: each one with those before it."""
    gram = np.eye(len(cosines) + 1)
    for row, those in enumerate(cosines, 1):
        gram[row, :row] = gram[:row, row] = those
    return np.linalg.cholesky(gram).astype(np.float32)


def photos_of(found: tuple[Likeness, ...]) -> list[int]:
    return [likeness.photo for likeness in found]


@given(SEEDS, COSINES, COSINES, COSINES)
def test_a_higher_threshold_never_shows_more(seed: int, one: float, other: float, sure: float) -> None:
    party = Party(seed)
    many, few = (party.search(least, sure) for least in (min(one, other), max(one, other)))
    assert photos_of(few) == [photo for photo in photos_of(many) if photo in set(photos_of(few))]
    assert {each.similarity for each in few} <= {each.similarity for each in many}


@given(SEEDS, COSINES)
def test_a_photograph_is_there_once_and_the_surest_comes_first(seed: int, least: float) -> None:
    party = Party(seed)
    found = party.search(least)
    assert len(set(photos_of(found))) == len(found)
    assert [each.similarity for each in found] == sorted((each.similarity for each in found), reverse=True)
    assert all(least <= each.similarity <= 1 for each in found)
    assert all(party.photos[each.face] == each.photo for each in found)


@given(SEEDS, COSINES)
def test_nothing_is_joined_where_nothing_is_certain(seed: int, least: float) -> None:
    party = Party(seed)
    cosines = party.faces @ party.probe
    found = party.search(least, sure=float(cosines.max()) + 1e-3)
    assert set(photos_of(found)) == set(party.photos[cosines >= least].tolist())
    assert all(each.similarity == each.direct == cosines[each.face] for each in found)
    assert all(each.through is None for each in found)


@given(SEEDS)
def test_only_a_photograph_that_the_selfie_would_miss_is_shown_through_another(seed: int) -> None:
    party = Party(seed)
    for each in party.search():
        assert (each.through is None) == (each.direct >= LEAST)
        assert each.through is None or party.photos[each.through] != each.photo


@given(SEEDS)
def test_a_photograph_that_was_denied_is_as_if_it_were_not_there(seed: int) -> None:
    party, rest = Party(seed), Party(seed)
    denied = np.isin(party.photos, photos_of(party.search())[::2])
    rest.faces, rest.photos = rest.faces[~denied], rest.photos[~denied]
    found, other = party.search(denied=denied), rest.search()
    assert photos_of(found) == photos_of(other)
    assert [each.similarity for each in found] == pytest.approx([each.similarity for each in other], abs=1e-5)


@given(SEEDS)
def test_a_face_that_was_denied_is_neither_shown_nor_joined(seed: int) -> None:
    party = Party(seed)
    denied = np.zeros(len(party.faces), np.bool_)
    denied[[each.face for each in party.search()][::2]] = True
    for each in party.search(denied=denied):
        assert not denied[each.face]
        assert each.through is None or not denied[each.through]


@given(SEEDS)
def test_the_order_of_the_faces_does_not_matter(seed: int) -> None:
    party, mixed = Party(seed), Party(seed)
    order = np.random.default_rng(seed).permutation(len(party.faces))
    mixed.faces, mixed.photos = mixed.faces[order], mixed.photos[order]
    found, other = party.search(), mixed.search()
    assert photos_of(found) == photos_of(other)
    assert [each.similarity for each in other] == pytest.approx([each.similarity for each in found], abs=1e-5)


def test_a_photograph_unlike_the_selfie_is_found_through_one_that_is_certain() -> None:
    probe, *others = placed((0.7,), (0.35, 0.8))
    faces, photos = np.array(others), np.array([7, 9], np.int64)

    first, second = alike(probe, faces, photos, least=LEAST, sure=SURE)
    assert (first.photo, first.through) == (7, None)
    assert (second.photo, second.through) == (9, 0)
    assert second.direct == pytest.approx(0.35, abs=1e-5)
    assert second.similarity > SURE
    assert photos_of(alike(probe, faces, photos, least=LEAST, sure=0.71)) == [7]


def test_several_photographs_say_no_where_the_selfie_alone_says_maybe() -> None:
    probe, *others = placed((0.7,), (0.7, 0.7), (0.46, 0.1, 0.1))
    photos = np.array([7, 8, 9], np.int64)
    assert photos_of(alike(probe, np.array(others), photos, least=LEAST, sure=SURE)) == [7, 8]
    assert photos_of(alike(probe, np.array(others), photos, least=LEAST, sure=0.71)) == [7, 8, 9]


def test_a_sister_who_stands_beside_the_guest_once_is_told_apart_everywhere() -> None:
    probe, *others = placed((0.7,), (0.45, 0.5), (0.5, 0.5, 0.75))
    faces = np.array(others)
    apart, together = np.array([1, 2, 3], np.int64), np.array([1, 1, 3], np.int64)
    assert set(photos_of(alike(probe, faces, apart, least=LEAST, sure=SURE))) == {1, 2, 3}
    assert photos_of(alike(probe, faces, together, least=LEAST, sure=SURE)) == [1]


def test_a_sister_who_is_very_like_the_selfie_is_not_joined_before_the_surest_photograph_had_its_say() -> None:
    probe, *others = placed((0.75,), (0.5, 0.45), (0.62, 0.45, 0.8))
    together = np.array([1, 1, 3], np.int64)
    assert photos_of(alike(probe, np.array(others), together, least=LEAST, sure=SURE)) == [1]


def test_a_guest_seen_twice_in_one_photograph_by_a_mirror_loses_none_of_the_others() -> None:
    probe, *others = placed((0.7,), (0.65, 0.8), (0.5, 0.6, 0.85))
    mirrored = np.array([1, 1, 3], np.int64)
    first, second = alike(probe, np.array(others), mirrored, least=0.55, sure=SURE)
    assert (first.photo, second.photo) == (1, 3)
    assert second.through == 0  # of the two that are certain the better one was joined, and that one alone


def test_a_face_does_not_vouch_for_itself() -> None:
    probe, face = placed((0.7,))
    assert alike(probe, face[np.newaxis], np.array([1], np.int64), least=0.71, sure=SURE) == ()


def test_a_friend_who_is_a_little_like_the_guest_takes_none_of_the_guests_photographs() -> None:
    together = np.array([1, 1, 3], np.int64)
    for cosines in (((0.8,), (0.5, 0.55), (0.7, 0.75, 0.62)), ((0.8,), (0.3, 0.35), (0.48, 0.5, 0.58))):
        probe, *others = placed(*cosines)
        assert photos_of(alike(probe, np.array(others), together, least=0.4, sure=SURE)) == [1, 3]


def test_two_that_were_joined_and_doubt_each_other_are_shown_by_the_threshold_alone() -> None:
    probe, *others = placed((0.8,), (0.6, 0.62), (0.6, 0.65, 0.1))
    photos = np.array([1, 2, 3], np.int64)
    assert photos_of(alike(probe, np.array(others), photos, least=0.3, sure=SURE)) == [1, 3, 2]
    assert photos_of(alike(probe, np.array(others), photos, least=0.5, sure=SURE)) == [1]


def test_an_event_without_faces_has_nothing_to_show() -> None:
    nobody, none = np.empty((0, 8), np.float32), np.empty(0, np.int64)
    assert alike(np.eye(8, dtype=np.float32)[0], nobody, none, least=-1.0, sure=SURE) == ()
