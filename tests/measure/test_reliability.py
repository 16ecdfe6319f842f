from __future__ import annotations

import numpy as np
import pytest

from edged.domain.curve import Curve
from edged.domain.scale import Scale
from edged.measure.identification import Search
from edged.measure.reliability import reliability

CURVE = Curve(((1e-2, 0.3), (1e-3, 0.4)), 40.0, -14.0)


def _drawn(scale: Scale, count: int) -> Search:
    """Best matches whose confidence is right: each is right as often as it says; strangers and enrolled by halves."""
    dice = np.random.default_rng(5)
    cosines = dice.uniform(0.2, 0.7, count)
    right = dice.random(count) < [scale.confidence(float(cosine)) for cosine in cosines]
    return Search(
        people=np.where(right, "anna", "stranger"), found=np.full(count, "anna"), cosines=cosines, enrolled=right
    )


def test_confidences_that_are_what_they_say_have_hardly_any_error() -> None:
    scale = Scale(CURVE, 20, 20)
    found = reliability(_drawn(scale, 20_000), scale)
    assert found.error < 0.05
    assert sum(each.count for each in found.bins) == 20_000
    assert sum(each.weight for each in found.bins) == pytest.approx(1)
    assert 0 < found.brier < 0.25


def test_confidences_that_forget_how_many_people_there_are_have_a_great_one() -> None:
    search = _drawn(Scale(CURVE, 1000, 1000), 20_000)
    forgetful = reliability(search, Scale(CURVE, 1, 1))
    assert forgetful.error > 2 * reliability(search, Scale(CURVE, 1000, 1000)).error


def test_strangers_and_enrolled_people_weigh_the_same_however_many_there_are() -> None:
    people = np.array(["anna"] * 9 + ["stranger"])
    search = Search(people, np.full(10, "anna"), np.array([0.9] * 9 + [0.9]), people == "anna")
    (only,) = reliability(search, Scale(CURVE, 1, 1)).bins
    assert only.count == 10
    assert only.right == pytest.approx(0.5)
    assert only.predicted == pytest.approx(1, abs=1e-6)


def test_a_wrong_name_is_wrong_though_the_person_is_enrolled() -> None:
    people = np.array(["anna", "ben", "stranger"])
    search = Search(people, np.array(["anna", "anna", "anna"]), np.array([0.9, 0.9, 0.0]), people != "stranger")
    low, high = reliability(search, Scale(CURVE, 1, 1)).bins
    assert low.right == 0
    assert high.right == pytest.approx(0.5)
