"""What was accepted is kept, in order, within bounds, on a full disk and after damage."""

import itertools
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from edged.config.document import EventSettings
from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.measure.sample_event import SAMPLE_UTC, sample_event
from edged.measure.sample_passage import sample_passage
from edged.mqtt.outbox import Outbox
from edged.mqtt.outbox_reader import Counters, KeptEvents, OutboxReader
from edged.wire.event import EventRecord
from edged.wire.passage import PassageRecord

DAY = 86_400.0
BOUNDS = EventSettings(max_pending=100, max_age_days=30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


def _open(path: Path, boot: str = "b1", *, reserve_bytes: int = 64 * 1024) -> Outbox:
    return Outbox.open(path, boot, now=SAMPLE_UTC, reserve_bytes=reserve_bytes)


def _numbers(events: KeptEvents) -> list[int]:
    return [event.number for event in events.pending(limit=10_000)]


def test_events_come_out_in_the_order_they_went_in(path: Path) -> None:
    outbox = _open(path)
    assert outbox.append([sample_event(1), sample_event(2)]) == (1, 2)
    assert outbox.append([sample_event(3)]) == (3,)
    pending = outbox.pending(limit=10)
    assert [(event.number, event.boot, event.seq) for event in pending] == [(1, "b1", 1), (2, "b1", 2), (3, "b1", 3)]
    assert [event.record.id for event in pending] == [sample_event(n).id for n in (1, 2, 3)]
    assert [event.seq for event in outbox.pending(after=1, limit=1)] == [2]
    outbox.close()


def test_seq_counts_per_boot_and_goes_on_when_the_same_boot_opens_again(path: Path) -> None:
    first = _open(path, "b1")
    first.append([sample_event(1), sample_event(2)])
    first.close()
    again = _open(path, "b1")
    assert again.append([sample_event(3)]) == (3,)
    again.close()
    other = _open(path, "b2")
    assert other.append([sample_event(4)]) == (1,)
    assert _numbers(other) == [1, 2, 3, 4]
    other.close()


def test_an_event_given_twice_is_stored_once(path: Path) -> None:
    outbox = _open(path)
    outbox.append([sample_event(1), sample_event(2)])
    assert outbox.append([sample_event(2), sample_event(3)]) == (2, 3)
    assert [event.seq for event in outbox.pending(limit=10)] == [1, 2, 3]
    outbox.close()


def test_acknowledged_events_leave_the_queue_and_stay_as_history(path: Path) -> None:
    outbox = _open(path)
    outbox.append([sample_event(n) for n in range(1, 6)])
    outbox.acknowledge([1, 3])
    assert _numbers(outbox) == [2, 4, 5]
    assert [(event.number, event.delivered) for event in outbox.recent(3)] == [(5, False), (4, False), (3, True)]
    assert outbox.counters() == Counters(pending=3, delivered=2, dropped=0)
    outbox.close()
    again = _open(path)
    assert _numbers(again) == [2, 4, 5]
    again.close()


def test_an_event_is_found_by_its_id_or_by_enough_of_it(path: Path) -> None:
    outbox = _open(path)
    early, late = sample_event(1, utc=SAMPLE_UTC), sample_event(2, utc=SAMPLE_UTC + DAY)
    outbox.append([early, late])
    for start in (late.id, late.id[:12], late.id.upper()):
        found = outbox.find(start)
        assert found is not None
        assert found.record.id == late.id
        assert found.record.best is not None
    assert outbox.find("ffff") is None
    assert outbox.find("%") is None
    with pytest.raises(Refused) as refused:
        outbox.find(early.id[:4])
    assert refused.value.reason == "ambiguous"
    outbox.close()


def test_a_reader_sees_what_is_committed_and_cannot_write(path: Path) -> None:
    outbox = _open(path)
    reader = OutboxReader.open(path)
    assert reader.newest() == 0
    outbox.append([sample_event(1)])
    assert reader.newest() == 1
    assert _numbers(reader) == [1]
    with pytest.raises(sqlite3.OperationalError):
        reader._connection.execute("DELETE FROM event")
    outbox.close()
    reader.close()


def test_a_reader_works_when_nobody_else_has_the_file_open(path: Path) -> None:
    with pytest.raises(Unavailable, match="no events"):
        OutboxReader.open(path)
    outbox = _open(path)
    outbox.append([sample_event(1)])
    outbox.close()
    reader = OutboxReader.open(path)
    assert _numbers(reader) == [1]
    reader.close()


def test_the_files_are_private(path: Path) -> None:
    path.touch(mode=0o644)
    outbox = _open(path)
    outbox.append([sample_event(1)])
    modes = {child.name: stat.S_IMODE(child.stat().st_mode) for child in path.parent.iterdir()}
    assert modes == dict.fromkeys(("events.db", "events.db-wal", "events.db-shm", "events.db.reserve"), 0o600)
    outbox.close()


def test_old_events_go_and_lost_ones_are_counted(path: Path) -> None:
    outbox = _open(path)
    outbox.append([sample_event(n, utc=SAMPLE_UTC + n * DAY) for n in range(1, 5)])
    outbox.acknowledge([1])
    trimmed = outbox.trim(SAMPLE_UTC + 32.5 * DAY, BOUNDS)
    assert (trimmed.history, trimmed.aged, trimmed.crowded, trimmed.dropped) == (1, 1, 0, 1)
    assert _numbers(outbox) == [3, 4]
    outbox.close()
    again = _open(path)
    assert again.counters() == Counters(pending=2, delivered=0, dropped=1)
    again.close()


def test_events_dated_by_a_clock_that_was_not_set_are_not_lost_when_it_is(path: Path) -> None:
    outbox = _open(path)
    outbox.append([sample_event(1, utc=60.0), sample_event(2, utc=61.0)])
    assert outbox.trim(SAMPLE_UTC, BOUNDS).dropped == 0
    assert _numbers(outbox) == [1, 2]
    outbox.acknowledge([1])
    assert outbox.trim(SAMPLE_UTC, BOUNDS).history == 1
    outbox.close()


def test_beyond_the_bound_history_goes_first_then_the_oldest_pending(path: Path) -> None:
    outbox = _open(path)
    outbox.append([sample_event(n) for n in range(1, 121)])
    outbox.acknowledge(range(50, 60))
    trimmed = outbox.trim(SAMPLE_UTC, BOUNDS)
    assert (trimmed.history, trimmed.crowded) == (10, 10)
    assert _numbers(outbox) == [*range(11, 50), *range(60, 121)]
    outbox.close()


def test_numbers_are_not_used_again_after_everything_is_gone(path: Path) -> None:
    outbox = _open(path)
    outbox.append([sample_event(1), sample_event(2)])
    outbox.trim(SAMPLE_UTC + 40 * DAY, BOUNDS)
    assert outbox.append([sample_event(3)]) == (3,)
    assert _numbers(outbox) == [3]
    outbox.close()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB of our own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    mount = tmp_path / "disk"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(mount)], check=True)
    try:
        yield mount
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=True)


def _append_without_end(outbox: Outbox) -> None:
    for number in itertools.count(1):
        outbox.append([sample_event(number)])


def _fill(outbox: Outbox) -> int:
    """Appends until the disk is full; gives how many events were accepted."""
    with pytest.raises(Unavailable, match=r"disk is full.* every event accepted so far is kept"):
        _append_without_end(outbox)
    return outbox.counters().pending


def _fill_up(disk: Path) -> None:
    """Somebody else takes every last byte."""
    with (disk / "somebody-elses").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


def test_a_full_disk_refuses_new_events_and_still_lets_the_old_ones_leave(tiny_disk: Path) -> None:
    outbox = _open(tiny_disk / "events.db", reserve_bytes=1024 * 1024)
    somebody_elses = tiny_disk / "somebody-elses"
    somebody_elses.write_bytes(bytes(1536 * 1024))
    accepted = _fill(outbox)
    short = [outbox.short_of_space]
    assert outbox.counters() == Counters(pending=accepted, delivered=0, dropped=0)

    for number in _numbers(outbox):
        outbox.acknowledge([number])
    assert outbox.counters() == Counters(pending=0, delivered=accepted, dropped=0)
    short.append(outbox.short_of_space)

    outbox.trim(SAMPLE_UTC + 40 * DAY, BOUNDS)
    assert outbox.append([sample_event(99_999)]) == (accepted + 1,), "room inside the file is used again"
    somebody_elses.unlink()
    outbox.trim(SAMPLE_UTC, BOUNDS)
    short.append(outbox.short_of_space)
    assert short == [False, True, False]
    outbox.close()


def test_what_a_full_disk_accepted_is_there_after_a_restart(tiny_disk: Path) -> None:
    outbox = _open(tiny_disk / "events.db")
    accepted = _fill(outbox)
    outbox.close()
    again = _open(tiny_disk / "events.db")
    assert [event.seq for event in again.pending(limit=10_000)] == list(range(1, accepted + 1))
    again.close()


def test_a_disk_that_got_full_while_nobody_looked_does_not_keep_the_events_in(tiny_disk: Path) -> None:
    outbox = _open(tiny_disk / "events.db", reserve_bytes=1024 * 1024)
    outbox.append([sample_event(n) for n in range(1, 6)])
    outbox.close()
    _fill_up(tiny_disk)
    again = _open(tiny_disk / "events.db", reserve_bytes=1024 * 1024)
    again.acknowledge(_numbers(again))
    assert again.counters() == Counters(pending=0, delivered=5, dropped=0)
    again.close()


@pytest.mark.parametrize("damage", ["header", "middle"])
def test_a_damaged_file_is_set_aside_and_named(path: Path, damage: str) -> None:
    outbox = _open(path)
    outbox.append([sample_event(n) for n in range(1, 200)])
    outbox.close()
    content = bytearray(path.read_bytes())
    start = 0 if damage == "header" else 3 * 4096
    content[start : start + 4096] = b"\xa5" * 4096
    path.write_bytes(content)

    again = _open(path)
    assert isinstance(again.damage, Corrupt)
    aside = path.with_name("events.db.damaged-20260101T120000Z")
    assert str(aside) in again.damage.remedy
    assert aside.read_bytes() == content
    assert again.append([sample_event(500)]) == (1,)
    again.close()
    third = _open(path)
    assert third.damage is None
    third.close()


def test_a_file_of_a_newer_edged_is_left_alone(path: Path) -> None:
    _open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 3")
    connection.close()
    with pytest.raises(Refused) as refused:
        _open(path)
    assert refused.value.reason == "newer_database"


def test_a_file_from_before_there_were_doors_is_read_on(path: Path) -> None:
    outbox = _open(path)
    outbox.append([sample_event(1)])
    outbox.close()
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP INDEX event_timeline; DROP INDEX event_visit; ALTER TABLE event DROP COLUMN who;"
        " DROP INDEX event_kind; ALTER TABLE event DROP COLUMN kind; PRAGMA user_version = 1; VACUUM"
    )
    connection.close()
    outbox = _open(path)
    outbox.append([sample_passage(2)])
    assert [type(item.record) for item in outbox.pending(limit=9)] == [EventRecord, PassageRecord]
    assert [item.seq for item in outbox.recent(9)] == [1]


def test_each_kind_has_numbers_of_its_own_and_all_keep_their_order(path: Path) -> None:
    outbox = _open(path)
    outbox.append([sample_event(1), sample_passage(2)])
    outbox.append([sample_passage(3), sample_event(4)])
    assert [item.seq for item in outbox.pending(limit=9)] == [1, 1, 2, 2]
    numbers = [item.number for item in outbox.recent(9)] + [item.number for item in outbox.recent_passages(9)]
    assert sorted(numbers) == _numbers(outbox)
    newest, older = outbox.recent_passages(9)
    assert outbox.recent_passages(9, before=newest.number) == [older]
    assert outbox.find_passage(older.record.id) == older
    assert outbox.find(older.record.id) is None


def test_a_directory_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot open .*nowhere"):
        _open(path.parent / "nowhere" / "events.db")


def test_accepted_events_survive_sigkill(path: Path) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from edged.measure.sample_event import sample_event\n"
        "from edged.mqtt.outbox import Outbox\n"
        "outbox = Outbox.open(pathlib.Path(sys.argv[1]), 'b1', now=0.0)\n"
        "for number in range(1, 100_000):\n"
        "    outbox.append([sample_event(number)])\n"
        "    os.write(1, b'%d\\n' % number)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    accepted = [int(child.stdout.readline()) for _ in range(50)]
    child.send_signal(signal.SIGKILL)
    accepted += [int(line) for line in child.stdout.read().splitlines()]
    child.stdout.close()
    child.wait()
    again = _open(path)
    assert again.damage is None
    assert [event.seq for event in again.pending(limit=100_000)][: len(accepted)] == accepted
    again.close()
