from __future__ import annotations

import math
import shutil
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.gallery.build import build
from edged.gallery.probes import make_probes
from tests.gallery.sample import directions, fill, names, open_gallery, rebuild, somebody, template, wants_build


def index_files(path: Path) -> list[str]:
    return sorted(file.name for file in (path.parent / "index").iterdir())


def test_a_build_measures_that_it_finds_everybody(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=100)
    fill(gallery, people=60, photos=3)
    assert wants_build(gallery)

    trial = rebuild(gallery).trial

    assert trial is not None
    assert trial.used
    assert (trial.items, trial.probes, trial.revision) == (180, 360, gallery.snapshot().version)
    assert trial.recall >= 0.999
    assert not wants_build(gallery)
    assert index_files(path) == sorted([f"{trial.file}.annoy", f"{trial.file}.keys", "base.json"])
    gallery.close()


def test_where_annoy_misses_people_its_unsure_answers_are_not_taken(tmp_path: Path) -> None:
    """Few trees in many directions miss a good part; the build notices, and lookups find everybody all the same."""
    gallery = open_gallery(tmp_path / "gallery.db", ModelRef("wide", "7" * 64, 64), exact_below=100, trees=2)
    for person in range(60):
        faces = directions(person, 60, 64)
        gallery.enroll(somebody(f"p{person}"), [template(60 * person + n, face) for n, face in enumerate(faces)])
    trial = rebuild(gallery).trial
    snapshot = gallery.snapshot()

    assert trial is not None
    assert trial.recall >= 0.999
    assert 0.2 < trial.sure < 0.8
    assert 0 < trial.unsure < 1
    assert snapshot.narrowing is not None
    faces = directions(99, 1000, 64)
    everybody = replace(snapshot, narrowing=None).nearest(faces)
    found = snapshot.nearest(faces)
    named = [snapshot.roll.enrolled(snapshot.roll.matrix.owners[snapshot.narrowing.rows(face)]) for face in faces]
    nearest = [snapshot.roll.matrix.owners[(snapshot.roll.matrix.vectors @ face).argmax()] for face in faces]
    assert np.mean([person in people for person, people in zip(nearest, named, strict=True)]) < 0.99
    assert np.mean([one[0].person is other[0].person for one, other in zip(found, everybody, strict=True)]) >= 0.998
    gallery.close()


def test_an_index_that_is_no_faster_is_not_used_and_not_tried_again_at_once(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=20)
    vectors = fill(gallery, people=20, photos=2)
    built = build(gallery.begin_build(), worth_it=0.0)
    gallery.adopt(built)

    assert built.base is None
    assert built.trial is not None
    assert not built.trial.used
    assert gallery.snapshot().narrowing is None
    assert names(gallery, vectors[3, 0], k=1) == ["p3"]
    assert not wants_build(gallery)
    assert index_files(path) == ["base.json"]
    gallery.close()
    again = open_gallery(path, exact_below=20)
    assert not wants_build(again)
    for guest in range(20):
        again.enroll(somebody(f"guest {guest}"), [template(1000 + guest)])
    assert wants_build(again)
    again.close()


def test_the_index_of_the_last_run_is_used_with_what_has_changed_since(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=20, rebuild_after=10)
    vectors = fill(gallery, people=30, photos=2)
    rebuild(gallery)
    gallery.enroll(somebody("late"), [template(500)])
    gallery.delete("p4")
    gallery.delete("p5")
    gallery.enroll(somebody("p5"), [template(10, vectors[5, 0])])
    gallery.close()

    again = open_gallery(path, exact_below=20, rebuild_after=10)
    assert again.snapshot().narrowing is not None
    assert not wants_build(again)
    assert names(again, template(500).vector, k=1) == ["late"]
    assert names(again, vectors[4, 0], k=1) != ["p4"]
    assert names(again, vectors[5, 0], k=1) == ["p5"]
    assert [names(again, vectors[n, 1], k=1) for n in range(6, 30)] == [[f"p{n}"] for n in range(6, 30)]
    for guest in range(10):
        again.enroll(somebody(f"guest {guest}"), [template(600 + guest)])
    assert wants_build(again)
    again.close()


def test_what_changes_during_a_build_is_found_and_gone_after_it(tmp_path: Path) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=20)
    vectors = fill(gallery, people=30, photos=2)
    plan = gallery.begin_build()
    gallery.enroll(somebody("late"), [template(500)])
    gallery.delete("p4")
    built = build(plan, worth_it=math.inf)
    gallery.delete("p7")
    gallery.adopt(built)

    assert gallery.snapshot().narrowing is not None
    assert names(gallery, template(500).vector, k=1) == ["late"]
    assert not {"p4", "p7"} & {*names(gallery, vectors[4, 0], k=40), *names(gallery, vectors[7, 0], k=40)}
    assert names(gallery, vectors[8, 0], k=1) == ["p8"]
    gallery.close()


def test_a_backup_put_back_does_not_meet_the_index_of_the_people_after_it(tmp_path: Path) -> None:
    """The index knows templates by what they are: one built from people the backup lacks names only those it has."""
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    vectors = fill(gallery, people=20, photos=2)
    gallery.close()
    shutil.copy(path, tmp_path / "backup.db")
    gallery = open_gallery(path, exact_below=5)
    for guest in range(20):
        gallery.enroll(somebody(f"guest {guest}"), [template(700 + guest)])
    rebuild(gallery)
    gallery.close()

    shutil.copy(tmp_path / "backup.db", path)
    gallery = open_gallery(path, exact_below=5)
    for guest in range(20):
        gallery.enroll(somebody(f"other {guest}"), [template(900 + guest)])
    assert [names(gallery, vectors[n, 0], k=1) for n in range(20)] == [[f"p{n}"] for n in range(20)]
    assert [names(gallery, template(900 + n).vector, k=1) for n in range(20)] == [[f"other {n}"] for n in range(20)]
    gallery.close()


def test_another_models_index_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    fill(gallery, people=10, photos=2)
    rebuild(gallery)
    gallery.close()

    other = open_gallery(path, ModelRef("other", "8" * 64, 16), exact_below=5)
    assert (other.trial, other.snapshot().narrowing) == (None, None)
    other.close()


def test_too_little_space_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    vectors = fill(gallery, people=10, photos=2)
    usage = namedtuple("usage", "total used free")  # noqa: PYI024  as shutil has it
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(2**30, 2**30 - 2**20, 2**20))

    with pytest.raises(Unavailable, match="1 MiB are free"):
        build(gallery.begin_build())

    assert index_files(path) == []
    assert wants_build(gallery)
    assert names(gallery, vectors[3, 0], k=1) == ["p3"]
    gallery.close()


def test_the_index_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    fill(gallery, people=10, photos=2)
    rebuild(gallery)

    directory = path.parent / "index"
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in directory.iterdir()} == {0o600}
    gallery.close()


def test_progress_is_told(tmp_path: Path) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=5)
    fill(gallery, people=10, photos=2)
    told: list[tuple[str, float]] = []
    build(gallery.begin_build(), lambda doing, share: told.append((doing, share)), worth_it=math.inf)

    shares = [share for _doing, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    gallery.close()


def test_probes_are_enrolled_faces_compared_with_all_others(tmp_path: Path) -> None:
    gallery = open_gallery(tmp_path / "gallery.db")
    fill(gallery, people=30, photos=3)
    for person in range(20):
        gallery.enroll(somebody(f"single {person}"), [template(2000 + person)])
    gallery.delete("p0")
    roll = gallery.snapshot().roll

    probes = make_probes(roll, seed=3)

    assert sum(probe.known for probe in probes) == 29 * 3
    assert sum(not probe.known for probe in probes) == roll.templates
    for probe in probes:
        cosines = roll.matrix.vectors @ probe.vector
        own = int(cosines.argmax())
        family = roll.members[int(roll.matrix.owners[own])].rows
        assert tuple(probe.left_out) == ((own,) if probe.known else family)
        cosines[roll.dead] = -2
        cosines[probe.left_out] = -2
        assert probe.nearest == roll.matrix.owners[cosines.argmax()]
    gallery.close()


def test_one_person_alone_gives_no_proof_and_no_index(tmp_path: Path) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=0)
    gallery.enroll(somebody("only"), [template(1)])

    trial = rebuild(gallery).trial

    assert trial is not None
    assert not trial.used
    assert names(gallery, template(1).vector) == ["only"]
    gallery.close()
