"""Whether a target is kept, on people who are made up."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edged.domain.errors import Refused
from edged.domain.progress import quiet
from edged.measure.thresholds import family_growth, targets_kept, thresholds_report
from tests.gallery.sample import directions
from tests.gallery.test_survey import CURVE


def _photographs(people: int, each: int, spread: float) -> tuple[NDArray[np.float32], list[str]]:
    """So many photographs of each, which lie around their person's middle."""
    middles = np.repeat(directions(1, people, 128), each, axis=0)
    vectors = middles + spread * directions(2, people * each, 128)
    names = [f"p{number // each}" for number in range(people * each)]
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32), names


def test_photographs_that_are_all_the_same_count_once_and_such_that_are_not_each() -> None:
    same = family_growth(*_photographs(300, 6, 0.001), CURVE)
    unlike = family_growth(*_photographs(300, 6, 100.0), CURVE)
    assert [(family.photos, family.people) for family in same] == [(2, 300), (3, 300), (4, 300), (6, 300)]
    for one, other in zip(same, unlike, strict=True):
        assert one.exponents[1e-3] == pytest.approx(0, abs=0.05)
        assert other.exponents[1e-3] == pytest.approx(1, abs=0.05)
    assert same[0].exponents[1e-5] is None, "too few false matches to say"


def test_targets_are_kept_by_people_who_are_as_the_curve_says() -> None:
    kept = targets_kept(*_photographs(400, 2, 0.5), CURVE, quiet)
    everybody = {item.target: item for item in kept if item.kind == "everybody"}
    assert everybody[1e-2].people == 200
    assert everybody[1e-2].accepted[1] < 0.03
    assert everybody[3e-2].accepted[0] == pytest.approx(0.03, abs=0.03)
    report = thresholds_report(family_growth(*_photographs(200, 2, 0.5), CURVE), kept).text()
    assert "drawn at random" in report
    assert "most alike" in report


def test_a_handful_of_people_is_refused() -> None:
    with pytest.raises(Refused, match="too few"):
        targets_kept(*_photographs(30, 2, 0.5), CURVE, quiet)
