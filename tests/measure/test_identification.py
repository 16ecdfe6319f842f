from __future__ import annotations

import numpy as np
import pytest

from edged.measure.identification import search


def test_known_unknown_and_mistaken_are_counted_apart() -> None:
    gallery = np.eye(4, dtype=np.float32)[:3]
    owners = np.array(["anna", "ben", "cleo"])
    probes = np.array(
        [
            [0.9, 0.1, 0.0, 0.4],  # anna, found
            [0.5, 0.0, 0.1, 0.8],  # anna, found below the threshold
            [0.7, 0.6, 0.1, 0.3],  # ben, taken for anna
            [0.1, 0.3, 0.2, 0.9],  # dora, nobody
            [0.0, 0.0, 0.8, 0.6],  # emil, taken for cleo
        ],
        np.float32,
    )
    found = search(gallery, owners, probes, np.array(["anna", "anna", "ben", "dora", "emil"]))
    assert found.enrolled.tolist() == [True, True, True, False, False]
    assert found.fpir(0.6) == 0.5
    assert [(match.stranger, match.taken_for) for match in found.accepted(0.6)] == [("emil", "cleo")]
    assert found.fnir(0.6) == pytest.approx(2 / 3)
    assert found.mistaken(0.6) == 1
    assert found.rank_one() == pytest.approx(2 / 3)
    assert found.accepted(0.9) == []
    assert [match.stranger for match in found.accepted(0.0)] == ["emil", "dora"]
