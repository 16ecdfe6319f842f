from __future__ import annotations

import numpy as np
import pytest

from edged.domain.errors import Refused
from edged.measure.error_curve import Cosines, count_cosines, fit_curve


def test_every_pair_is_counted_once() -> None:
    chance = np.random.default_rng(4)
    vectors = chance.normal(size=(700, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    people = [f"p{number // 3}" for number in range(700)]
    cosines = count_cosines(vectors, people)
    assert cosines.same.sum() == 233 * 3
    assert cosines.same.sum() + cosines.other.sum() == 700 * 699 // 2
    rows, columns = np.triu_indices(700, 1)
    exact = (vectors @ vectors.T)[rows, columns][np.array(people)[rows] != np.array(people)[columns]]
    for rate, cosine in fit_curve(cosines, (1e-1, 1e-2, 1e-3)).points:
        assert np.mean(exact >= cosine) == pytest.approx(rate, rel=0.02)


def _normal(middle: float, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """So many cosines, normally distributed around `middle` with a deviation of 0.1."""
    values = np.random.default_rng(int(middle * 100)).normal(middle, 0.1, count)
    return np.histogram(values, 20_000, (-1, 1))[0].astype(np.int64)


def test_the_confidence_is_that_of_two_equal_normal_distributions() -> None:
    """Whose log-likelihood ratio is (m1 - m0) / s² · (x - (m0 + m1) / 2)."""
    curve = fit_curve(Cosines(same=_normal(0.5, 20_000), other=_normal(0.1, 2_000_000)))
    assert curve.slope == pytest.approx(0.4 / 0.01, rel=0.05)
    assert curve.confidence(0.3) == pytest.approx(0.5, abs=0.03)
    assert curve.points[0][1] == pytest.approx(0.1 + 2.326 * 0.1, abs=0.002)


def test_rates_that_too_few_pairs_could_show_are_left_out() -> None:
    curve = fit_curve(Cosines(same=_normal(0.5, 1000), other=_normal(0.1, 400_000)))
    assert [rate for rate, _ in curve.points] == [1e-2, 1e-3, 1e-4]
    with pytest.raises(Refused, match="too few"):
        fit_curve(Cosines(same=_normal(0.5, 1000), other=_normal(0.1, 2000)))
