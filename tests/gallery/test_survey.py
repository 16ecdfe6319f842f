"""How alike the people of a gallery are, and which pairs too much."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.person import ModelRef
from edged.domain.scale import Scale
from edged.gallery.gallery import Gallery
from edged.gallery.survey import Surveyed
from tests.gallery.sample import directions, open_gallery, somebody, template

WIDE: Final = ModelRef("wide", "7" * 64, 128)


def _curve() -> Curve:
    """That of random directions in 128 dimensions, whose cosines are nearly normal, deviation 1 / √128."""
    quantiles = ((1e-2, 2.326), (1e-3, 3.090), (1e-4, 3.719), (1e-5, 4.265))
    return Curve(tuple((rate, round(z / 128**0.5, 4)) for rate, z in quantiles), 46.0, -15.0)


CURVE: Final = _curve()


class Town:
    """A gallery of people who are unlike each other but for what is enrolled on top."""

    def __init__(self, folder: Path, people: int = 0, bias: float = 0.0) -> None:
        self.gallery: Gallery = open_gallery(folder / "gallery.db", WIDE)
        self._photo = 0
        for number, vector in enumerate(_biased(directions(3, people, 128), bias)):
            self.enroll(f"p{number}", vector)

    def enroll(self, key: str, *vectors: NDArray[np.float32]) -> str:
        """Our id of the person."""
        templates = []
        for vector in vectors:
            self._photo += 1
            templates.append(template(self._photo, vector / np.linalg.norm(vector)))
        return self.gallery.enroll(somebody(key), templates).id

    def survey(self) -> Surveyed:
        """Looks and adopts, as the daemon does, and checks that a look at everything finds the same pairs."""
        roll = self.gallery.snapshot().roll
        surveyed = self.gallery.surveyed.after(roll, CURVE)
        anew = Surveyed.nothing(WIDE.dimension).after(roll, CURVE)
        assert _by_pair(surveyed) == pytest.approx(_by_pair(anew), abs=1e-5)
        self.gallery.adopt_survey(surveyed)
        return surveyed

    def pairs(self) -> list[tuple[str, str]]:
        """Keys of the look-alikes that lookups know of."""
        self.survey()
        snapshot = self.gallery.snapshot()
        names = {member.person.id: member.person.customer_person_id for member in snapshot.roll.members.values()}
        found = [sorted((names[pair.one], names[pair.other])) for pair in snapshot.survey.look_alikes]
        return sorted((one, other) for one, other in found)


def _by_pair(surveyed: Surveyed) -> dict[tuple[str, str, bool], float]:
    return {(pair.one, pair.other, pair.same): pair.similarity for pair in surveyed.survey.look_alikes}


def _biased(vectors: NDArray[np.float32], bias: float) -> NDArray[np.float32]:
    """Drawn a little towards one direction: everybody is more like everybody else."""
    drawn = vectors.copy()
    drawn[:, 0] += bias
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def _like(vector: NDArray[np.float32], cosine: float, seed: int) -> NDArray[np.float32]:
    """A unit vector that has this cosine with the given one."""
    other = directions(seed, 1, 128)[0]
    other -= (other @ vector) * vector
    other /= np.linalg.norm(other)
    return np.asarray(cosine * vector + np.sqrt(1 - cosine**2) * other, np.float32)


def test_people_as_unlike_as_the_curve_says_move_nothing(tmp_path: Path) -> None:
    site = Town(tmp_path, 500).survey().survey.site
    assert (site.people, site.rate) == (500, 1e-3)
    assert abs(site.shift) < 0.01
    assert 0 < site.error < 0.02


def test_people_who_are_alike_raise_the_threshold(tmp_path: Path) -> None:
    town = Town(tmp_path, 500, bias=0.3)
    site = town.survey().survey.site
    assert site.measured > 4 * site.error
    vectors = town.gallery.snapshot().roll.matrix.vectors
    strangers = _biased(directions(99, 4000, 128), 0.3)
    best = (strangers @ vectors.T).max(axis=1)
    alone, refined = (Scale(CURVE, 500, 500, each).threshold(1e-2).cosine for each in (type(site)(), site))
    accepted, better = np.mean(best >= alone), np.mean(best >= refined)
    assert accepted > 0.05, "the curve alone accepts many more of this town's strangers than one in a hundred"
    assert better < accepted / 2


def test_a_few_people_prove_nothing(tmp_path: Path) -> None:
    site = Town(tmp_path, 30, bias=0.6).survey().survey.site
    assert (site.people, site.rate, site.shift) == (30, 0.0, 0.0)


def test_somebody_enrolled_twice_does_not_move_the_threshold(tmp_path: Path) -> None:
    town = Town(tmp_path, 300)
    before = town.survey().survey.site
    vectors = town.gallery.snapshot().roll.matrix.vectors[:10].copy()
    for number, vector in enumerate(vectors):
        town.enroll(f"again {number}", *(_like(vector, 0.9, 1000 + 5 * number + photo) for photo in range(5)))
    after = town.survey().survey.site
    assert after.measured == pytest.approx(before.measured, abs=before.error)


def test_look_alikes_are_found_when_they_are_enrolled_and_gone_when_they_are_deleted(tmp_path: Path) -> None:
    town = Town(tmp_path, 60)
    assert town.pairs() == []
    face = directions(77, 1, 128)[0]
    town.enroll("anna", face, directions(78, 1, 128)[0])
    town.enroll("ben", directions(79, 1, 128)[0], _like(face, 0.47, 80))
    assert town.pairs() == [("anna", "ben")], "by the best of their photographs"
    town.enroll("cleo", _like(face, 0.48, 84))
    assert town.pairs() == [("anna", "ben"), ("anna", "cleo")]
    town.gallery.delete("ben")
    assert town.pairs() == [("anna", "cleo")]
    town.enroll("dora", directions(82, 1, 128)[0])
    town.enroll("dora", _like(face, 0.49, 83))
    assert town.pairs() == [("anna", "cleo"), ("anna", "dora")], "another photograph makes her one"


def test_a_look_alike_is_told_from_one_person_enrolled_twice(tmp_path: Path) -> None:
    town = Town(tmp_path, 60)
    face = directions(77, 1, 128)[0]
    anna, ben = town.enroll("anna", face), town.enroll("ben", _like(face, 0.56, 5))
    again = town.enroll("anna again", _like(face, 0.85, 6))
    found = _by_pair(town.survey())
    assert found[min(anna, again), max(anna, again), True] == pytest.approx(0.85, abs=1e-3)
    assert found[min(anna, ben), max(anna, ben), False] == pytest.approx(0.56, abs=1e-3)


def test_a_gallery_that_was_packed_finds_them_all_again(tmp_path: Path) -> None:
    town = Town(tmp_path, 40)
    face = directions(77, 1, 128)[0]
    town.enroll("anna", face)
    town.enroll("ben", _like(face, 0.6, 5))
    assert town.pairs() == [("anna", "ben")]
    town.gallery.delete("p3")
    before = town.gallery.surveyed
    packed = before.after(town.gallery.snapshot().roll.packed(), CURVE)
    assert _by_pair(packed) == pytest.approx(_by_pair(before), abs=1e-5)


def test_an_empty_gallery_has_nothing_to_say(tmp_path: Path) -> None:
    survey = Town(tmp_path).survey().survey
    assert (survey.site.people, survey.look_alikes) == (0, ())


def test_a_survey_is_known_again_at_the_next_start_until_people_change(tmp_path: Path) -> None:
    town = Town(tmp_path, people=40)
    face = directions(9, 1, 128)[0]
    ids = {town.enroll("anna", face), town.enroll("ben", face + 0.05 * directions(10, 1, 128)[0])}
    town.survey()
    town.gallery.close()
    assert not any(person.encode() in (tmp_path / "survey.sealed").read_bytes() for person in ids)

    again = open_gallery(tmp_path / "gallery.db", WIDE)
    assert _is_surveyed(again)
    (pair,) = again.snapshot().survey.look_alikes
    assert {pair.one, pair.other} == ids
    again.delete("ben")
    assert not _is_surveyed(again)
    again.close()

    (tmp_path / "survey.sealed").write_bytes(b"damaged")
    anew = open_gallery(tmp_path / "gallery.db", WIDE)
    assert anew.snapshot().survey.look_alikes == ()
    anew.close()


def _is_surveyed(gallery: Gallery) -> bool:
    """Asked anew each time: a type checker takes a property for a constant."""
    return gallery.is_surveyed
