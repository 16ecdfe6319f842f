from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.gallery.sample import directions, fill, names, open_gallery, rebuild, somebody, template


@pytest.fixture(params=["everything compared", "narrowed by Annoy"])
def exact_below(request: pytest.FixtureRequest) -> int:
    return 100_000 if request.param == "everything compared" else 0


def test_every_score_is_the_cosine_of_the_persons_best_template(tmp_path: Path, exact_below: int) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=exact_below)
    vectors = fill(gallery, people=60, photos=4)
    rebuild(gallery)
    assert (gallery.snapshot().narrowing is None) == (exact_below > 0)
    probes = directions(77, 70)

    found = gallery.snapshot().nearest(probes, k=3)

    cosines = np.einsum("pfd,nd->npf", vectors, probes).max(axis=2)
    for candidates, row in zip(found, cosines, strict=True):
        best = np.argsort(-row)[:3]
        assert [candidate.person.customer_person_id for candidate in candidates] == [f"p{person}" for person in best]
        assert [candidate.similarity for candidate in candidates] == pytest.approx(row[best].tolist(), abs=1e-6)
    gallery.close()


def test_a_probe_finds_whoever_it_was_enrolled_from(tmp_path: Path, exact_below: int) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=exact_below)
    vectors = fill(gallery, people=40, photos=2)
    rebuild(gallery)

    found = gallery.snapshot().nearest(vectors[:, 1])

    assert [candidates[0].person.customer_person_id for candidates in found] == [f"p{person}" for person in range(40)]
    assert all(candidates[0].similarity == pytest.approx(1, abs=1e-6) for candidates in found)
    assert all(-1 <= candidate.similarity <= 1 for candidates in found for candidate in candidates)
    gallery.close()


def test_a_person_with_many_photographs_leaves_room_for_the_second(tmp_path: Path, exact_below: int) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=exact_below)
    face = directions(1, 1)[0]
    crowd = face + 0.1 * directions(2, 64)
    crowd /= np.linalg.norm(crowd, axis=1, keepdims=True)
    gallery.enroll(somebody("many"), [template(photo, vector) for photo, vector in enumerate(crowd)])
    gallery.enroll(somebody("few"), [template(100, directions(3, 1)[0])])
    rebuild(gallery)

    assert names(gallery, face) == ["many", "few"]
    gallery.close()


def test_an_empty_gallery_resembles_nobody(tmp_path: Path) -> None:
    gallery = open_gallery(tmp_path / "gallery.db")
    snapshot = gallery.snapshot()

    assert snapshot.nearest(directions(1, 3)) == ((), (), ())
    assert snapshot.nearest(directions(1, 3)[:0]) == ()
    assert (snapshot.persons, snapshot.templates, snapshot.version) == (0, 0, 0)
    gallery.close()


def test_fewer_people_than_asked_for(tmp_path: Path, exact_below: int) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=exact_below)
    gallery.enroll(somebody("only"), [template(1), template(2)])
    gallery.enroll(somebody("without a photograph"), [])
    rebuild(gallery)

    assert names(gallery, directions(9, 1)[0], k=5) == ["only"]
    gallery.close()


def test_a_probe_that_is_not_finite_resembles_nobody_and_spoils_no_other(tmp_path: Path, exact_below: int) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=exact_below)
    vectors = fill(gallery, people=5, photos=1)
    rebuild(gallery)
    probes = np.stack([vectors[0, 0], np.full(16, np.nan, np.float32), vectors[1, 0]])

    first, broken, last = gallery.snapshot().nearest(probes)

    assert broken == ()
    assert (first[0].person.customer_person_id, last[0].person.customer_person_id) == ("p0", "p1")
    gallery.close()


@pytest.mark.parametrize("shape", [(3, 15), (16,), (1, 1, 16)])
def test_another_models_probes_are_a_bug(tmp_path: Path, shape: tuple[int, ...]) -> None:
    gallery = open_gallery(tmp_path / "gallery.db")

    with pytest.raises(ValueError, match="dimension"):
        gallery.snapshot().nearest(np.zeros(shape, np.float32))
    gallery.close()


def test_a_snapshot_stays_as_it_was(tmp_path: Path) -> None:
    gallery = open_gallery(tmp_path / "gallery.db")
    gallery.enroll(somebody("first"), [template(1)])
    before = gallery.snapshot()
    gallery.delete("first")
    gallery.enroll(somebody("second"), [template(1)])

    assert [found.person.customer_person_id for found in before.nearest(template(1).vector[None])[0]] == ["first"]
    assert before.version < gallery.snapshot().version
    gallery.close()


def test_equal_galleries_have_equal_digests(tmp_path: Path) -> None:
    """Two devices may compare digests: the order of enrolment, our own ids and what was deleted do not count."""
    here = open_gallery(tmp_path / "here" / "gallery.db")
    there = open_gallery(tmp_path / "there" / "gallery.db")
    here.enroll(somebody("a", name="Anna"), [template(1), template(2)])
    here.enroll(somebody("b"), [template(3)])
    there.enroll(somebody("b"), [template(3)])
    there.enroll(somebody("gone"), [template(4)])
    there.enroll(somebody("a"), [template(2)])
    assert here.snapshot().digest != there.snapshot().digest
    there.delete("gone")
    there.enroll(somebody("a"), [template(1)])
    assert here.snapshot().digest != there.snapshot().digest
    there.enroll(somebody("a", name="Anna"), [])

    assert here.snapshot().digest == there.snapshot().digest
    here.close()
    again = open_gallery(tmp_path / "here" / "gallery.db")
    assert again.snapshot().digest == there.snapshot().digest
    again.close()
    there.close()
