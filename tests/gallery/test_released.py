"""Databases of every released schema, as they were: each is brought up to date, nothing is lost, nothing stays open."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edged.domain.errors import Corrupt, Unavailable
from edged.gallery import migration
from edged.gallery.backup import Backups
from edged.gallery.faces import Which, stored_faces, stored_person
from edged.gallery.people import People
from edged.gallery.schema import STEPS
from tests.gallery.sample import MODEL, NOON, OTHER_MODEL, VAULT, names, open_gallery, open_people, somebody, template

RELEASED = sorted(Path(__file__).with_name("released").glob("v*.sql"))
DIGEST = "53a29b02d5a794402f6b2988f66940e4"
"""Of the roll, as the edged said that wrote version 1."""


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return database_of(request.param, tmp_path)


def database_of(dump: Path, folder: Path) -> Path:
    path = folder / "gallery.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(dump.read_text())
    return path


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    assert isinstance(version, int)
    return version


def test_every_released_schema_is_here() -> None:
    assert len(RELEASED) == len(STEPS) - 1


def test_everybody_is_found_as_before(path: Path) -> None:
    gallery = open_gallery(path)

    assert gallery.snapshot().digest == DIGEST
    assert gallery.snapshot().version == 7
    assert [names(gallery, template(photo).vector, k=1) for photo in (1, 2, 3, 4)] == [["4711"]] * 3 + [["4712"]]
    assert [summary.templates for summary in gallery.people()] == [3, 1, 0]
    anna = gallery.find("4711")
    assert anna is not None
    assert (anna.person.name, anna.person.groups, anna.enrolled_at) == ("Anna Müller", ("staff", "night"), NOON)
    gallery.enroll(somebody("4713"), [template(5)])
    assert gallery.delete("4711")
    gallery.close()
    with closing(open_people(path)) as people, people.changes(0, OTHER_MODEL) as changes:
        assert changes.templates == 0, "those of the other model went too"


def test_no_template_of_version_1_can_be_read_any_more_without_the_key(tmp_path: Path) -> None:
    path = database_of(RELEASED[0], tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        vectors = [vector for (vector,) in connection.execute("SELECT vector FROM templates")]
    assert all(vector in path.read_bytes() for vector in vectors)
    open_gallery(path).close()

    for file in path.parent.rglob("*"):
        if file.is_file():
            assert not any(vector in file.read_bytes() for vector in vectors), file


def test_old_faces_are_told_as_far_as_they_are_known(path: Path) -> None:
    open_people(path).close()
    with closing(sqlite3.connect(path)) as connection:
        one, two, three = stored_faces(connection, MODEL, Which(key="4711"), newest=False)
        (other,) = stored_faces(connection, OTHER_MODEL, Which())
        anna = stored_person(connection, MODEL, key="4711")

    assert (one.number, one.created, one.box) == (1, NOON, (0, 0, 0, 0))
    assert one.photo == template(1).photo_hash
    assert one.image == f"enroll/image_{template(1).photo_hash[:7]}.jpg"
    assert one.groups == ("night", "staff")
    assert len({one.number, two.number, three.number}) == 3
    assert other.number == one.number, "the same face for another model"
    assert anna is not None
    assert (anna.first_name, anna.last_name) == ("Anna", "Müller")


def test_a_backup_of_the_old_one_was_made_first(path: Path, tmp_path: Path) -> None:
    open_gallery(path).close()

    backups = Backups(tmp_path / "backups", VAULT.seal_for("backups"))
    (backup,) = backups.all()
    backups.unpack(backup, tmp_path / "old.db")
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        assert old.execute("PRAGMA user_version").fetchone() == (backup.version,)
        assert backup.version < len(STEPS)
        assert old.execute("SELECT count(*) FROM people").fetchone() == (3,)


def test_without_room_for_the_backup_nothing_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = version_of(path)
    (path.parent / "backups").write_text("in the way")

    with pytest.raises(Unavailable):
        open_people(path)

    assert version_of(path) == before


def test_a_migration_that_is_cut_off_begins_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, take = version_of(path), migration._take

    def cut(connection: sqlite3.Connection, number: int) -> None:
        take(connection, number)
        if number == len(STEPS) - 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("edged.gallery.migration._take", cut)
        with pytest.raises(KeyboardInterrupt):
            open_people(path)
    assert version_of(path) == before

    people: People = open_people(path)
    assert people.count() == 3
    with people.changes(0, MODEL) as changes:
        assert changes.templates == 4
    people.close()


def test_a_damaged_database_is_not_brought_up_to_date(path: Path) -> None:
    def damaged(_work: Callable[[], Any]) -> Callable[[], Any]:
        def verdict() -> None:
            raise Corrupt("damaged")

        return verdict

    with pytest.raises(Corrupt):
        open_gallery(path, beside=damaged)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] < len(STEPS)
    assert not Backups(path.parent / "backups", VAULT.seal_for("backups")).all()
