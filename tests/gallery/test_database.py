from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edged.domain.errors import Corrupt, Unavailable, Unsupported
from edged.gallery import database
from edged.gallery.departures import Departure
from edged.gallery.people import People
from edged.gallery.schema import STEPS
from edged.runtime.beside import beside
from tests.gallery.sample import MODEL, NOON, VAULT, fill, names, new_id, open_gallery, open_people, somebody, template

_OTHER_PROCESS = """
import sys
from pathlib import Path
from tests.gallery.sample import MODEL, open_people, somebody, template

people = open_people(Path(sys.argv[1]))
people.enroll(somebody("theirs"), [template(2)], MODEL)
people.close()
"""


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sound database of 200 people."""
    path = tmp_path_factory.mktemp("sound") / "gallery.db"
    gallery = open_gallery(path)
    fill(gallery, people=200, photos=3)
    gallery.close()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, content: bytes) -> Path:
    """That database, to be treated badly."""
    path = tmp_path / "gallery.db"
    path.write_bytes(content)
    return path


def test_the_database_is_made_for_the_owner_only(tmp_path: Path) -> None:
    open_people(tmp_path / "state" / "gallery.db").close()

    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "state" / "gallery.db").stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_readable_for_all_no_longer_is(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    open_people(path).close()
    path.chmod(0o644)
    open_people(path).close()

    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_makes_belongs_to_whom_the_directory_belongs(tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, 2345)
    people = open_people(tmp_path / "gallery.db")
    people.enroll(somebody("4711"), [template(1)], MODEL)

    owners = {(file.stat().st_uid, file.stat().st_gid) for file in tmp_path.glob("gallery.db*")}
    assert owners == {(1234, 2345)}
    people.close()


def test_every_write_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    people = open_people(tmp_path / "gallery.db")
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    assert [people._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == ["wal", 2, 1, 1]
    people.close()


def test_a_second_connection_does_not_loosen_the_first(tmp_path: Path) -> None:
    """Closing a descriptor of the file lets go of a process's locks; another process would take the log away."""
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path)
    open_people(path).close()
    subprocess.run([sys.executable, "-c", _OTHER_PROCESS, str(path)], check=True, timeout=30)

    assert path.with_name("gallery.db-wal").exists()
    gallery.enroll(somebody("ours"), [template(1)])
    assert names(gallery, template(2).vector, k=1) == ["theirs"]
    gallery.close()
    again = open_gallery(path)
    assert again.snapshot().persons == 2
    again.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"not a database" * 1000,
        lambda content: content[: len(content) // 2],
        lambda content: content[:8192] + bytes(8192) + content[16384:],
        lambda content: bytes(100) + content[100:],
    ],
    ids=["foreign", "cut off", "pages zeroed", "header zeroed"],
)
def test_a_damaged_database_is_named_with_a_remedy(
    path: Path, content: bytes, damage: Callable[[bytes], bytes]
) -> None:
    path.write_bytes(damage(content))

    with pytest.raises(Corrupt) as error:
        open_gallery(path)
    assert str(path) in error.value.what
    assert "backup" in error.value.remedy


def test_damage_that_nobody_reads_is_named_too(path: Path, content: bytes) -> None:
    """The order of an index; the file is read for it on another thread."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
            " WHERE name = 'packs_by_person') WHERE name = 'templates_by_pack'"
        )
    connection.close()

    with pytest.raises(Corrupt, match=str(path)):
        open_gallery(path, beside=beside)


def test_a_deletion_that_was_cut_off_is_not_finished_in_a_damaged_database(path: Path) -> None:
    with closing(open_people(path)) as people:
        summary = people.find("p0")
        assert summary is not None
        people.departures.begin(Departure.of(summary.person.id, "p0", NOON, 3, 0))

    def damaged(_work: Callable[[], Any]) -> Callable[[], Any]:
        def verdict() -> None:
            raise Corrupt("damaged")

        return verdict

    with pytest.raises(Corrupt):
        open_gallery(path, beside=damaged)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM people WHERE customer_person_id = 'p0'").fetchone() == (1,)
    with closing(open_people(path)) as people:
        assert people.find("p0") is None, "it is finished as soon as the database is known to be sound"


def test_nobody_reads_the_file_any_more_when_it_is_closed(path: Path) -> None:
    """A damaged one is moved away then."""
    read = []

    def late(work: Callable[[], Any]) -> Callable[[], Any]:
        def verdict() -> None:
            work()
            read.append(path)

        return verdict

    people = People.open(path, VAULT, now=lambda: NOON, new_id=new_id, beside=late)
    assert not read
    people.close()
    assert read == [path]


def test_random_damage_is_named_or_harmless(path: Path, content: bytes) -> None:
    """Never another error, never an answer that is not a cosine."""
    chance = random.Random(7)
    named = 0
    for _ in range(30):
        broken = bytearray(content)
        start = chance.randrange(len(content))
        for place in range(start, min(start + chance.choice((1, 16, 4096)), len(content))):
            broken[place] = chance.randrange(256)
        path.write_bytes(broken)
        try:
            gallery = open_gallery(path, beside=beside)
            found = gallery.snapshot().nearest(template(1).vector[None], k=200)
            assert all(-1 <= candidate.similarity <= 1 for candidate in found[0])
            gallery.close()
        except Corrupt:
            named += 1
    assert named >= 10


def test_a_newer_edged_s_database_is_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()

    with pytest.raises(Unsupported, match="newer edged"):
        open_gallery(path)


def test_no_permission_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable) as error:
        open_people(tmp_path / "file" / "gallery.db")
    assert error.value.remedy


def test_a_database_that_stays_locked_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_S", 0.1)
    gallery = open_gallery(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable, match="locked"):
        gallery.enroll(somebody("new"), [template(9999)])
    other.execute("ROLLBACK")
    assert gallery.find("new") is None
    gallery.enroll(somebody("new"), [template(9999)])
    assert names(gallery, template(9999).vector, k=1) == ["new"]
    other.close()
    gallery.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_and_nothing_is_lost(small_disk: Path) -> None:
    path = small_disk / "gallery.db"
    gallery = open_gallery(path)
    enrolled = 0
    error = None
    while error is None and enrolled < 10_000:
        try:
            gallery.enroll(somebody(str(enrolled)), [template(enrolled)])
            enrolled += 1
        except Unavailable as said:
            error = said
    assert error is not None
    assert "space" in error.what or "disk" in error.what
    assert error.remedy

    assert gallery.snapshot().persons == enrolled
    assert names(gallery, template(enrolled - 1).vector, k=1) == [str(enrolled - 1)]
    gallery.close()
    again = open_gallery(path)
    assert again.snapshot().persons == enrolled
    again.close()


def test_a_full_database_is_said_and_the_next_write_succeeds(tmp_path: Path) -> None:
    """The same as a full disk, without the right to mount one."""
    people = open_people(tmp_path / "gallery.db")
    (pages,) = people._connection.execute("PRAGMA page_count").fetchone()
    people._connection.execute(f"PRAGMA max_page_count = {pages}")
    many = [template(photo) for photo in range(60)]
    enrolled = 0

    def fill_up() -> None:
        nonlocal enrolled
        while enrolled < 100:
            people.enroll(somebody(str(enrolled), notes="n" * 4000), many, MODEL)
            enrolled += 1

    with pytest.raises(Unavailable, match="nothing was changed"):
        fill_up()
    assert people.count() == enrolled

    people._connection.execute("PRAGMA max_page_count = 1000000")
    people.enroll(somebody("4711"), many, MODEL)
    assert people.count() == enrolled + 1
    people.close()
