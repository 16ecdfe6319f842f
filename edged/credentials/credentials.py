"""What people carry and know besides their faces, who is blocked, and how things stood at the doors."""

from __future__ import annotations

import hmac
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from edged.credentials.access_file import WORDS, open_file
from edged.credentials.code import clean_code, digest_of, new_pass, read_code, read_pass
from edged.domain.errors import Refused
from edged.domain.passage import Factor, Pass
from edged.vault.database_file import transaction

_KEPT_S: Final = 30 * 86_400.0
"""A pass is forgotten so long after it ended; until then the door can say that it has."""
_MOST_PASSES: Final = 10_000
_LONGEST_NAME: Final = 128
_LONGEST_WHY: Final = 256
_NO_DIGEST: Final = bytes(32)
_ALL: Final = "SELECT id, name, doors, valid_from, valid_until, uses_left, person FROM passes"


@dataclass(frozen=True, slots=True)
class Reset:
    """Somebody wants everybody to count as being outside of an area.

    Attributes:
        number: ours; by: who; at: when, UTC seconds since the epoch.
    """

    number: int
    area: str
    by: str
    at: float


class Credentials:
    """The file `access.db`. An object is for one thread at a time; any process may have others on the same file.

    Every method blocks for the disk, a few milliseconds, and raises Unavailable where it is full, failing or locked for
    5 s (nothing is changed then) and Corrupt where it is damaged. What was written is on the disk when it returns.

    Codes are kept as HMAC-SHA256 with a secret of the device, so that the file alone gives none of them away. With the
    device's key in hand PINs can be tried through in no time: they have too few digits for anything else.

    Args:
        secret: 32 bytes, `Vault.secret_for("credentials")`.
        now: UTC seconds since the epoch.
        new_id: a new UUIDv7.
        entropy: random bytes, so many.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        secret: bytes,
        *,
        now: Callable[[], float],
        new_id: Callable[[], str],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._connection = connection
        self._path = path
        self._secret = secret
        self._now = now
        self._new_id = new_id
        self._entropy = entropy
        self._seen = -1

    @classmethod
    def open(
        cls,
        path: Path,
        vault_secret: bytes,
        *,
        now: Callable[[], float],
        new_id: Callable[[], str],
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> Self:
        """Opens the file, or makes it; see `edged.credentials.access_file.open_file`."""
        return cls(open_file(path), path, vault_secret, now=now, new_id=new_id, entropy=entropy)

    def close(self) -> None:
        self._connection.close()

    def changed(self) -> bool:
        """Whether another process or object has written since this was last asked; True when first asked. Cheap."""
        with WORDS.translated(self._path):
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, version
        return bool(before != version)

    def set_code(self, person_id: str, factor: Factor, code: str) -> None:
        """Gives a person a PIN, a card or a QR code, in place of the one they have.

        Raises:
            Refused: `code_form`, `weak_pin`; `code_taken`: somebody else has it.
        """
        digest = self._digest(factor, clean_code(factor, code))
        with self._writing():
            owner = self._connection.execute("SELECT person FROM codes WHERE digest = ?", (digest,)).fetchone()
            if owner is not None and owner[0] != person_id:
                raise Refused(
                    "code_taken", f"somebody else has this {factor.value}", "Choose another, or have it drawn."
                )
            self._connection.execute(
                "INSERT OR REPLACE INTO codes VALUES (?, ?, ?, ?)", (person_id, factor, digest, self._now())
            )

    def remove_code(self, person_id: str, factor: Factor) -> bool:
        """Takes it away again; False where there was none."""
        return self._write("DELETE FROM codes WHERE person = ? AND factor = ?", person_id, factor) > 0

    def codes_of(self, person_id: str) -> frozenset[Factor]:
        """What the person has, apart from their face."""
        rows = self._read("SELECT factor FROM codes WHERE person = ?", person_id)
        return frozenset(Factor(factor) for (factor,) in rows)

    def fits(self, person_id: str, factor: Factor, code: str) -> bool:
        """Whether this is the person's code. Takes as long whether or not they have one."""
        rows = self._read("SELECT digest FROM codes WHERE person = ? AND factor = ?", person_id, factor)
        kept = bytes(rows[0][0]) if rows else _NO_DIGEST
        shown = self._digest(factor, read_code(factor, code) or "")
        return hmac.compare_digest(kept, shown) and bool(rows)

    def whose(self, factor: Factor, code: str) -> str | Pass | None:
        """Who has this code: our id of a person, or a pass, whether it is still good or not; None: nobody.

        How long the search takes says nothing about codes: it is for a digest that nobody can foresee.
        """
        kept = read_code(factor, code)
        rows = self._read("SELECT person FROM codes WHERE digest = ?", self._digest(factor, kept)) if kept else []
        if rows:
            return str(rows[0][0])
        shown = read_pass(code) if factor is Factor.QR else None
        if shown is None:
            return None
        found = self._read(_ALL + " WHERE digest = ?", self._pass_digest(shown))
        return _pass_of(found[0]) if found else None

    def issue(
        self,
        name: str,
        *,
        valid_from: float,
        valid_until: float,
        doors: Sequence[str] = (),
        uses: int | None = None,
        person_id: str = "",
    ) -> tuple[Pass, str]:
        """A new pass, and its code, which is kept nowhere: it can be shown now and never again.

        Args:
            name: whom or what it is for; may be empty.
            valid_from, valid_until: UTC seconds since the epoch.
            doors: it opens these; empty: any that lets visitors in by pass.
            uses: so often; None: as often as wanted.
            person_id: who must show their face with it; empty: whoever has it.

        Raises:
            Refused: `pass_times`, `pass_uses`, `pass_name`, `too_many_passes`.
        """
        now = self._now()
        if not valid_from < valid_until or valid_until <= now:
            raise Refused("pass_times", "a pass must end after it begins, and not before now")
        if uses is not None and not 1 <= uses <= 1_000_000:
            raise Refused("pass_uses", "a pass is good for 1 to 1,000,000 times, or as often as wanted")
        if len(name) > _LONGEST_NAME or not name.isprintable():
            raise Refused(
                "pass_name", f"the name of a pass has at most {_LONGEST_NAME} characters, all of them visible"
            )
        ticket = Pass(self._new_id(), name, tuple(doors), valid_from, valid_until, uses, person_id)
        code = new_pass(self._entropy(10))
        with self._writing():
            self._connection.execute("DELETE FROM passes WHERE valid_until < ?", (now - _KEPT_S,))
            (count,) = self._connection.execute("SELECT count(*) FROM passes").fetchone()
            if count >= _MOST_PASSES:
                raise Refused("too_many_passes", f"there are {count} passes already", "Revoke those nobody needs.")
            self._connection.execute(
                "INSERT INTO passes (id, name, doors, valid_from, valid_until, uses_left, person, digest)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (ticket.id, name, json.dumps(doors), valid_from, valid_until, uses, person_id, self._pass_digest(code)),
            )
        return ticket, code

    def revoke(self, pass_id: str) -> bool:
        """The pass opens nothing any more; False where there is none."""
        return self._write("DELETE FROM passes WHERE id = ?", pass_id) > 0

    def passes(self) -> tuple[Pass, ...]:
        """All passes that are not forgotten, over or not; those that end last come first."""
        rows = self._read(_ALL + " ORDER BY valid_until DESC, id")
        return tuple(_pass_of(row) for row in rows)

    def use(self, pass_id: str) -> bool:
        """One use is gone; False where none was left, or the pass is not there any more: then nothing may open."""
        changed = self._write(
            "UPDATE passes SET uses_left = uses_left - 1 WHERE id = ? AND (uses_left IS NULL OR uses_left > 0)", pass_id
        )
        return changed > 0

    def block(self, person_id: str, why: str = "") -> None:
        """The person passes nowhere, whatever they carry.

        Args:
            why: for the guard; its first 256 characters are kept.
        """
        self._write("INSERT OR REPLACE INTO blocked VALUES (?, ?, ?)", person_id, why[:_LONGEST_WHY], self._now())

    def unblock(self, person_id: str) -> bool:
        """False where the person was not blocked."""
        return self._write("DELETE FROM blocked WHERE person = ?", person_id) > 0

    def blocked(self) -> Mapping[str, str]:
        """Who passes nowhere, our ids, and why."""
        return dict(self._read("SELECT person, why FROM blocked ORDER BY at"))

    def ask_reset(self, area: str, by: str) -> None:
        """Leaves word for whoever keeps the doors, that everybody is to count as being outside of this area."""
        self._write("INSERT INTO resets (area, by, at) VALUES (?, ?, ?)", area, by, self._now())

    def resets(self) -> tuple[Reset, ...]:
        """What was asked for and is not done yet, the oldest first."""
        return tuple(Reset(*row) for row in self._read("SELECT number, area, by, at FROM resets ORDER BY number"))

    def reset_done(self, up_to: int) -> None:
        """All with this number and before are done."""
        self._write("DELETE FROM resets WHERE number <= ?", up_to)

    def keep_standing(self, encoded: bytes) -> None:
        """Keeps how things stand at the doors; see `edged.access.standing_record`."""
        self._write("INSERT OR REPLACE INTO standing VALUES (1, ?)", encoded)

    def kept_standing(self) -> bytes | None:
        """What was last kept; None where nothing was."""
        rows = self._read("SELECT content FROM standing")
        return bytes(rows[0][0]) if rows else None

    def forget(self, person_id: str, without: Callable[[bytes], bytes] | None = None) -> int:
        """Removes all that is kept of a person; returns how many codes and passes that were.

        Args:
            without: takes the person out of what is kept of the doors (`edged.access.standing_record.struck_out`).
        """
        with self._writing():
            row = self._connection.execute("SELECT content FROM standing").fetchone()
            if row is not None and without is not None:
                self._connection.execute("UPDATE standing SET content = ?", (without(bytes(row[0])),))
            self._connection.execute("DELETE FROM blocked WHERE person = ?", (person_id,))
            codes = self._connection.execute("DELETE FROM codes WHERE person = ?", (person_id,)).rowcount
            passes = self._connection.execute("DELETE FROM passes WHERE person = ?", (person_id,)).rowcount
        return int(codes + passes)

    def empty_log(self) -> bool:
        """Removes what was deleted from SQLite's log, too; False while another process reads in it."""
        with WORDS.translated(self._path):
            (is_busy, _pages, _moved) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy

    def _digest(self, factor: Factor, code: str) -> bytes:
        return digest_of(self._secret, factor, code)

    def _pass_digest(self, code: str) -> bytes:
        return digest_of(self._secret, "pass", code)

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with WORDS.translated(self._path):
            return self._connection.execute(statement, values).fetchall()

    def _write(self, statement: str, *values: object) -> int:
        with self._writing():
            return self._connection.execute(statement, values).rowcount

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with WORDS.translated(self._path), transaction(self._connection, "BEGIN IMMEDIATE"):
            yield


def _pass_of(row: Sequence[Any]) -> Pass:
    own_id, name, doors, valid_from, valid_until, uses_left, person = row
    return Pass(own_id, name, tuple(json.loads(doors)), valid_from, valid_until, uses_left, person)
