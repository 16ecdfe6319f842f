"""What a cosine means in one gallery."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.domain.scale import Scale
from edged.domain.survey import LookAlike, Site, Survey
from tests.recognition.stage import CURVE

_targets = st.floats(1e-6, 0.1)
_counts = st.integers(0, 100_000)
_sites = st.builds(Site, st.just(500), st.just(1e-3), st.floats(-0.2, 0.2), st.floats(0.001, 0.1))


def _cosine(target: float, persons: int, templates: int | None = None, site: Site | None = None) -> float:
    scale = Scale(CURVE, persons, persons if templates is None else templates, site or Site())
    return scale.threshold(target).cosine


@given(_targets, _targets, _counts, _sites)
def test_less_risk_asks_for_more(one: float, other: float, persons: int, site: Site) -> None:
    small, large = sorted((one, other))
    assert _cosine(small, persons, site=site) >= _cosine(large, persons, site=site)


@given(_targets, _counts, _counts, st.integers(1, 9))
def test_more_people_and_more_photographs_ask_for_more(target: float, one: int, other: int, photos: int) -> None:
    few, many = sorted((one, other))
    assert _cosine(target, many, photos * many) >= _cosine(target, few, photos * few)
    assert _cosine(target, many, photos * many) >= _cosine(target, many)


def test_photographs_of_one_person_count_for_less_than_other_people() -> None:
    assert _cosine(1e-3, 100) < _cosine(1e-3, 100, 400) < _cosine(1e-3, 400)


def test_one_template_is_one_comparison() -> None:
    assert _cosine(1e-3, 1) == pytest.approx(0.36)
    assert _cosine(1e-3, 0) == _cosine(1e-3, 1)
    assert _cosine(1e-3, 10) == pytest.approx(0.42, abs=1e-3)
    assert _cosine(1e-3, 10, 0) == _cosine(1e-3, 1), "people of whom nothing is known cannot be mistaken for"


def test_the_chance_of_a_visit_is_kept_where_comparisons_are_independent() -> None:
    """A stranger's best cosine, drawn from the curve itself, exceeds the threshold as often as asked."""
    target, persons, visits = 0.05, 50, 20_000
    dice = np.random.default_rng(3)
    rarest = 1 - dice.random(visits) ** (1 / persons)  # the rarest of so many comparisons, by inversion
    threshold = _cosine(target, persons)
    accepted = np.mean([CURVE.cosine_at(rate) >= threshold for rate in rarest])
    assert accepted == pytest.approx(target, abs=0.006)


def test_a_site_whose_people_are_alike_asks_for_more_and_one_that_proves_little_hardly_does() -> None:
    sure, unsure = Site(1000, 1e-4, 0.03, 0.004), Site(100, 1e-2, 0.03, 0.06)
    alone = _cosine(1e-3, 1000)
    assert _cosine(1e-3, 1000, site=sure) == pytest.approx(alone + 0.023, abs=2e-3)
    assert alone < _cosine(1e-3, 1000, site=unsure) < alone + 0.005
    assert Site(12).shift == 0


@given(_targets, st.integers(1, 10_000), _sites)
def test_a_site_never_lowers_the_threshold_by_more_than_three_times_the_risk(
    target: float, persons: int, site: Site
) -> None:
    assert _cosine(target, persons, site=site) >= _cosine(min(3.01 * target, 0.5), persons)


def test_the_interval_is_narrower_the_more_a_site_knows() -> None:
    for site in (Site(), Site(200, 1e-3, 0.01, 0.02), Site(2000, 1e-4, 0.01, 0.003)):
        threshold = Scale(CURVE, 200, 200, site).threshold(1e-3)
        assert threshold.low < threshold.cosine < threshold.high
    widths = [
        threshold.high - threshold.low
        for threshold in (
            Scale(CURVE, 200, 200, site).threshold(1e-3)
            for site in (Site(), Site(200, 1e-3, 0.01, 0.02), Site(2000, 1e-4, 0.01, 0.003))
        )
    ]
    assert widths == sorted(widths, reverse=True)


def test_it_says_what_a_threshold_rests_on_and_what_cannot_be_shown() -> None:
    small = Scale(CURVE, 40, 40).threshold(1e-3)
    assert small.basis == "the model's curve"
    assert "40 people cannot show" in small.warning
    assert "3,000" in small.warning
    large = Scale(CURVE, 4000, 4000, Site(4000, 1e-5, 0.012, 0.01)).threshold(0.09)
    assert "4000 enrolled people" in large.basis
    assert large.warning == ""
    assert "bear out" in Scale(CURVE, 4000, 4000, Site(4000, 1e-5, -0.002, 0.01)).threshold(0.09).basis


@given(st.floats(-1, 1), st.floats(-1, 1), _counts)
def test_more_alike_is_more_certain_and_a_larger_crowd_less(one: float, other: float, persons: int) -> None:
    low, high = sorted((one, other))
    scale, larger = Scale(CURVE, persons, persons), Scale(CURVE, 2 * persons, 2 * persons)
    assert 0 <= scale.confidence(low) <= scale.confidence(high) <= 1
    assert larger.confidence(high) <= scale.confidence(high)


def test_the_odds_of_one_comparison_are_divided_by_the_number_of_people() -> None:
    alone, among = CURVE.confidence(0.5), Scale(CURVE, 100, 100).confidence(0.5)
    assert among / (1 - among) == pytest.approx(alone / (1 - alone) / 100)
    assert CURVE.confidence(CURVE.cosine_of(9)) == pytest.approx(0.9)


def test_where_people_are_more_alike_a_cosine_says_less() -> None:
    alike = Site(1000, 1e-4, 0.05, 0.001)
    assert Scale(CURVE, 100, 100, alike).confidence(0.5) < Scale(CURVE, 100, 100).confidence(0.5)


def test_a_survey_knows_look_alikes_from_both_sides() -> None:
    survey = Survey(look_alikes=(LookAlike("a", "b", 0.6, same=False), LookAlike("b", "c", 0.5, same=False)))
    assert survey.like("b") == {"a": 0.6, "c": 0.5}
    assert survey.like("a") == {"b": 0.6}
    assert survey.like("z") == {}
    assert math.isclose(Survey().site.deviation, 0.02)
