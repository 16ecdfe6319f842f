"""Tokens in the hub's database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from edged.api.access import Grant, Right
from edged.api.token import Minted, Token, mint
from edged.domain.errors import Refused
from edged.hub.admission import admit_bounds
from edged.hub.sqlite.database import HubDatabase

MAX_NAME: Final = 100
_COLUMNS: Final = (
    "id, name, rights, gallery, organisation, device, created, expires, digest, revoked, used, former, former_until"
)


class SqliteTokens:
    """`edged.api.tokens.Tokens`, and the gate's shelf of them.

    Attributes:
        endings: how often a token was revoked or rotated through this object: see `edged.hub.gate.TokenShelf`.
    """

    def __init__(self, database: HubDatabase) -> None:
        self._database = database
        self.endings = 0

    def create(
        self,
        name: str,
        rights: Collection[Right],
        *,
        by: Grant,
        gallery: str | None = None,
        organisation: str | None = None,
        device: str = "",
        expires: float | None = None,
    ) -> tuple[Token, Minted]:
        """See `Tokens.create`."""
        now = self._database.now()
        if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
            raise Refused("bad_name", f"a token's name has 1 to {MAX_NAME} printable characters")
        if not rights:
            raise Refused("no_rights", "a token without a right opens nothing", f"Give some of {', '.join(Right)}")
        if expires is not None and expires <= now:
            raise Refused("expired", "the token would have expired already")
        admit_bounds(gallery, organisation, device)
        minted = mint()
        token = Token(
            minted.id, name.strip(), frozenset(rights), gallery, organisation, device, now, expires, minted.digest
        )
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO tokens (id, name, rights, gallery, organisation, device, created, expires, digest)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    token.id,
                    token.name,
                    _written(token.rights),
                    gallery,
                    organisation,
                    device,
                    now,
                    expires,
                    minted.digest,
                ),
            )
            self._database.record(connection, by, "create_token", f"{token.id} {_written(token.rights)}")
        return token, minted

    def find(self, token_id: str) -> Token | None:
        with self._database.reading() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM tokens WHERE id = ?", (token_id,)).fetchone()  # noqa: S608  our own names
        return None if row is None else _token(row)

    def all(self) -> Sequence[Token]:
        """See `Tokens.all`."""
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY created DESC, id").fetchall()  # noqa: S608  our own names
        return [_token(row) for row in rows]

    def revoke(self, token_id: str, *, by: Grant) -> bool:
        """See `Tokens.revoke`."""
        with self._database.writing() as connection:
            done = connection.execute(
                "UPDATE tokens SET revoked = ?, former = NULL, former_until = NULL WHERE id = ? AND revoked IS NULL",
                (self._database.now(), token_id),
            ).rowcount
            if done:
                self._database.record(connection, by, "revoke_token", token_id)
        self.endings += 1
        return bool(done)

    def rotate(self, token_id: str, grace_s: float, *, by: Grant) -> Minted | None:
        """See `Tokens.rotate`."""
        minted = mint(token_id)
        now = self._database.now()
        with self._database.writing() as connection:
            done = connection.execute(
                "UPDATE tokens SET former = digest, former_until = ?, digest = ?"
                " WHERE id = ? AND revoked IS NULL AND (expires IS NULL OR expires > ?)",
                (now + grace_s, minted.digest, token_id, now),
            ).rowcount
            if done:
                self._database.record(connection, by, "rotate_token", f"{token_id} grace {grace_s:.0f} s")
        self.endings += 1
        return minted if done else None

    def note_use(self, token_id: str, hour: float) -> None:
        """See `edged.hub.gate.TokenShelf`; leaves no entry in the audit log."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE tokens SET used = ?1 WHERE id = ?2 AND (used IS NULL OR used < ?1)", (hour, token_id)
            )


def _written(rights: Collection[Right]) -> str:
    return ",".join(right for right in Right if right in rights)


def _token(row: tuple[Any, ...]) -> Token:
    token_id, name, rights, *rest = row
    return Token(token_id, name, frozenset(map(Right, rights.split(","))), *rest)
