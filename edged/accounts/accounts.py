"""The accounts of a device and who is signed in: one small SQLite file, readable by its owner only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Final

from edged.accounts.account import Account, Entered, KeptAccount, Role, Session, clean_name, key_of
from edged.accounts.password import NOBODYS, digest_of, fits, see_good
from edged.domain.errors import Refused, Unsupported
from edged.vault.database_file import Words, connect, create, transaction

IDLE_S: Final = 8 * 3600.0
"""A session that nobody uses ends after a shift."""
LONGEST_S: Final = 24 * 3600.0
"""However much it is used, whoever signed in does so again the next day …"""
REMEMBERED_IDLE_S: Final = 7 * 86_400.0
REMEMBERED_S: Final = 30 * 86_400.0
"""… or a month later, on a computer that was said to be one's own."""
LINK_S: Final = 600.0
"""How long a link to sign in with once is good."""
MOST_ACCOUNTS: Final = 200
_MOST_SESSIONS: Final = 32
"""Of one account; the one that was not used for longest ends for the next."""
_TOUCH_S: Final = 60.0
"""A session's last use is written down once in so long: each write waits for the disk."""
_BUSY_S: Final = 5.0
_VERSION: Final = 1
_WORDS: Final = Words(
    "accounts", "Move the file away, restart edged, and make the accounts anew: sudo -u edged edged account add …"
)
_SCHEMA: Final = (
    """CREATE TABLE account (key TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, password TEXT,
    created REAL NOT NULL, seen REAL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE session (digest BLOB PRIMARY KEY, key TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    begun REAL NOT NULL, used REAL NOT NULL, idle REAL NOT NULL, ends REAL NOT NULL) STRICT, WITHOUT ROWID""",
    "CREATE INDEX session_of ON session (key)",
    """CREATE TABLE link (digest BLOB PRIMARY KEY, key TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    ends REAL NOT NULL) STRICT, WITHOUT ROWID""",
    "CREATE TABLE secret (value BLOB NOT NULL) STRICT",
    f"PRAGMA user_version = {_VERSION}",
)


class Accounts:
    """Any thread, where `turn` is a lock; several processes at once. Each call blocks for the disk.

    Nothing that opens anything is kept: of passwords argon2id, of tokens and links SHA-256 (they are random, see
    `edged.api.token.digest_of`).
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        *,
        now: Callable[[], float],
        entropy: Callable[[int], bytes],
        turn: AbstractContextManager[object],
    ) -> None:
        self._connection = connection
        self._path = path
        self._now = now
        self._entropy = entropy
        self._turn = turn

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        now: Callable[[], float],
        entropy: Callable[[int], bytes],
        turn: AbstractContextManager[object] | None = None,
    ) -> Accounts:
        """The accounts in `path`, which is made where there is none, of mode 0600.

        Args:
            now: UTC seconds since the epoch.
            entropy: so many random bytes.
            turn: held while the database is used; a lock where several threads do.

        Raises:
            Corrupt: the file is damaged.
            Unsupported: a newer edged wrote it.
            Unavailable: no permission, no space, or locked by another process for 5 s.
        """
        with _WORDS.translated(path):
            create(path)
            connection = connect(path, _BUSY_S)
            try:
                _prepare(connection, path, entropy)
            except BaseException:
                connection.close()
                raise
        return cls(connection, path, now=now, entropy=entropy, turn=turn or nullcontext())

    def close(self) -> None:
        with self._turn:
            self._connection.close()

    def everybody(self) -> tuple[KeptAccount, ...]:
        """All accounts, by name. Raises Corrupt and Unavailable, as every method."""
        now = self._now()
        with self._reading() as sql:
            rows = sql.execute(
                """SELECT name, role, created, seen, password IS NOT NULL, (SELECT count(*) FROM session
                WHERE session.key = account.key AND ends > ?1 AND used + idle > ?1) FROM account ORDER BY key""",
                (now,),
            ).fetchall()
        return tuple(
            KeptAccount(Account(name, Role(role)), created, seen, bool(has), count)
            for name, role, created, seen, has, count in rows
        )

    def find(self, name: str) -> Account | None:
        """The account of that name, whatever its case."""
        with self._reading() as sql:
            row = sql.execute("SELECT name, role FROM account WHERE key = ?", (key_of(name),)).fetchone()
        return Account(row[0], Role(row[1])) if row else None

    def add(self, account: Account, password: str | None) -> Account:
        """A new account, as it is kept.

        Args:
            password: None: links alone open it.

        Raises:
            Refused: `bad_name`, `weak_password`, `exists`, `too_many`.
        """
        account = Account(clean_name(account.name), account.role)
        digest = self._digest(account.name, password)
        with self._writing() as sql:
            (count,) = sql.execute("SELECT count(*) FROM account").fetchone()
            if count >= MOST_ACCOUNTS:
                raise Refused("too_many", f"there are {MOST_ACCOUNTS} accounts already", "Remove one first")
            if sql.execute("SELECT 1 FROM account WHERE key = ?", (key_of(account.name),)).fetchone():
                raise Refused("exists", f"there is an account {account.name} already", "Choose another name")
            row = (key_of(account.name), account.name, account.role.value, digest, self._now())
            sql.execute("INSERT INTO account (key, name, role, password, created) VALUES (?, ?, ?, ?, ?)", row)
        return account

    def set_role(self, name: str, role: Role) -> Account:
        """Gives an account another role, at once, whoever is signed in with it.

        Raises:
            Refused: `no_account`; `last_administrator`: nobody could take it back.
        """
        with self._writing() as sql:
            known = _known(sql, name)
            if role is not Role.ADMINISTRATOR:
                _see_another_administrator(sql, known)
            sql.execute("UPDATE account SET role = ? WHERE key = ?", (role.value, key_of(name)))
        return Account(known.name, role)

    def set_password(self, name: str, password: str, *, staying: str = "") -> Account:
        """Gives an account another password; every session and link of it ends, but the one whose token is given.

        Raises:
            Refused: `no_account`, `weak_password`.
        """
        digest = self._digest(name, password)
        with self._writing() as sql:
            known, key = _known(sql, name), key_of(name)
            sql.execute("UPDATE account SET password = ? WHERE key = ?", (digest, key))
            sql.execute("DELETE FROM session WHERE key = ? AND digest <> ?", (key, _token_digest(staying)))
            sql.execute("DELETE FROM link WHERE key = ?", (key,))
        return known

    def remove(self, name: str) -> Account:
        """Removes an account, its sessions and its links.

        Raises:
            Refused: `no_account`; `last_administrator`.
        """
        with self._writing() as sql:
            known = _known(sql, name)
            _see_another_administrator(sql, known)
            sql.execute("DELETE FROM account WHERE key = ?", (key_of(name),))
        return known

    def link(self, name: str) -> str:
        """What signs in once, within `LINK_S`, without a password.

        Raises:
            Refused: `no_account`.
        """
        token = self._token()
        with self._writing() as sql:
            _known(sql, name)
            sql.execute("DELETE FROM link WHERE ends <= ?", (self._now(),))
            sql.execute("INSERT INTO link VALUES (?, ?, ?)", (_token_digest(token), key_of(name), self._now() + LINK_S))
        return token

    def fits(self, name: str, password: str) -> bool:
        """Whether that is the account's password; takes as long where there is no such account. Blocks a core."""
        with self._reading() as sql:
            row = sql.execute("SELECT password FROM account WHERE key = ?", (key_of(name),)).fetchone()
        digest = row[0] if row else None
        return fits(password, digest or NOBODYS) and digest is not None

    def sign_in(self, name: str, password: str, *, remembered: bool = False) -> Entered:
        """Signs in with a password. Blocks a core for a good part of a second: whoever calls sees to the pace.

        Raises:
            Refused: `bad_sign_in`: no such account, another password, or none; it is not said which.
        """
        if not self.fits(name, password):
            raise Refused(
                "bad_sign_in",
                "that name and that password do not belong together",
                "Try again, or ask an administrator of this device for a link",
            )
        return self._enter(key_of(name), remembered=remembered)

    def redeem(self, link: str, *, remembered: bool = False) -> Entered:
        """Signs in with a link, which is used up.

        Raises:
            Refused: `bad_link`: it was used, or is too old, or none of ours.
        """
        with self._writing() as sql:
            row = sql.execute(
                "DELETE FROM link WHERE digest = ? RETURNING key, ends", (_token_digest(link),)
            ).fetchone()
        if row is None or row[1] <= self._now():
            raise Refused(
                "bad_link",
                "that link was used already, or is too old: it opens once, within ten minutes",
                "Have another one made: edged account link NAME",
            )
        return self._enter(row[0], remembered=remembered)

    def session(self, token: str) -> Session | None:
        """Whoever is signed in with this token now; None: nobody."""
        now, digest = self._now(), _token_digest(token)
        with self._reading() as sql:
            row = sql.execute(
                """SELECT name, role, begun, ends, used FROM session JOIN account USING (key)
                WHERE digest = ? AND ends > ? AND used + idle > ?""",
                (digest, now, now),
            ).fetchone()
        if row is None:
            return None
        name, role, begun, ends, used = row
        if abs(now - used) >= _TOUCH_S:
            with self._writing() as sql:
                sql.execute("UPDATE session SET used = ? WHERE digest = ?", (now, digest))
        return Session(Account(name, Role(role)), _word_of(token), begun, ends)

    def sign_out(self, token: str) -> None:
        """Ends the session of this token, where there is one."""
        with self._writing() as sql:
            sql.execute("DELETE FROM session WHERE digest = ?", (_token_digest(token),))

    def is_familiar(self, name: str, text: str) -> bool:
        """Whether a browser that shows `text` has signed in with this name before."""
        nonce, _, mac = text.partition(".")
        with self._reading() as sql:
            (secret,) = sql.execute("SELECT value FROM secret").fetchone()
        return hmac.compare_digest(mac.encode(), _mac(secret, nonce, key_of(name)).encode())

    def _enter(self, key: str, *, remembered: bool) -> Entered:
        now, token, nonce = self._now(), self._token(), _text(self._entropy(12))
        idle, longest = (REMEMBERED_IDLE_S, REMEMBERED_S) if remembered else (IDLE_S, LONGEST_S)
        with self._writing() as sql:
            row = sql.execute("UPDATE account SET seen = ? WHERE key = ? RETURNING name, role", (now, key)).fetchone()
            if row is None:
                raise Refused("bad_sign_in", "that account is gone", "Ask an administrator of this device")
            sql.execute("DELETE FROM session WHERE ends <= ?1 OR used + idle <= ?1", (now,))
            sql.execute(
                """DELETE FROM session WHERE digest IN (SELECT digest FROM session WHERE key = ? ORDER BY used DESC
                LIMIT -1 OFFSET ?)""",
                (key, _MOST_SESSIONS - 1),
            )
            values = (_token_digest(token), key, now, now, idle, now + longest)
            sql.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", values)
            (secret,) = sql.execute("SELECT value FROM secret").fetchone()
        session = Session(Account(row[0], Role(row[1])), _word_of(token), now, now + longest)
        return Entered(session, token, f"{nonce}.{_mac(secret, nonce, key)}")

    def _digest(self, name: str, password: str | None) -> str | None:
        if password is None:
            return None
        see_good(password, name)
        return digest_of(password, self._entropy(16))

    def _token(self) -> str:
        return _text(self._entropy(32))

    @contextmanager
    def _use(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._turn, _WORDS.translated(self._path), transaction(self._connection, begin):
            yield self._connection

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._use("BEGIN")

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._use("BEGIN IMMEDIATE")


def _prepare(connection: sqlite3.Connection, path: Path, entropy: Callable[[int], bytes]) -> None:
    with transaction(connection, "BEGIN IMMEDIATE"):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise Unsupported(f"the accounts {path} were written by a newer edged", "Install that one again")
        if version == 0:
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute("INSERT INTO secret VALUES (?)", (entropy(32),))


def _known(sql: sqlite3.Connection, name: str) -> Account:
    row = sql.execute("SELECT name, role FROM account WHERE key = ?", (key_of(name),)).fetchone()
    if row is None:
        raise Refused("no_account", "there is no account of that name", "See them with: edged account list")
    return Account(row[0], Role(row[1]))


def _see_another_administrator(sql: sqlite3.Connection, leaving: Account) -> None:
    if leaving.role is not Role.ADMINISTRATOR:
        return
    query = "SELECT 1 FROM account WHERE role = ? AND key <> ?"
    if sql.execute(query, (Role.ADMINISTRATOR.value, key_of(leaving.name))).fetchone() is None:
        raise Refused(
            "last_administrator",
            f"{leaving.name} is the only administrator: nobody could keep the accounts from then on",
            "Make another account an administrator first",
        )


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _token_digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _word_of(token: str) -> str:
    """The session's word follows from its token, which only the browser has: nothing more is kept."""
    return _text(hmac.new(token.encode(), b"edged: this page asked", hashlib.sha256).digest())


def _mac(secret: bytes, nonce: str, key: str) -> str:
    return _text(hmac.new(secret, f"{nonce}\n{key}".encode("utf-8", "replace"), hashlib.sha256).digest())
