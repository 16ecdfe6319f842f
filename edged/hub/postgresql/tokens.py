"""Tokens on the server, for several hubs side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from edged.api.access import Grant, Right
from edged.api.token import Minted, Token, mint
from edged.domain.errors import Refused
from edged.domain.text import is_storable
from edged.hub.admission import admit_bounds
from edged.hub.postgresql.audit import record
from edged.hub.postgresql.database import Database, Session, row, rows

MAX_NAME: Final = 100
_COLUMNS: Final = (
    "id, name, rights, gallery, organisation, device, created, expires, digest, revoked, used, former, former_until"
)


class PostgresTokens:
    """`edged.api.tokens.Tokens`, and the gate's shelf of them.

    Attributes:
        endings: how often a token was revoked or rotated through this object: see `edged.hub.gate.TokenShelf`.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        """
        Args:
            database: whose tables are prepared, see `edged.hub.postgresql.schema.prepare`.
            now: UTC seconds since the epoch.
        """
        self._database = database
        self._now = now
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
        """Makes a token. Its text is in what is returned, and nowhere else: it cannot be had again.

        Raises:
            Refused: `bad_name`: empty, too long or not printable; `no_rights`; `expired`: it would be so already;
                `bad_gallery`, `bad_slug`, `bad_device`: nothing is called so.
        """
        now = self._now()
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

        def work(session: Session) -> None:
            session.execute(
                "INSERT INTO tokens (id, name, rights, gallery, organisation, device, created, expires, digest)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    *(token.id, token.name, _written(token.rights), gallery, organisation, device, now, expires),
                    minted.digest,
                ),
            )
            record(session, by, "create_token", f"{token.id} {_written(token.rights)}", now)

        self._database.change(work)
        return token, minted

    def find(self, token_id: str) -> Token | None:
        if not is_storable(token_id):
            return None
        found = self._database.read(
            lambda session: row(session, f"SELECT {_COLUMNS} FROM tokens WHERE id = %s", token_id)  # noqa: S608  our own names
        )
        return None if found is None else _token(found)

    def all(self) -> Sequence[Token]:
        """The newest first, those that are no longer valid among them."""
        found = self._database.read(
            lambda session: rows(session, f"SELECT {_COLUMNS} FROM tokens ORDER BY created DESC, id")  # noqa: S608  our own names
        )
        return [_token(one) for one in found]

    def revoke(self, token_id: str, *, by: Grant) -> bool:
        """Ends a token for good; False where there is none or it is revoked already."""

        def work(session: Session) -> bool:
            done = session.execute(
                "UPDATE tokens SET revoked = %s, former = NULL, former_until = NULL WHERE id = %s AND revoked IS NULL",
                (self._now(), token_id),
            ).rowcount
            if done:
                record(session, by, "revoke_token", token_id, self._now())
            return bool(done)

        done = is_storable(token_id) and self._database.change(work)
        self.endings += 1
        return done

    def rotate(self, token_id: str, grace_s: float, *, by: Grant) -> Minted | None:
        """Gives a token another text; what it may do stays.

        Args:
            token_id: of the token.
            grace_s: for so many seconds the text that it had opens, too; one that was rotated out before ends now.
            by: who does it.

        Returns:
            the new text; None where there is no such token, or it is revoked or expired.
        """
        if not is_storable(token_id):
            return None
        minted = mint(token_id)
        now = self._now()

        def work(session: Session) -> bool:
            done = session.execute(
                "UPDATE tokens SET former = digest, former_until = %s, digest = %s"
                " WHERE id = %s AND revoked IS NULL AND (expires IS NULL OR expires > %s)",
                (now + grace_s, minted.digest, token_id, now),
            ).rowcount
            if done:
                record(session, by, "rotate_token", f"{token_id} grace {grace_s:.0f} s", now)
            return bool(done)

        done = self._database.change(work)
        self.endings += 1
        return minted if done else None

    def note_use(self, token_id: str, hour: float) -> None:
        """See `edged.hub.gate.TokenShelf`; leaves no entry in the audit log."""
        self._database.change(
            lambda session: session.execute(
                "UPDATE tokens SET used = %s WHERE id = %s AND (used IS NULL OR used < %s)", (hour, token_id, hour)
            )
        )


def _written(rights: Collection[Right]) -> str:
    return ",".join(right for right in Right if right in rights)


def _token(found: Sequence[Any]) -> Token:
    token_id, name, rights, *rest = found
    return Token(token_id, name, frozenset(map(Right, rights.split(","))), *rest)
