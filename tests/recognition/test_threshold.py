"""From the risk an administrator accepts to a cosine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.recognition.threshold import cosine_for
from tests.recognition.stage import CURVE

_targets = st.floats(1e-6, 0.1)
_templates = st.integers(0, 1_000_000)


@given(_targets, _targets, _templates)
def test_less_risk_asks_for_more(one: float, other: float, templates: int) -> None:
    small, large = sorted((one, other))
    assert cosine_for(CURVE, small, templates) >= cosine_for(CURVE, large, templates)


@given(_targets, _templates, _templates)
def test_more_templates_ask_for_more(target: float, one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert cosine_for(CURVE, target, many) >= cosine_for(CURVE, target, few)


def test_one_template_is_one_comparison() -> None:
    assert cosine_for(CURVE, 1e-3, 1) == pytest.approx(0.36)
    assert cosine_for(CURVE, 1e-3, 0) == cosine_for(CURVE, 1e-3, 1)
    assert cosine_for(CURVE, 1e-3, 10) == pytest.approx(0.42, abs=1e-3)


def test_the_chance_of_a_visit_is_kept_where_comparisons_are_independent() -> None:
    """A stranger's best cosine, drawn from the curve itself, exceeds the threshold as often as asked."""
    target, templates, visits = 0.05, 50, 20_000
    dice = np.random.default_rng(3)
    rarest = 1 - dice.random(visits) ** (1 / templates)  # the rarest of so many comparisons, by inversion
    threshold = cosine_for(CURVE, target, templates)
    accepted = np.mean([CURVE.cosine_at(rate) >= threshold for rate in rarest])
    assert accepted == pytest.approx(target, abs=0.006)
