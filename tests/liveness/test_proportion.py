"""Shares and their exact intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.measure.proportion import Proportion, at_most


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.30850),
        (10, 10, 0.69150, 1.0),
        (1, 10, 0.00253, 0.44502),
        (5, 10, 0.18709, 0.81291),
        (0, 1000, 0.0, 0.00368),
        (3, 1000, 0.00062, 0.00874),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_limits_are_those_of_the_tables(count: int, of: int, low: float, high: float) -> None:
    assert list(Proportion(count, of).limits) == pytest.approx([low, high], abs=1e-5)


@given(st.integers(1, 300).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_limits_hold_the_share_and_their_tails_weigh_a_fortieth(pair: tuple[int, int]) -> None:
    count, of = pair
    low, high = Proportion(count, of).limits
    assert low <= count / of <= high
    if count < of:
        assert at_most(count, of, high) == pytest.approx(0.025, abs=1e-6)
    if count:
        assert 1 - at_most(count - 1, of, low) == pytest.approx(0.025, abs=1e-6)


def test_more_than_all_is_no_proportion() -> None:
    with pytest.raises(ValueError, match="no proportion"):
        Proportion(4, 3)


def test_as_text() -> None:
    assert Proportion(3, 1000).text() == "3 of 1,000 (0.30 %, 0.06–0.87 %)"
    assert Proportion(0, 0).text() == "none"
