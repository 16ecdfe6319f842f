from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from edged.config.document import GallerySettings
from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.gallery.build import Plan, build
from edged.gallery.families import Families
from edged.gallery.index_directory import reserve
from edged.gallery.probes import make_probes
from edged.gallery.snapshot import Snapshot
from tests.gallery.sample import (
    OTHER_MODEL,
    SEAL,
    crowd,
    directions,
    fill,
    index_directory,
    index_files,
    names,
    open_gallery,
    rebuild,
    somebody,
    standing_clock,
    template,
    wants_build,
)

WIDE = ModelRef("wide", "7" * 64, 64)


def test_a_build_measures_that_it_finds_everybody(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=100)
    fill(gallery, people=60, photos=3)
    assert wants_build(gallery)

    trial = rebuild(gallery).trial

    assert trial is not None
    assert trial.used
    assert (trial.people, trial.templates, trial.revision) == (60, 180, gallery.snapshot().version)
    assert (trial.known, trial.strangers) == (60, 60)
    assert trial.recall >= 0.999
    assert not wants_build(gallery)
    assert {"json", "keys", "scan"} <= set(index_files(path))
    gallery.close()


def test_where_annoy_misses_people_its_unsure_answers_are_not_taken(tmp_path: Path) -> None:
    """Two trees miss a good part; the build notices, and lookups find everybody all the same."""
    roll, faces = crowd(people=4000, photos=2, dimension=64)
    settings = GallerySettings(exact_below=100, trees=2)
    built = build(Plan(roll, WIDE, settings, tmp_path, SEAL, reserve(tmp_path, None)), timer=standing_clock)

    assert built.trial is not None
    assert built.narrowing is not None
    assert built.trial.recall >= 0.999
    assert 0.2 < built.trial.sure < 0.9
    assert 0 < built.trial.unsure < 1
    faces = np.concatenate((faces[::4], directions(99, 1000, 64)))
    everybody = Snapshot(WIDE, roll).nearest(faces)
    found = Snapshot(WIDE, roll, built.narrowing).nearest(faces)
    nearest = [(roll.matrix.vectors @ face).argmax() for face in faces]
    glanced = [built.narrowing.glance(face) for face in faces]
    seen = [rows is not None and row in rows for row, rows in zip(nearest, glanced, strict=True)]
    assert np.mean(seen) < 0.9
    assert np.mean([one[0].person is other[0].person for one, other in zip(found, everybody, strict=True)]) >= 0.998


def test_where_everybody_has_one_photograph_the_scan_alone_is_used(tmp_path: Path) -> None:
    """Nobody shows from which score on Annoy's answer would be sure."""
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, WIDE, exact_below=100)
    vectors = fill(gallery, people=300, photos=1)
    trial = rebuild(gallery).trial
    gallery.close()

    assert trial is not None
    assert (trial.used, trial.known, trial.strangers) == (True, 0, 300)
    assert (trial.items, trial.rows) == (0, 300)
    assert index_files(path, WIDE) == ["json", "keys", "scan"]
    again = open_gallery(path, WIDE, exact_below=100)
    snapshot = again.snapshot()
    assert snapshot.narrowing is not None
    assert snapshot.narrowing.glance(vectors[0, 0]) is None
    assert [names(again, vectors[n, 0], k=1) for n in range(300)] == [[f"p{n}"] for n in range(300)]
    again.close()


def test_an_index_that_is_no_faster_is_not_used_and_not_tried_again_at_once(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=20)
    vectors = fill(gallery, people=20, photos=2)
    built = build(gallery.begin_build(), worth_it=0.0)
    gallery.adopt(built)

    assert built.narrowing is None
    assert built.trial is not None
    assert not built.trial.used
    assert gallery.snapshot().narrowing is None
    assert names(gallery, vectors[3, 0], k=1) == ["p3"]
    assert not wants_build(gallery)
    assert index_files(path) == ["json"]
    gallery.close()
    again = open_gallery(path, exact_below=20)
    assert not wants_build(again)
    for guest in range(20):
        again.enroll(somebody(f"guest {guest}"), [template(1000 + guest)])
    assert wants_build(again)
    again.close()


def test_the_index_of_the_last_run_is_used_with_who_came_since(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=20, rebuild_after=10)
    vectors = fill(gallery, people=30, photos=2)
    rebuild(gallery)
    gallery.enroll(somebody("late"), [template(500)])
    gallery.enroll(somebody("p5"), [template(501)])
    gallery.close()

    again = open_gallery(path, exact_below=20, rebuild_after=10)
    assert again.snapshot().narrowing is not None
    assert not wants_build(again)
    assert names(again, template(500).vector, k=1) == ["late"]
    assert names(again, template(501).vector, k=1) == ["p5"]
    assert [names(again, vectors[n, 1], k=1) for n in range(30)] == [[f"p{n}"] for n in range(30)]
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
    built = build(plan, timer=standing_clock)
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


def test_two_models_indexes_lie_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    fill(gallery, people=10, photos=2)
    rebuild(gallery)
    gallery.close()

    other = open_gallery(path, OTHER_MODEL, exact_below=5)
    assert (other.trial, other.snapshot().narrowing) == (None, None)
    fill(other, people=10, photos=2, seed=7)
    rebuild(other)
    other.close()

    assert index_files(path) == index_files(path, OTHER_MODEL) == ["annoy", "json", "keys", "scan"]
    gallery = open_gallery(path, exact_below=5)
    assert gallery.snapshot().narrowing is not None
    gallery.close()


def test_an_index_that_cannot_be_written_is_used_and_said(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    vectors = fill(gallery, people=10, photos=2)
    (tmp_path / "index").write_text("in the way")
    built = build(gallery.begin_build(), timer=standing_clock)

    with pytest.raises(Unavailable, match="index"):
        gallery.adopt(built)

    assert gallery.snapshot().narrowing is not None
    assert not wants_build(gallery)
    assert names(gallery, vectors[3, 0], k=1) == ["p3"]
    gallery.close()


def test_the_index_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    fill(gallery, people=10, photos=2)
    rebuild(gallery)

    directory = index_directory(path)
    assert {folder.stat().st_mode & 0o777 for folder in (directory, directory.parent)} == {0o700}
    assert {file.stat().st_mode & 0o777 for file in directory.iterdir()} == {0o600}
    gallery.close()


def test_progress_is_told(tmp_path: Path) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=5)
    fill(gallery, people=10, photos=2)
    told: list[tuple[str, float]] = []
    build(gallery.begin_build(), lambda doing, share: told.append((doing, share)), timer=standing_clock)

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

    probes = make_probes(roll, Families.of(roll), seed=3)

    assert (probes.known, len(probes)) == (29, 29 + 49)
    for number, (row, vector) in enumerate(zip(probes.rows.tolist(), probes.vectors, strict=True)):
        family = roll.members[int(roll.matrix.owners[row])].rows
        assert tuple(probes.left_out(number)) == ((row,) if number < probes.known else family)
        cosines = roll.matrix.vectors @ vector
        cosines[roll.dead] = -2
        cosines[probes.left_out(number)] = -2
        nearest = probes.families.rows_of(probes.nearest[number : number + 1])
        assert set(nearest) == set(roll.members[int(roll.matrix.owners[cosines.argmax()])].rows)
    held = probes.held()
    assert held.people == probes.known
    assert not set(held.rows) & set(probes.rows[: probes.known])
    gallery.close()


def test_one_person_alone_gives_no_proof_and_no_index(tmp_path: Path) -> None:
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=0)
    gallery.enroll(somebody("only"), [template(1)])

    trial = rebuild(gallery).trial

    assert trial is not None
    assert not trial.used
    assert names(gallery, template(1).vector) == ["only"]
    gallery.close()
