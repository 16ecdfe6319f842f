"""What was noted stays, in order, however the device ends, and whoever else writes."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.audit.act import Act
from edged.audit.anchor import genesis
from edged.audit.chain import Chain
from edged.audit.entry import Fact, Note
from edged.audit.head import Head, head_bytes, head_of, read_head
from edged.audit.ledger_file import FILE, HEAD_FILE
from edged.audit.selection import Selection
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Moment
from edged.measure.audit_damage import without_triggers
from tests.audit.audit_log import BEGIN, SECRET, Ticks, entries, kinds, notes, opened, told, verified, written

ROOT = Path(__file__).parents[2]


def test_entries_follow_one_another_and_the_first_says_that_the_chain_begins(tmp_path: Path) -> None:
    head = written(tmp_path, 3)
    found = entries(tmp_path)
    assert [entry.number for entry in found] == [1, 2, 3, 4]
    assert [entry.act for entry in found] == ["beginning", *["decision"] * 3]
    assert found[0].facts == {"reason": "new"}
    assert [entry.facts["n"] for entry in found[1:]] == [0, 1, 2]
    assert (head.number, head.hash) == (4, found[-1].hash)
    assert verified(tmp_path).is_whole


def test_a_hash_is_of_eight_lines_that_anybody_can_put_together(tmp_path: Path) -> None:
    written(tmp_path, 1)
    first, second = entries(tmp_path)
    lines = (
        f"{first.hash.hex()}\n2\n2026-09-21T14:14:10.000Z\n50000\n0c5bd81c-0000-4000-8000-000000000001\n"
        'device\ndecision\n{"door":"front","n":0}'
    )
    assert hashlib.sha256(lines.encode()).digest() == second.hash


def test_a_log_that_is_about_to_begin_has_no_entries(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    assert entries(tmp_path) == []
    assert [kind for kind, _, _ in kinds(tmp_path)] == ["unreadable"]


def test_the_mode_of_the_files_is_for_their_owner_alone(tmp_path: Path) -> None:
    written(tmp_path, 1)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_facts_are_bounded_and_a_name_cannot_forge_a_line(tmp_path: Path) -> None:
    about: dict[str, Fact] = {"long": "x" * 1000, "number": 2**70, "nothing": float("nan")}
    about |= {f"more{place}": 1 for place in range(50)}
    with closing(opened(tmp_path)) as chain:
        chain.append([Note(Act.CONFIG, "account:a\nb\x1b[2J", about, Moment(-1.0, 1e12))])
    entry = entries(tmp_path)[-1]
    assert entry.by == "account:a?b?[2J"
    assert len(entry.facts) == 32
    assert len(entry.facts["long"]) == 500
    assert entry.facts["long"].endswith("…")
    assert entry.facts["number"] == str(2**70)
    assert entry.facts["nothing"] is None
    assert entry.at == "9999-12-31T23:59:59.999Z"
    assert verified(tmp_path).is_whole


def test_an_entry_cannot_be_changed_or_deleted_by_a_plain_statement(tmp_path: Path) -> None:
    written(tmp_path, 3)
    program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])"
    for statement in (
        "UPDATE entry SET by = 'nobody' WHERE number = 2",
        "DELETE FROM entry WHERE number = 2",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE number = 2",
        "UPDATE anchor SET number = number",
        "DELETE FROM anchor",
    ):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / FILE), statement],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "append-only" in done.stderr, statement
    assert verified(tmp_path).is_whole


def test_without_the_secret_nobody_adds_unseen(tmp_path: Path) -> None:
    written(tmp_path, 3)
    with closing(opened(tmp_path, secret=b"somebody else's secret, 32 bytes")) as chain:
        chain.append(notes(1, first=99))
    assert not verified(tmp_path).is_whole


def test_two_processes_add_in_turn(tmp_path: Path) -> None:
    written(tmp_path, 0)
    with _writer(tmp_path, "one", 40) as one, _writer(tmp_path, "other", 40) as other:
        for writer in (one, other):
            writer.communicate(timeout=60)
    assert (one.returncode, other.returncode) == (0, 0)
    assert verified(tmp_path).is_whole
    for name in ("one", "other"):
        found = entries(tmp_path, Selection(by=f"shell:{name}"))
        assert [entry.facts["n"] for entry in found] == list(range(40))


def test_what_was_told_to_be_written_is_there_after_sigkill_and_is_no_tampering(tmp_path: Path) -> None:
    written(tmp_path, 0)
    known = 0
    for trial in range(6):
        with _writer(tmp_path, "killed", 100_000, first=known) as writer:
            assert writer.stdout is not None
            for _ in range(1 + trial):
                known = int(writer.stdout.readline()) + 1
            writer.send_signal(signal.SIGKILL)
            rest = [int(line) for line in writer.stdout.read().splitlines()]
        known = rest[-1] + 1 if rest else known
        before = verified(tmp_path)
        assert before.is_whole
        found = [entry.facts["n"] for entry in entries(tmp_path, Selection(by="shell:killed"))]
        assert found[:known] == list(range(known))
        known = len(found)
    with closing(opened(tmp_path)) as chain:
        chain.append(notes(1))
    assert list(told(tmp_path, Act.FINDING)) == []


def test_a_head_that_is_behind_is_an_interruption_if_what_follows_is_ours(tmp_path: Path) -> None:
    written(tmp_path, 3)
    behind = (tmp_path / HEAD_FILE).read_bytes()
    written(tmp_path, 2)
    (tmp_path / HEAD_FILE).write_bytes(behind)
    found = verified(tmp_path)
    assert (found.is_whole, found.ahead) == (True, 2)
    with closing(opened(tmp_path)) as chain:
        assert chain.head.number == 6
        chain.append(notes(1))
        assert chain.found == {}
    assert kinds(tmp_path) == []
    assert verified(tmp_path).ahead == 0


def test_a_chain_that_was_cut_off_before_its_first_entry_begins_again(tmp_path: Path) -> None:
    written(tmp_path, 1)
    head = read_head(tmp_path / HEAD_FILE, SECRET)
    assert head is not None
    for path in tmp_path.glob(f"{FILE}*"):
        path.unlink()
    (tmp_path / HEAD_FILE).write_bytes(head_bytes(Head(head.chain, 0, genesis(head.chain).hash), SECRET))
    written(tmp_path, 1)
    assert entries(tmp_path)[0].facts == {"reason": "new"}
    assert verified(tmp_path).is_whole


def test_a_damaged_file_is_set_aside_and_the_new_chain_says_so(tmp_path: Path) -> None:
    head = written(tmp_path, 3)
    (tmp_path / FILE).write_bytes(b"not a database at all" * 1000)
    with closing(opened(tmp_path)) as chain:
        chain.append(notes(1))
        assert chain.found["kind"] == "damaged"
    first = entries(tmp_path)[0].facts
    aside = [path.name for path in tmp_path.glob("audit.db.damaged-*")]
    assert first["reason"] == "damaged"
    assert first["former"] == str(head)
    assert first["set_aside"] in aside
    assert f"{first['set_aside']}.head" in aside
    assert verified(tmp_path).is_whole


def test_a_file_that_is_gone_is_no_new_beginning(tmp_path: Path) -> None:
    head = written(tmp_path, 3)
    for path in tmp_path.glob(f"{FILE}*"):
        path.unlink()
    written(tmp_path, 1)
    first = entries(tmp_path)[0].facts
    assert (first["reason"], first["former"]) == ("missing", str(head))


def test_a_writer_follows_to_the_file_that_another_process_has_begun(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as daemon:
        daemon.append(notes(2))
        for path in tmp_path.glob(f"{FILE}*"):
            path.unlink()
        with closing(opened(tmp_path)) as command:
            command.append(notes(1, first=10))
        daemon.append(notes(1, first=20))
    assert [entry.facts.get("n") for entry in entries(tmp_path)] == [None, 10, 20]
    assert verified(tmp_path).is_whole


def test_what_was_removed_at_the_end_stays_missing_after_more_was_added(tmp_path: Path) -> None:
    written(tmp_path, 5)
    _statement(tmp_path, "DELETE FROM entry WHERE number > 4")
    written(tmp_path, 1)
    assert list(told(tmp_path, Act.FINDING)) == [{"kind": "tail_removed", "from": 5, "through": 6}]
    assert [entry.number for entry in entries(tmp_path)] == [1, 2, 3, 4, 7, 8]
    assert [(fault.kind, fault.number, fault.through) for fault in verified(tmp_path).faults] == [("removed", 5, 6)]


def test_entries_forged_after_the_end_are_noted_by_whoever_adds_next(tmp_path: Path) -> None:
    written(tmp_path, 2)
    _statement(
        tmp_path,
        "INSERT INTO entry SELECT number + 1, at, mono, boot, 'account:eve', act, about, hash, mark"
        " FROM entry WHERE number = 3",
    )
    written(tmp_path, 1)
    assert list(told(tmp_path, Act.FINDING)) == [{"kind": "inserted", "from": 4, "through": 4}]
    assert (4, 4) in [(number, through) for _, number, through in kinds(tmp_path)]


def test_a_forged_entry_with_the_highest_number_does_not_end_the_log(tmp_path: Path) -> None:
    written(tmp_path, 2)
    _statement(
        tmp_path,
        "INSERT INTO entry SELECT 9223372036854775807, at, mono, boot, by, act, about, hash, mark"
        " FROM entry WHERE number = 3",
    )
    assert not verified(tmp_path).is_whole
    written(tmp_path, 1)
    assert entries(tmp_path)[0].facts["reason"] == "damaged"
    assert verified(tmp_path).is_whole


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"v": 1, "chain": "x", "number": 1e400}', b"\xff" * 10_000])
def test_a_head_that_is_missing_or_forged_is_found_and_noted(tmp_path: Path, content: bytes | None) -> None:
    written(tmp_path, 2)
    if content is None:
        (tmp_path / HEAD_FILE).unlink()
    else:
        (tmp_path / HEAD_FILE).write_bytes(content)
    assert [kind for kind, _, _ in kinds(tmp_path)] == ["head"]
    written(tmp_path, 1)
    assert [facts["kind"] for facts in told(tmp_path, Act.FINDING)] == [
        "head_missing" if content is None else "forged_head"
    ]


def test_what_is_too_old_goes_and_the_rest_can_still_be_verified(tmp_path: Path) -> None:
    clock = Ticks()
    with closing(opened(tmp_path, clock=clock)) as chain:
        chain.append(notes(10))
        assert chain.needs_pruning(BEGIN + 55.0, 1000)
        assert chain.prune(BEGIN + 55.0, 1000) == 6
        assert chain.prune(BEGIN + 55.0, 1000) == 0
        assert not chain.needs_pruning(BEGIN + 55.0, 1000)
        chain.append(notes(1, first=10))
    found = entries(tmp_path)
    assert [entry.facts.get("n") for entry in found] == [5, 6, 7, 8, 9, None, 10]
    assert found[5].act == "pruning"
    assert found[5].facts["through"] == 6
    assert verified(tmp_path).is_whole
    assert kinds(tmp_path, head_of(f"{verified(tmp_path).chain}:6:{found[5].facts['hash']}")) == []
    older = verified(tmp_path, head_of(f"{verified(tmp_path).chain}:3:{'0' * 64}"))
    assert older.is_whole
    assert "removed because of its age" in older.remarks[0]


def test_no_more_entries_are_kept_than_wanted(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as chain:
        chain.append(notes(30))
        assert chain.needs_pruning(0.0, 20)
        assert chain.prune(0.0, 20) == 11
    assert [entry.number for entry in entries(tmp_path)] == list(range(12, 33))
    assert verified(tmp_path).is_whole


def test_everything_may_go_but_what_says_so(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as chain:
        chain.append(notes(3))
        assert chain.prune(BEGIN + 1e6, 1000) == 4
    assert [entry.act for entry in entries(tmp_path)] == ["pruning"]
    assert verified(tmp_path).is_whole


def test_old_entries_that_come_back_are_found(tmp_path: Path) -> None:
    written(tmp_path, 10)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with closing(opened(tmp_path)) as chain:
        chain.prune(BEGIN + 55.0, 1000)
    head = (tmp_path / HEAD_FILE).read_bytes()
    for path in tmp_path.iterdir():
        path.unlink()
    for path, content in before.items():
        path.write_bytes(content)
    (tmp_path / HEAD_FILE).write_bytes(head)
    assert "anchor" in [kind for kind, _, _ in kinds(tmp_path)]


def test_a_forged_anchor_is_found(tmp_path: Path) -> None:
    written(tmp_path, 5)
    _statement(
        tmp_path,
        "UPDATE anchor SET number = 2, hash = (SELECT hash FROM entry WHERE number = 2)",
        "DELETE FROM entry WHERE number <= 2",
    )
    assert kinds(tmp_path) == [("anchor", 0, 0)]


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    written(tmp_path, 1)
    _statement(tmp_path, "PRAGMA user_version = 2")
    with pytest.raises(Refused, match="newer edged"):
        opened(tmp_path)


@pytest.mark.parametrize("text", ["", "a:b:c", "00:1:ff", f"00:-1:{'0' * 64}", f"00:{'9' * 30}:{'0' * 64}"])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no head"):
        head_of(text)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB of our own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    mount = tmp_path / "disk"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mount)], check=True)
    try:
        yield mount
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=True)


def test_a_full_disk_refuses_whole_batches_and_the_chain_goes_on_when_there_is_room(tiny_disk: Path) -> None:
    somebody_elses = tiny_disk / "somebody-elses"
    somebody_elses.write_bytes(bytes(1024 * 1024))
    chain = opened(tiny_disk)
    accepted = _filled(chain)
    assert accepted > 0
    assert verified(tiny_disk).is_whole
    somebody_elses.unlink()
    chain.append(notes(50, first=accepted))
    chain.close()
    found = [entry.facts["n"] for entry in entries(tiny_disk, Selection(acts=("decision",)))]
    assert found == list(range(accepted + 50)), "refused batches left something, or something is missing"
    assert verified(tiny_disk).is_whole
    assert list(told(tiny_disk, Act.FINDING)) == []


def _filled(chain: Chain) -> int:
    """Appends until the disk is full; gives how many entries were accepted."""
    for accepted in range(0, 100_000, 50):
        try:
            chain.append(notes(50, first=accepted))
        except Unavailable:
            return accepted
    raise AssertionError("the disk was never full")


def _statement(folder: Path, *statements: str) -> None:
    """Done by somebody who has the files, with another SQLite."""
    with closing(without_triggers(folder / FILE)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")


def _writer(folder: Path, name: str, number: int, first: int = 0) -> subprocess.Popen[str]:
    """A process that adds entries one at a time and prints the number of each when it is on the disk."""
    program = f"""
from pathlib import Path
from edged.measure.audit_damage import without_triggers
from tests.audit.audit_log import notes, opened
chain = opened(Path({str(folder)!r}))
for place in range({first}, {first + number}):
    chain.append(notes(1, first=place, by="shell:{name}"))
    print(place, flush=True)
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment)
