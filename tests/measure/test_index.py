from __future__ import annotations

import dataclasses
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from edged.config.document import GallerySettings
from edged.domain.errors import Refused
from edged.measure import index
from edged.measure.index import compare_indexes, index_report
from edged.measure.population import real, synthetic


@pytest.fixture(scope="module")
def faces() -> list[NDArray[np.float32]]:
    """The embeddings of 60 people with two to four photographs each, and of 20 with one."""
    made = synthetic(80, 4, 32, 10, seed=4)
    families = made.vectors.reshape(80, 4, 32)
    return [family[: 2 + person % 3 if person < 60 else 1] for person, family in enumerate(families)]


def test_synthetic_people_are_as_alike_as_they_should_be() -> None:
    population = synthetic(400, 4, 128, 500, seed=1)
    families = population.vectors.reshape(400, 4, 128)

    assert (population.people, population.probes.shape) == (400, (500, 128))
    assert np.linalg.norm(population.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    siblings = np.einsum("pd,pd->p", families[:, 0], families[:, 1])
    assert siblings.mean() == pytest.approx(0.62, abs=0.02)
    best = (population.probes @ population.vectors.T).max(axis=1)
    assert 0.4 < np.percentile(best, 5) < np.percentile(best, 95) < 0.8


def test_real_people_are_never_probed_with_what_is_enrolled(faces: list[NDArray[np.float32]]) -> None:
    population = real(faces, people=70, templates=4, probes=1000, seed=1)

    assert population.people == 70
    assert len(population.probes) == sum(len(family) // 2 for family in faces[:70])
    assert (population.probes @ population.vectors.T).max() < 0.999


def test_missing_people_are_mixed_from_the_real_ones(faces: list[NDArray[np.float32]]) -> None:
    population = real(faces, people=200, templates=3, probes=1000, seed=1)

    assert population.source == "80 real people, 120 mixed from them"
    assert population.people == 200
    mixed = population.vectors[population.owners >= 80].reshape(120, 3, 32)
    others = mixed[:, 0] @ mixed[:, 0].T
    assert np.einsum("pd,pd->p", mixed[:, 0], mixed[:, 1]).mean() > others.mean() + 0.3


def test_too_few_real_people_are_refused(faces: list[NDArray[np.float32]]) -> None:
    with pytest.raises(Refused, match="two photographs"):
        real(faces[:30], people=30, templates=4, probes=10, seed=1)


def test_all_methods_are_compared_in_one_run() -> None:
    populations = [partial(synthetic, 200, 4, 32, 150, 1), partial(synthetic, 300, 2, 32, 150, 1)]
    told: list[float] = []

    result = compare_indexes(populations, GallerySettings(trees=10), lambda _doing, share: told.append(share))

    assert [comparison.people for comparison in result.comparisons] == [200, 300]
    for comparison in result.comparisons:
        by_name = {method.name: method for method in comparison.methods}
        assert by_name["exact (numpy)"].share == 1
        assert by_name["gallery, everything"].recall == 1
        assert by_name["gallery, Annoy"].recall >= 0.99
        assert {"usearch", "hnswlib"} - set(by_name) == set(result.missing)
        assert all(0 < method.p50_ms <= method.p95_ms for method in comparison.methods)
    assert told == sorted(told)
    text = index_report(result).text()
    assert "200 people, 800 templates of 32 numbers (synthetic), 150 probes" in text
    assert dataclasses.asdict(result)["comparisons"][0]["methods"][0]["name"] == "exact (numpy)"


def test_a_package_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_package", lambda _name: None)

    result = compare_indexes([partial(synthetic, 60, 2, 16, 40, 1)], GallerySettings(trees=5))

    assert result.missing == ("usearch", "hnswlib")
    assert len(result.comparisons[0].methods) == 3
    assert "Not installed, not compared: usearch, hnswlib" in index_report(result).text()
