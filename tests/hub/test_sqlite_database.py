from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edged.api.directory import FaceChange, FaceFilter, Fields
from edged.domain.errors import Corrupt, Unavailable, Unsupported
from edged.hub.sqlite.database import HubDatabase, advance, revision
from edged.hub.sqlite.directory import SqliteDirectory
from tests.api.painted import MODEL, new_face, vector
from tests.hub.site import BY, ROOT
from tests.hub.sqlite_site import open_database

_OPEN = """
import sys
from pathlib import Path
from tests.hub.sqlite_site import open_directory
from tests.hub.site import BY
print("ready", flush=True)
sys.stdin.readline()
with open_directory(sys.argv[1]) as directory:
    directory.create_gallery(sys.argv[2], by=BY)
"""

CHANGES: dict[str, Callable[[SqliteDirectory], object]] = {
    "enroll": lambda directory: directory.enroll("new", [new_face(9)], by=BY),
    "update": lambda directory: directory.update("4711", Fields("Eve"), [new_face(9)], by=BY),
    "delete_person": lambda directory: directory.delete_person("4711", by=BY),
    "change_face": lambda directory: directory.change_face(1, FaceChange(key="new"), by=BY),
    "delete_faces": lambda directory: directory.delete_faces(FaceFilter(key="4711"), by=BY),
    "delete_face": lambda directory: directory.delete_face(1, by=BY),
    "create_gallery": lambda directory: directory.create_gallery("new", by=BY),
    "delete_gallery": lambda directory: directory.delete_gallery("x", purge=True, by=BY),
    "note": lambda directory: directory.note("identify", "4711", by=BY),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with two people."""
    path = tmp_path / "hub.db"
    with closing(open_database(path)) as database:
        directory = SqliteDirectory(database)
        directory.enroll("4711", [new_face(1)], by=BY, galleries=["x"])
        directory.enroll("other", [new_face(2)], by=BY)
    return path


def content(path: Path) -> list[str]:
    """Everything in a database, as SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def limit_pages(database: HubDatabase, more: int) -> None:
    """Allows the file so many pages more: beyond them SQLite answers as on a full disk."""
    with database.writing() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + more}")


def break_off(database: HubDatabase) -> None:
    with database.writing() as connection:
        advance(connection)
        raise ZeroDivisionError


def write_with_a_reader(database: HubDatabase) -> None:
    with database.reading() as reader:
        advance(reader)


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "hub.db"
    with closing(open_database(path)) as database:
        SqliteDirectory(database).enroll("4711", [new_face(1)], by=BY)
        assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_every_write_is_on_the_disk_and_what_is_deleted_is_overwritten(tmp_path: Path) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    with closing(open_database(tmp_path / "hub.db")) as database, database.writing() as connection:
        assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == ["wal", 2, 1, 1]


def test_nothing_of_somebody_deleted_is_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with closing(open_database(path)) as database:
        directory = SqliteDirectory(database)
        directory.enroll("4711", [new_face(1)], by=BY, fields=Fields("Rumpelstilzchen"))
        directory.delete_person("4711", by=BY)
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    assert b"Rumpelstilzchen" not in left
    assert b"crop of 1 on day 0" not in left
    assert vector(1).astype("<f4").tobytes() not in left


@pytest.mark.parametrize("what", CHANGES)
def test_while_others_keep_it_locked_nothing_changes_and_everything_can_be_read(path: Path, what: str) -> None:
    before = content(path)
    with closing(open_database(path, patience_s=0.05)) as database:
        directory = SqliteDirectory(database)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable, match="locked"):
                CHANGES[what](directory)
            assert directory.nearest(MODEL, vector(1), 1)[0].face.key == "4711"
            assert directory.people() == 2
            other.execute("ROLLBACK")
        assert content(path) == before
        CHANGES[what](directory)
        assert content(path) != before


def test_without_space_nothing_changes_and_everything_can_be_read(path: Path) -> None:
    with closing(open_database(path)) as database:
        directory = SqliteDirectory(database)
        limit_pages(database, 0)
        before: list[str] = []

        def fill() -> None:
            while True:
                before[:] = content(path)
                directory.note("fill", "x" * 500, by=BY)

        with pytest.raises(Unavailable, match="no space"):
            fill()
        assert content(path) == before
        with pytest.raises(Unavailable, match="nothing was changed"):
            directory.enroll("4711", [new_face(1, day) for day in range(60)], by=BY, fields=Fields("Eve"))
        assert content(path) == before
        assert directory.nearest(MODEL, vector(2), 1)[0].face.key == "other"
        limit_pages(database, 1000)
        directory.enroll("later", [new_face(5)], by=BY)
        assert directory.nearest(MODEL, vector(5), 1)[0].face.key == "later"


def test_an_enrolment_that_finds_no_space_halfway_leaves_nothing(path: Path) -> None:
    before = content(path)
    with closing(open_database(path)) as database:
        directory = SqliteDirectory(database)
        limit_pages(database, 1)
        with pytest.raises(Unavailable, match="no space"):
            directory.enroll("new", [new_face(9, day) for day in range(64)], by=BY, galleries=["new"])
        assert content(path) == before
        assert directory.people() == 2


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "hub.db")) as database:

        def write() -> None:
            for _time in range(20):
                with database.writing() as connection:
                    before = revision(connection)
                    assert advance(connection) == before + 1

        threads = [threading.Thread(target=write) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.reading() as connection:
            assert revision(connection) == 100


def test_a_writer_that_takes_too_long_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "hub.db", patience_s=0.05)) as database, database.writing():
        errors: list[Unavailable] = []

        def write() -> None:
            try:
                with database.writing():
                    raise AssertionError
            except Unavailable as error:
                errors.append(error)

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert "locked" in errors[0].what


def test_a_block_that_raises_changes_nothing(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "hub.db")) as database:
        with pytest.raises(ZeroDivisionError):
            break_off(database)
        with database.reading() as connection:
            assert revision(connection) == 0


def test_a_reader_sees_one_state_to_the_end_and_cannot_write(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "hub.db")) as database:
        with database.reading() as reader:
            assert revision(reader) == 0
            with database.writing() as writer:
                advance(writer)
            assert revision(reader) == 0
        with pytest.raises(Unavailable, match="readonly"):
            write_with_a_reader(database)


def test_processes_that_open_a_new_file_at_once_all_succeed(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _OPEN, str(path), f"g{number}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(6)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0] * 6

    with closing(open_database(path)) as database:
        assert len(SqliteDirectory(database).galleries()) == 7


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"not a database" * 1000,
        lambda content: bytes(100) + content[100:],
        lambda content: content[:8192] + bytes(len(content) - 8192),
    ],
    ids=["foreign", "header zeroed", "pages zeroed"],
)
def test_a_damaged_file_is_named_with_a_remedy(path: Path, damage: Callable[[bytes], bytes]) -> None:
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Corrupt, match="restore") as error, closing(open_database(path)) as database:
        SqliteDirectory(database).faces()
    assert str(path) in error.value.what


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE people (name)")
    before = content(path)
    with pytest.raises(Corrupt, match="no hub's"):
        open_database(path)
    assert content(path) == before


def test_a_newer_database_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = content(path)
    with pytest.raises(Unsupported, match="newer"):
        open_database(path)
    assert content(path) == before


def test_a_directory_that_may_not_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="file"):
        HubDatabase.open(tmp_path / "file" / "hub.db", lambda: 0.0, lambda: "")
