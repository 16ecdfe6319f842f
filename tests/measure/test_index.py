from __future__ import annotations

import dataclasses
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edged.config.document import GallerySettings
from edged.domain.errors import Refused
from edged.domain.progress import quiet
from edged.measure import contender
from edged.measure.gallery_damage import GalleryDamage
from edged.measure.gallery_kills import GalleryKills
from edged.measure.index import Comparison, IndexResult, Method, Times, measure_index
from edged.measure.index_life import Life
from edged.measure.index_report import index_report
from edged.measure.photo_faces import VIEWS, first_view, photo_faces
from edged.measure.population import real, synthetic
from edged.vision.sight import Sight

KILLS = GalleryKills(kills=5, migrations=1, acknowledged=40, lost=0, resurrected=0, damaged=0)
DAMAGE = GalleryDamage(index=60, noticed=60, database=20, named=9, mended=20, crashes=0)


@pytest.fixture(scope="module")
def faces() -> list[NDArray[np.float32]]:
    """The embeddings of 60 people with two to four photographs each, and of 20 with one."""
    made = synthetic(80, 4, 32, 10, seed=4)
    families = made.vectors.reshape(80, 4, 32)
    return [family[: 2 + person % 3 if person < 60 else 1] for person, family in enumerate(families)]


def test_synthetic_people_are_as_alike_as_they_should_be() -> None:
    population = synthetic(400, 4, 128, 500, seed=1)
    families = population.vectors.reshape(400, 4, 128)

    assert (population.people, population.known.shape, population.strangers.shape) == (400, (334, 128), (166, 128))
    assert np.linalg.norm(population.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    siblings = np.einsum("pd,pd->p", families[:, 0], families[:, 1])
    assert siblings.mean() == pytest.approx(0.62, abs=0.02)
    best = (population.known @ population.vectors.T).max(axis=1)
    assert 0.4 < np.percentile(best, 5) < np.percentile(best, 95) < 0.8
    assert np.median((population.strangers @ population.vectors.T).max(axis=1)) < np.percentile(best, 5)


def test_real_people_are_never_probed_with_what_is_enrolled(faces: list[NDArray[np.float32]]) -> None:
    population = real(faces, people=70, templates=4, probes=1000, seed=1)

    assert population.people == 70
    assert len(population.known) == sum(len(family) // 2 for family in faces)
    assert len(population.strangers) == 15
    assert (population.probes @ population.vectors.T).max() < 0.999


def test_those_with_several_photographs_come_first(faces: list[NDArray[np.float32]]) -> None:
    """So that a small gallery has as many probes as there can be."""
    population = real(faces, people=60, templates=4, probes=1000, seed=1)
    assert len(population.known) == sum(len(family) // 2 for family in faces)


def test_missing_people_are_mixed_from_the_real_ones(faces: list[NDArray[np.float32]]) -> None:
    population = real(faces, people=200, templates=3, probes=1000, seed=1)

    assert population.source == "65 real people, 135 mixed from them"
    assert population.people == 200
    mixed = population.vectors[population.owners >= 65].reshape(135, 3, 32)
    others = mixed[:, 0] @ mixed[:, 0].T
    assert np.einsum("pd,pd->p", mixed[:, 0], mixed[:, 1]).mean() > others.mean() + 0.3


def test_too_few_real_people_are_refused(faces: list[NDArray[np.float32]]) -> None:
    with pytest.raises(Refused, match="two photographs"):
        real(faces[:30], people=30, templates=4, probes=10, seed=1)


def test_all_methods_are_compared_in_one_run() -> None:
    populations = [partial(synthetic, 200, 4, 32, 150, 1), partial(synthetic, 300, 2, 32, 150, 1)]
    told: list[float] = []

    result = measure_index(
        populations,
        GallerySettings(trees=10, exact_below=100),
        lambda _doing, share: told.append(share),
        life_of=populations[0],
    )

    assert [comparison.people for comparison in result.comparisons] == [200, 300]
    for comparison in result.comparisons:
        exact, gallery = comparison.method("exact (numpy)"), comparison.method("gallery")
        assert (comparison.known, comparison.strangers) == (100, 50)
        assert exact.known.share == exact.strangers.share == 1
        assert (exact.recall, exact.recall_2) == (1, None)
        everything = comparison.method("gallery, everything")
        assert (everything.recall, everything.recall_2) == (1, 1)
        assert gallery.recall >= 0.99
        assert gallery.recall_2 is not None
        assert {"usearch", "hnswlib"} - {method.name for method in comparison.methods} == set(result.missing)
        assert all(0 < method.known.p50_ms <= method.known.p95_ms for method in comparison.methods)
    assert told == sorted(told)
    assert result.life is not None
    assert result.life.wrong == 0
    assert result.life.open_s > 0
    text = index_report(result, (KILLS, DAMAGE)).text()
    assert "200 people, 800 templates of 32 numbers (made-up people)" in text
    assert "100 faces of enrolled people that are not enrolled, 50 of strangers" in text
    assert dataclasses.asdict(result)["comparisons"][0]["methods"][0]["name"] == "exact (numpy)"


def test_a_package_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contender, "_package", lambda _name: None)

    result = measure_index([partial(synthetic, 60, 2, 16, 40, 1)], GallerySettings(trees=5))

    assert result.missing == ("usearch", "hnswlib")
    assert len(result.comparisons[0].methods) == 3
    assert "Not installed, not compared: usearch, hnswlib" in index_report(result, (KILLS, DAMAGE)).text()


def test_what_was_aimed_at_is_said_with_what_came_of_it() -> None:
    times = Times(p50_ms=0.5, p95_ms=4.5, share=0.3)
    slow = Times(p50_ms=5.0, p95_ms=5.5, share=0.5)
    method = Method("gallery", 0, 0.9990, 0.999, 0.999, 0.99, times, slow, 1.0, 1.0)
    large = Comparison("made-up people", 50_000, 200_000, 128, 2000, 1000, "the scan", (method,))
    wide = dataclasses.replace(large, people=10_000, dimension=512)
    life = Life(50_000, 200_000, 1.2, 0.3, (5.0, 9.0), (5.0, 60.0), 30.0, 300, 12.0, 1.0, 0)

    lines = index_report(IndexResult((large, wide), life, ()), (KILLS, DAMAGE)).text().splitlines()

    goals = {line.split("  ")[0]: line.split()[-1] for line in lines if line.endswith(("reached", "missed"))}
    assert goals == {
        "recall@1, 50,000 × 128": "reached",
        "lookup p50, 50,000 × 128, known": "reached",
        "lookup p95, 50,000 × 128, known": "missed",
        "recall@1, 10,000 × 512": "reached",
        "lookup of exact, 10,000 × 512, known": "reached",
        "lookup of exact, 10,000 × 512, strangers": "missed",
        "enrol → found, 50,000 people, worst": "reached",
        "delete → gone, 50,000 people, worst": "missed",
        "longest stall of a lookup during a rebuild, 50,000 people": "reached",
        "lookups answered wrongly meanwhile, 50,000 people": "reached",
        "open at start, 50,000 people": "reached",
        "SIGKILL × 5 while people are enrolled and deleted, the index rebuilt, the database migrated (1)": "reached",
        "60 damaged index files": "reached",
        "20 damaged databases": "reached",
    }


def test_four_views_of_a_photograph_make_a_vector_of_four_times_the_length(
    tmp_path: Path, astronaut_path: Path, sight: Sight
) -> None:
    (tmp_path / "anna").mkdir()
    shutil.copy(astronaut_path, tmp_path / "anna" / "1.png")
    (wide,) = photo_faces(tmp_path, sight, VIEWS, quiet)
    (plain,) = photo_faces(tmp_path, sight, 1, quiet)

    assert (wide.shape, plain.shape) == ((1, 4 * sight.model.dimension), (1, sight.model.dimension))
    assert np.linalg.norm(wide) == pytest.approx(1, abs=1e-6)
    assert first_view([wide])[0] == pytest.approx(plain, abs=1e-6)
    quarters = wide.reshape(4, -1) * 2
    assert (quarters @ plain[0] > 0.7).all()
    assert (quarters[1:] @ plain[0] < 0.9999).all()
