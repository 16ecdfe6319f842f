"""What a cosine means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.domain.curve import Curve

CURVE = Curve(((1e-2, 0.26), (1e-3, 0.36), (1e-5, 0.47)), 20.0, -6.0)
_rates = st.floats(1e-12, 0.9)


def test_it_goes_through_the_measured_points() -> None:
    assert [CURVE.cosine_at(rate) for rate, _ in CURVE.points] == pytest.approx([cosine for _, cosine in CURVE.points])


def test_between_them_it_is_linear_in_the_logarithm() -> None:
    assert CURVE.cosine_at(1e-4) == pytest.approx((0.36 + 0.47) / 2)
    assert CURVE.cosine_at(1e-7) == pytest.approx(0.58), "and beyond them it goes on"
    assert CURVE.cosine_at(0.1) == pytest.approx(0.16)


@given(_rates, _rates)
def test_rarer_means_higher(one: float, other: float) -> None:
    rare, often = sorted((one, other))
    assert CURVE.cosine_at(rare) >= CURVE.cosine_at(often)


def test_a_door_always_opens_for_somebody() -> None:
    assert CURVE.cosine_at(1e-300) == 0.95


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_more_alike_means_more_confident(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= CURVE.confidence(low) <= CURVE.confidence(high) <= 1


def test_confidence_is_even_at_the_middle_and_survives_steep_curves() -> None:
    assert CURVE.confidence(0.3) == pytest.approx(0.5)
    assert CURVE.confidence(0.4) == pytest.approx(0.8808, abs=1e-4)
    assert Curve(CURVE.points, 5000.0, 0.0).confidence(-1.0) == 0.0


@pytest.mark.parametrize(
    "points",
    [
        ((1e-2, 0.3),),
        ((1e-3, 0.3), (1e-2, 0.4)),
        ((1e-2, 0.4), (1e-3, 0.3)),
        ((1e-2, 0.3), (1e-3, 0.3)),
        ((1.0, 0.3), (1e-3, 0.4)),
        ((1e-2, 0.3), (0.0, 0.4)),
    ],
)
def test_nonsense_is_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="curve"):
        Curve(points, 20.0, -6.0)


def test_no_rate_no_answer() -> None:
    with pytest.raises(ValueError, match="positive"):
        CURVE.cosine_at(0.0)
