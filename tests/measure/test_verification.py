from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edged.measure.gaze import Gaze
from edged.measure.photo_set import Pair
from edged.measure.verification import NOT_COMPARED, best_threshold, compare, judge_folds, true_accept_rate


def test_the_threshold_of_a_fold_comes_from_the_others() -> None:
    """Fold 1 would be judged without error at 0.35; the threshold that is best on fold 0 gets half of it wrong."""
    cosines = np.array([0.9, 0.8, 0.2, 0.1, 0.45, 0.40, 0.30, 0.20])
    same = np.array([True, True, False, False] * 2)
    folds = np.array([0] * 4 + [1] * 4)
    accuracy = judge_folds(cosines, same, folds)
    assert accuracy.thresholds == pytest.approx((0.35, 0.5))
    assert accuracy.folds == (1.0, 0.5)
    assert accuracy.mean == 0.75
    assert accuracy.standard_error == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("cosines", "same", "low", "high"),
    [
        ([0.1, 0.9], [False, True], 0.1, 0.9),
        ([0.1, 0.9], [True, True], -1, 0.1),
        ([0.1, 0.9], [False, False], 0.9, 1),
        ([0.1, 0.5, 0.6, 0.9], [False, True, False, True], 0.1, 0.9),
    ],
)
def test_the_best_threshold_divides_most_pairs_rightly(
    cosines: list[float], same: list[bool], low: float, high: float
) -> None:
    threshold = best_threshold(np.array(cosines), np.array(same))
    assert low < threshold < high
    right = np.mean((np.array(cosines) >= threshold) == same)
    assert right == max(np.mean((np.array(cosines) >= cut) == same) for cut in np.linspace(0, 1, 101))


def test_the_true_accept_rate_lets_no_more_strangers_in_than_allowed() -> None:
    cosines = np.concatenate([np.linspace(0, 0.999, 1000), np.linspace(0.5, 1.5, 101)])
    same = np.arange(len(cosines)) >= 1000
    assert true_accept_rate(cosines, same, 0.1) == pytest.approx(np.mean(cosines[same] > 0.899))
    assert true_accept_rate(cosines, same, 0.001) == pytest.approx(np.mean(cosines[same] > 0.998))


def test_a_pair_without_a_face_counts_as_two_people() -> None:
    seen = (Path("a"), Path("b"))
    gaze = Gaze(seen, np.eye(2, dtype=np.float32), (Path("c"),), {}, 0.0)
    pairs = [
        Pair(Path("a"), Path("a"), True, 0),
        Pair(Path("a"), Path("b"), False, 0),
        Pair(Path("a"), Path("c"), True, 0),
    ]
    assert compare(gaze, pairs).tolist() == [1.0, 0.0, NOT_COMPARED]
