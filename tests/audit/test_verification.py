"""Whoever has the files and not the device's key changes nothing unseen, and what was done is named."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from edged.audit.ledger_file import FILE, HEAD_FILE
from edged.audit.records import Records
from edged.audit.verification import Kind
from edged.measure.audit_damage import damage_chain, without_triggers
from tests.audit.audit_log import SECRET, entries, kinds, verified, written

_MOVE_UP = (
    "UPDATE entry SET number = -number WHERE number >= {0}",
    "UPDATE entry SET number = 1 - number WHERE number < 0",
)
_MOVE_DOWN = (
    "UPDATE entry SET number = -number WHERE number > {0}",
    "UPDATE entry SET number = -1 - number WHERE number < 0",
)


def _swap(one: int, other: int) -> list[str]:
    return [
        f"UPDATE entry SET number = -1 WHERE number = {one}",  # noqa: S608  our own numbers
        f"UPDATE entry SET number = {one} WHERE number = {other}",  # noqa: S608  our own numbers
        f"UPDATE entry SET number = {other} WHERE number = -1",  # noqa: S608  our own numbers
    ]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE entry SET by = 'device2' WHERE number = 5"], [(Kind.ALTERED, 5, 5)]),
        (["UPDATE entry SET at = at + 1 WHERE number = 1"], [(Kind.ALTERED, 1, 1)]),
        (["UPDATE entry SET about = '{}' WHERE number = 10"], [(Kind.ALTERED, 10, 10)]),
        (["UPDATE entry SET hash = zeroblob(32) WHERE number = 5"], [(Kind.ALTERED, 5, 5)]),
        (["UPDATE entry SET hash = zeroblob(32) WHERE number = 10"], [(Kind.ALTERED, 10, 10)]),
        (["UPDATE entry SET mark = x'00' WHERE number = 5"], [(Kind.ALTERED, 5, 5)]),
        (["UPDATE entry SET by = CAST(x'ff00' AS TEXT) WHERE number = 5"], [(Kind.ALTERED, 5, 5)]),
        (["DELETE FROM entry WHERE number = 5"], [(Kind.REMOVED, 5, 5)]),
        (["DELETE FROM entry WHERE number = 1"], [(Kind.REMOVED, 1, 1)]),
        (["DELETE FROM entry WHERE number IN (3, 4, 7)"], [(Kind.REMOVED, 3, 4), (Kind.REMOVED, 7, 7)]),
        (["DELETE FROM entry WHERE number = 5", *_MOVE_DOWN], [(Kind.REMOVED, 5, 5)]),
        (["DELETE FROM entry WHERE number = 10"], [(Kind.TAIL_REMOVED, 10, 10)]),
        (["DELETE FROM entry WHERE number > 4"], [(Kind.TAIL_REMOVED, 5, 10)]),
        (["DELETE FROM entry"], [(Kind.TAIL_REMOVED, 1, 10)]),
        (
            ["DELETE FROM entry WHERE number = 10", "UPDATE entry SET act = 'x' WHERE number = 2"],
            [(Kind.ALTERED, 2, 2), (Kind.TAIL_REMOVED, 10, 10)],
        ),
        (
            ["INSERT INTO entry SELECT 11, at, mono, boot, by, act, about, hash, mark FROM entry WHERE number = 4"],
            [(Kind.INSERTED, 11, 11)],
        ),
        (
            [
                *_MOVE_UP,
                (
                    "INSERT INTO entry SELECT 5, at, mono, boot, by, act, about, zeroblob(32), mark"
                    " FROM entry WHERE number = 4"
                ),
            ],
            [(Kind.INSERTED, 5, 5)],
        ),
        (
            [
                "UPDATE entry SET number = -1 WHERE number = 3",
                "UPDATE entry SET number = 3 WHERE number = 8",
                "UPDATE entry SET number = 8 WHERE number = -1",
            ],
            [(Kind.SWAPPED, 3, 8)],
        ),
        (
            [
                "UPDATE entry SET number = -1 WHERE number = 3",
                "UPDATE entry SET number = 3 WHERE number = 4",
                "UPDATE entry SET number = 4 WHERE number = -1",
            ],
            [(Kind.SWAPPED, 3, 4)],
        ),
    ],
)
def test_each_damage_is_named_with_the_entries_that_it_is_about(
    tmp_path: Path, statements: Sequence[str], expected: list[tuple[Kind, int, int]]
) -> None:
    written(tmp_path, 9)
    with closing(without_triggers(tmp_path / FILE)) as connection:
        for statement in statements:
            connection.execute(statement.format(5))
        connection.execute("COMMIT")
    assert kinds(tmp_path) == expected


def test_every_damage_drawn_at_random_is_found_and_named() -> None:
    damaged = damage_chain(trials=32, entries=150)
    assert damaged.found == damaged.trials
    assert damaged.named == damaged.trials
    assert len(damaged.trials) == 8


def test_an_older_copy_of_everything_is_found_by_a_head_that_was_noted(tmp_path: Path) -> None:
    device, copy = tmp_path / "device", tmp_path / "copy"
    device.mkdir()
    written(device, 3)
    shutil.copytree(device, copy)
    noted = written(device, 2)
    assert verified(device, noted).is_whole
    assert verified(copy).is_whole, "by itself it is what the device had written"
    assert kinds(copy, noted) == [(Kind.ROLLED_BACK, 6, 6)]
    written(copy, 5, first=50)
    assert kinds(copy, noted) == [(Kind.ROLLED_BACK, 6, 6)], "another history that is as long"


def test_another_chain_is_not_the_one_whose_head_was_noted(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    noted = written(tmp_path / "one", 3)
    written(tmp_path / "other", 3)
    assert [kind for kind, _, _ in kinds(tmp_path / "other", noted)] == [Kind.ROLLED_BACK]


def test_the_head_of_another_history_of_the_device_is_found(tmp_path: Path) -> None:
    device, copy = tmp_path / "device", tmp_path / "copy"
    device.mkdir()
    written(device, 3)
    shutil.copytree(device, copy)
    written(device, 2)
    written(copy, 3, first=50)
    shutil.copy(device / HEAD_FILE, copy / HEAD_FILE)
    assert Kind.ROLLED_BACK in [kind for kind, _, _ in kinds(copy)]


def test_many_forged_entries_are_found_without_long_thought(tmp_path: Path) -> None:
    written(tmp_path, 9)
    with closing(without_triggers(tmp_path / FILE)) as connection:
        connection.execute(
            "WITH RECURSIVE forged(n) AS (SELECT 11 UNION ALL SELECT n + 1 FROM forged WHERE n < 2000)"
            " INSERT INTO entry SELECT n, 1, 1, 'b', 'eve', 'opening', '{}', zeroblob(32), zeroblob(32) FROM forged"
        )
        connection.execute("COMMIT")
    found = verified(tmp_path)
    assert {fault.kind for fault in found.faults} == {Kind.INSERTED}
    assert (len(found.faults), found.more) == (100, 1890)


def test_a_page_that_the_disk_has_lost_is_told_and_does_not_raise(tmp_path: Path) -> None:
    written(tmp_path, 400)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray((tmp_path / FILE).read_bytes())
    middle = len(content) // 2 // 8192 * 8192
    content[middle : middle + 8192] = bytes(8192)
    (tmp_path / FILE).write_bytes(content)
    assert [kind for kind, _, _ in kinds(tmp_path)] == [Kind.UNREADABLE]


def test_whoever_verifies_sees_a_chain_at_one_moment_while_it_grows(tmp_path: Path) -> None:
    written(tmp_path, 3)
    with closing(Records.open(tmp_path / FILE, SECRET)) as records:
        before = records.verify()
        written(tmp_path, 2)
        after = records.verify()
    assert (before.is_whole, before.last) == (True, 4)
    assert (after.is_whole, after.last) == (True, 6)
    assert len(entries(tmp_path)) == 6
