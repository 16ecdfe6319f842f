"""An event that is purged is gone from every file, however it was cut off; and there is proof of it."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.config.document import Document
from edged.domain.errors import Refused, Unavailable
from edged.photos.album import Doer, EventPlan, PhotoEvent, Purge, Tally, Terms
from edged.photos.database import PhotoDatabase
from edged.photos.file_memory import FileMemory
from edged.photos.intake_rows import Fate, FileFate
from edged.photos.kept import KeptPurge
from edged.photos.photo_bundle import digest_of
from edged.photos.purge_mark import list_digest, mark_of
from edged.photos.purged_copies import PurgedCopies
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.traces import look_for, traces_of
from edged.runtime.booth import DAILY, Hand
from edged.runtime.event_purge import COPIES_KIND, EventPurge
from edged.runtime.state_dir import StateDir
from edged.vault.receipt import is_genuine
from tests.runtime.booth_evening import HOUSE, Evening, document_in, files_with, opened

NOW = 1_900_000_000.0
ANNA = Hand("account:anna", "Anna")


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return document_in(tmp_path)


@pytest.fixture
def state(document: Document) -> StateDir:
    return StateDir.of(document)


@pytest.fixture
def database(state: StateDir) -> Iterator[PhotoDatabase]:
    with closing(opened(state)) as database:
        yield database


@pytest.fixture
def albums(state: StateDir, database: PhotoDatabase) -> SqliteAlbums:
    return SqliteAlbums(database, state.photo_files)


@pytest.fixture
def work(state: StateDir, document: Document, database: PhotoDatabase) -> EventPurge:
    return EventPurge(state, document, database)


def purged(work: EventPurge, slug: str) -> Purge:
    purge = work.begin(HOUSE, slug, by=ANNA)
    assert purge is not None
    work.sweep()
    return purge


def gala(albums: SqliteAlbums, *, photos: int = 30, guests: int = 40) -> tuple[PhotoEvent, Evening]:
    evening = Evening(albums, 1)
    event = evening.event("gala", Terms(keeps_selfies=True))
    evening.whole(event, photos, guests)
    return event, evening


def test_nothing_of_a_purged_event_stands_in_any_file_and_the_other_event_is_whole(
    state: StateDir, albums: SqliteAlbums, work: EventPurge, database: PhotoDatabase
) -> None:
    event, evening = gala(albums)
    other = Evening(albums, 2)
    fair = other.event("fair")
    other.whole(fair, 10, 5)
    with database.reading() as connection:
        traces = traces_of(connection, state.photo_files, event.id)
    assert len(look_for(traces, state.root)) >= len(traces), "the search itself works"
    assert sum(files_with(state.root, evening.secrets).values()) > len(evening.secrets) / 2

    purge = purged(work, "gala")
    work.finish([purge], NOW)

    assert files_with(state.root, evening.secrets) == {}
    assert look_for(traces, state.root) == []
    assert albums.tally(fair).photos == 10
    for photo in other.photos:
        assert photo in {one.id for one in albums.photos(fair, 0, 50).photos}
    for picture in other.secrets[:3]:
        assert state.photo_files.get(digest_of(picture)) == picture


def test_what_another_event_has_as_well_stays_and_is_no_trace(
    state: StateDir, albums: SqliteAlbums, work: EventPurge, database: PhotoDatabase
) -> None:
    first, second = Evening(albums, 3), Evening(albums, 3)
    gala, fair = first.event("gala"), first.event("fair")
    first.photograph(gala)
    kept = second.photograph(fair)
    with database.reading() as connection:
        assert len(traces_of(connection, state.photo_files, gala.id)) == 0

    purge = purged(work, "gala")
    work.finish([purge], NOW)

    assert purge.files == 0
    assert [photo.id for photo in albums.photos(fair, 0, 10).photos] == [kept]
    assert len(list(state.photo_files.digests())) == 3


def test_the_report_says_what_was_removed_and_is_signed(albums: SqliteAlbums, work: EventPurge) -> None:
    event, evening = gala(albums, photos=6, guests=4)
    tally = albums.tally(event)

    (report,) = work.finish([purged(work, "gala")], NOW)

    assert is_genuine(report)
    assert report["kind"] == "edged.event_purge"
    assert (report["event"], report["slug"], report["name"]) == (event.id, "gala", "Gala")
    assert (report["by"], report["device"], report["completed"]) == ("account:anna", "booth-1", "2030-03-17T17:46:40Z")
    assert report["removed"] == {
        "photographs": 6,
        "files": 6 * 3 + 3,
        "bytes": 6 * 6004,
        "faces": tally.faces,
        "searches": 3,
        "selfies": 3,
        "denials": 1,
    }
    assert report["guests_forgotten"] == 1
    (purge,) = albums.purges()
    assert json.loads(purge.report) == report
    assert report["originals"] == {"count": 6, "salt": purge.salt, "digest": list_digest(purge.digests)}
    original = next(secret for secret in evening.secrets if len(secret) == 6004)
    assert mark_of(purge.salt, digest_of(original)) in purge.digests, "whoever has the file can tell"


def test_a_file_that_goes_while_it_is_searched_for_traces_is_no_fault(
    state: StateDir, albums: SqliteAlbums, database: PhotoDatabase
) -> None:
    event, _evening = gala(albums, photos=3, guests=0)
    with database.reading() as connection:
        traces = traces_of(connection, state.photo_files, event.id)
    last = max(path for path in state.root.rglob("*") if path.is_file())

    found = look_for(traces, state.root, lambda _done, _of: last.unlink(missing_ok=True))

    assert found
    assert all(trace.path != last for trace in found)


@pytest.mark.parametrize(
    "change", [{"name": "Another"}, {"completed": "2030-03-17T17:46:41Z"}, {"removed": {}}, {"public_key": "00" * 32}]
)
def test_a_report_that_was_changed_is_not_genuine(
    albums: SqliteAlbums, work: EventPurge, change: dict[str, object]
) -> None:
    gala(albums, photos=1, guests=0)
    (report,) = work.finish([purged(work, "gala")], NOW)

    assert not is_genuine({**report, **change})


def test_what_a_hub_says_of_its_copies_is_signed_as_what_was_told(
    albums: SqliteAlbums, work: EventPurge, database: PhotoDatabase
) -> None:
    event, _evening = gala(albums, photos=2, guests=0)
    work.finish([purged(work, "gala")], NOW)
    gone = KeptPurge(event.id, NOW + 60, Tally(shown=2, faces=7, size=99))

    work.heed("https://hub.example", gone, NOW + 90)
    work.heed("https://hub.example", KeptPurge("another", NOW, Tally()), NOW)

    copies = PurgedCopies(database).reports()
    assert list(copies) == [event.id], "nothing is signed of an event that was not purged here"
    (report,) = copies[event.id]
    assert is_genuine(report)
    assert (report["kind"], report["hub"], report["slug"]) == (COPIES_KIND, "https://hub.example", "gala")
    assert (report["purged"], report["told"]) == ("2030-03-17T17:47:40Z", "2030-03-17T17:48:10Z")
    assert (report["removed"]["photographs"], report["removed"]["faces"]) == (2, 7)


def test_a_purged_event_never_comes_back_under_its_id(albums: SqliteAlbums, work: EventPurge) -> None:
    event, _evening = gala(albums, photos=1, guests=1)
    work.finish([purged(work, "gala")], NOW)

    with pytest.raises(Refused) as refusal:
        albums.create_event(HOUSE, "gala", EventPlan("Gala"), by=ANNA, event_id=event.id)
    assert refusal.value.reason == "purged"
    assert albums.create_event(HOUSE, "gala", EventPlan("Gala"), by=ANNA).id != event.id, "another one may be called so"


def test_there_is_no_report_while_somebody_writes_a_file_or_reads_the_database(
    state: StateDir, albums: SqliteAlbums, work: EventPurge
) -> None:
    gala(albums, photos=2, guests=2)
    purge = purged(work, "gala")
    draft = state.photo_files.path / "aa" / ".draft"
    draft.parent.mkdir(exist_ok=True)
    draft.write_bytes(b"half a photograph")
    with pytest.raises(Unavailable, match="being written"):
        work.finish([purge], NOW)
    draft.unlink()
    with closing(sqlite3.connect(state.photos, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM photos").fetchone()
        with pytest.raises(Unavailable, match="log"):
            work.finish([purge], NOW)
    assert [one.event for one in work.pending()] == [purge.event]

    assert work.finish(work.pending(), NOW)
    assert work.pending() == []


def test_a_damaged_database_that_was_set_aside_goes_with_it(
    state: StateDir, albums: SqliteAlbums, work: EventPurge
) -> None:
    gala(albums, photos=1, guests=0)
    aside = state.root / "photos.db.damaged-20260101T000000Z"
    aside.write_bytes(b"an old one")

    work.finish([purged(work, "gala")], NOW)

    assert not aside.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from edged.config.document import Document
from edged.runtime.booth import DEVICE
from edged.runtime.event_purge import EventPurge
from edged.runtime.state_dir import StateDir
from tests.runtime.booth_evening import HOUSE, document_in, opened
document = document_in(Path(sys.argv[1]))
state = StateDir.of(document)
left = int(sys.argv[2])
def step(event, args):
    global left
    watched = event in ("os.remove", "os.rename", "sqlite3.connect") or (event == "open" and "photos" in str(args[0]))
    if watched:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
database = opened(state)
work = EventPurge(state, document, database)
sys.addaudithook(step)
database._file._writer.set_progress_handler(lambda: step("os.remove", ()), 2000)
work.begin(HOUSE, "gala", by=DEVICE)
work.sweep()
work.finish(work.pending(), 1900000000.0)
"""


def killed(folder: Path, after: int) -> bool:
    """Purges in a process that is killed after so many steps; whether it was."""
    ended = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(after)], check=False, timeout=60)
    assert ended.returncode in {0, -signal.SIGKILL}
    return ended.returncode != 0


@pytest.mark.parametrize("first", [0, 3, 8, 17, 30, 44])
def test_a_purge_that_is_killed_is_completed_later_and_has_no_report_before(tmp_path: Path, first: int) -> None:
    document = document_in(tmp_path)
    state = StateDir.of(document)
    with closing(opened(state)) as database:
        albums = SqliteAlbums(database, state.photo_files)
        _event, evening = gala(albums, photos=12, guests=6)
    kills = 0
    while kills < 4 and killed(tmp_path, first + kills):
        kills += 1
    assert kills, "it was cut off"

    with closing(opened(state)) as database:
        work, albums = EventPurge(state, document, database), SqliteAlbums(database, state.photo_files)
        if albums.event(HOUSE, "gala") is not None:
            assert albums.purges() == []
            work.begin(HOUSE, "gala", by=ANNA)
        for purge in albums.purges():
            assert not purge.report or files_with(state.root, evening.secrets) == {}
        work.sweep()
        work.finish(work.pending(), NOW)

        assert files_with(state.root, evening.secrets) == {}
        (purge,) = albums.purges()
        assert is_genuine(json.loads(purge.report))
        assert purge.tally.photos == 12


def test_no_guests_request_is_named_where_it_would_outlive_the_event(state: StateDir) -> None:
    noted: list[str] = []

    def seen(_by: Doer, act: str, about: str) -> None:
        if act not in DAILY:
            noted.append(f"{act} {about}")

    with closing(state.open_photos(threading.Lock(), seen)) as database:
        _event, evening = gala(SqliteAlbums(database, state.photo_files), photos=4, guests=4)

    assert [line.split()[0] for line in noted[-2:]] == ["not_this_person", "forget_guest"]
    assert not [line for line in noted if any(request in line for request in evening.requests)]


def test_files_that_came_in_from_a_folder_are_known_by_nothing_of_their_content(
    state: StateDir, albums: SqliteAlbums, work: EventPurge, database: PhotoDatabase
) -> None:
    event, evening = gala(albums, photos=1, guests=0)
    digest = digest_of(evening.secrets[0])
    FileMemory(database).note("0" * 32, FileFate(event.id, digest, Fate.ADDED))

    work.finish([purged(work, "gala")], NOW)

    assert files_with(state.root, [digest.encode()]) == {}
    assert FileMemory(database).fates(["0" * 32]), "it does not come in for another event"
