from __future__ import annotations

import random
import threading
from contextlib import closing
from pathlib import Path

from edged.vault.database_file import Words
from edged.vault.shared_database import Schema, SharedDatabase

THINGS = """
CREATE TABLE things (
    owner INTEGER NOT NULL, id TEXT NOT NULL, about TEXT NOT NULL, PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX things_by_id ON things (id);
"""
SCHEMA = Schema(Words("store", "Begin anew"), 1, "test", (THINGS,))


def left_in(path: Path, ids: list[str]) -> int:
    content = path.read_bytes()
    return sum(one.encode() in content for one in ids)


def test_a_file_that_is_written_anew_holds_no_copy_of_what_was_deleted(tmp_path: Path) -> None:
    """SQLite overwrites a deleted row, but not what it left of it in another page when it split that one."""
    left = 0
    for seed in range(4):
        path, source = tmp_path / f"{seed}.db", random.Random(seed)
        ids = [source.randbytes(32).hex() for _ in range(300)]
        with closing(SharedDatabase.open(path, SCHEMA, threading.Lock())) as file:
            for first in range(0, 300, 50):
                rows = [(at % 2, ids[at], "a" * source.randrange(900)) for at in range(first, first + 50)]
                with file.writing() as connection:
                    connection.executemany("INSERT INTO things VALUES (?, ?, ?)", rows)
            with file.writing() as connection:
                connection.execute("DELETE FROM things WHERE owner = 0")
            assert file.empty_log()
            left += left_in(path, ids[::2])

            file.rewrite()
            assert file.empty_log()

            assert left_in(path, ids[::2]) == 0
            with file.reading() as connection:
                assert connection.execute("SELECT count(*) FROM things").fetchone() == (150,)
    assert left, "else there is no need to write it anew"
