"""What the benchmark is made of: pairs of photographs, thresholds from one half of the people, a report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edged.domain.errors import Refused
from edged.liveness.plane import upright
from edged.measure.liveness import DISSOLVED, FLAT, HEAD, Measured, _fit
from edged.measure.liveness_people import Portrait, depth_at, halves, pairs
from edged.measure.liveness_report import is_good, liveness_report
from edged.measure.proportion import Proportion
from tests.liveness.solid import head, turned


def _portraits(people: int, angles: tuple[float, ...]) -> list[Portrait]:
    rng = np.random.default_rng(1)
    found = []
    for person in range(people):
        for number, angle in enumerate(angles):
            one = head(turned(angle + rng.uniform(-2, 2)), (0, 0, 70))
            points = upright(one.landmarks, one.box)
            assert points is not None
            found.append(Portrait(f"p{person}", Path(f"{person}-{number}.jpg"), one.landmarks, one.box, points))
    return found


def test_no_person_is_in_both_halves() -> None:
    found = _portraits(31, (0.0, 20.0))
    first, second = halves(found)
    assert {one.person for one in first}.isdisjoint(one.person for one in second)
    assert len(first) + len(second) == len(found)
    assert abs(len(first) - len(second)) <= 2


def test_each_photograph_is_paired_with_another_from_the_front() -> None:
    made = pairs(_portraits(3, (0.0, 33.0, -33.0)))
    turned_ones = [pair for pair in made if not pair.aside.is_ahead]
    assert len(turned_ones) == 6
    assert all(pair.ahead.person == pair.aside.person and pair.ahead.is_ahead for pair in made)
    assert sorted(round(pair.moved.degrees / 33) for pair in turned_ones) == [-1, -1, -1, 1, 1, 1]


def test_depth_is_read_off_how_narrow_faces_become() -> None:
    assert depth_at(pairs(_portraits(30, (0.0, 10.0, 20.0, 30.0)))) == pytest.approx(0.59, abs=0.08)


def test_thresholds_accept_the_half_that_they_are_fixed_on() -> None:
    fit = _fit(_portraits(60, (0.0, 25.0, 30.0)))
    assert fit.accepted[f"{fit.outline:.2f}"].share >= 0.975
    assert fit.narrower[f"{fit.excess:.2f}"].share >= 0.975
    shares = [accepted.share for accepted in fit.accepted.values()]
    assert shares == sorted(shares, reverse=True)


def test_too_few_photographs_fix_nothing() -> None:
    with pytest.raises(Refused, match="50 at least"):
        _fit(_portraits(3, (0.0, 30.0)))


def test_a_report_says_whether_the_targets_were_reached() -> None:
    fit = _fit(_portraits(60, (0.0, 25.0, 30.0)))
    none = Proportion(0, 50)

    def found(flat: Proportion, accepted: Proportion, heads: int = 88) -> Measured:
        return Measured(
            fit=fit,
            people=10,
            nose=0.16,
            outline=0.24,
            excess=1.3,
            attacks={FLAT: flat, DISSOLVED: Proportion(20, 50)},
            manners={"held": flat},
            one_step={FLAT: flat, DISSOLVED: Proportion(30, 50)},
            why={FLAT: {"too_slow": 9, "flat": 1}, DISSOLVED: {}, HEAD: {"too_slow": 3}},
            unasked=2,
            turned={"30–35": accepted},
            same=none,
            heads=Proportion(heads, 88),
            judge_ms=0.5,
            frames=1000,
        )

    good = found(Proportion(1, 1000), Proportion(26, 26))
    assert is_good(good)
    assert "1 of 1,000 (0.10 %" in liveness_report(good).text()
    for missed in (
        found(Proportion(2, 1000), Proportion(26, 26)),
        found(Proportion(0, 999), Proportion(26, 26)),
        found(Proportion(0, 1000), Proportion(24, 26)),
        found(Proportion(0, 1000), Proportion(26, 26), heads=70),
    ):
        assert not is_good(missed)
        assert "missed" in liveness_report(missed).text()
