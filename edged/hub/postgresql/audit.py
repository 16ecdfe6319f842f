"""The audit log on the server."""

from __future__ import annotations

from collections.abc import Sequence

from edged.domain.audit import AuditEntry
from edged.hub.postgresql.database import Database, Session, rows
from edged.photos.album import Doer

_LARGEST = 2**63 - 1


def record(session: Session, by: Doer, act: str, about: str, now: float) -> None:
    """An entry, within the transaction of what it tells of.

    Args:
        session: of that transaction.
        by: whose token it was.
        act: a stable word; about: keys and numbers of what was concerned, never a face or a name. What the server
            cannot store in it becomes `�`.
        now: UTC seconds since the epoch.
    """
    session.execute(
        "INSERT INTO audit (at, by, name, act, about) VALUES (%s, %s, %s, %s, %s)",
        (now, _storable(by.id), _storable(by.name), act, _storable(about)),
    )


def audit(database: Database, limit: int = 100, below: int | None = None) -> Sequence[AuditEntry]:
    """The newest entries, the newest first.

    Args:
        database: whose tables are prepared.
        limit: how many at most.
        below: only those with a lower number.
    """
    found = database.read(
        lambda session: rows(
            session,
            "SELECT number, at, by, name, act, about FROM audit WHERE number < %s ORDER BY number DESC LIMIT %s",
            _LARGEST if below is None else below,
            limit,
        )
    )
    return [AuditEntry(*entry) for entry in found]


def _storable(text: str) -> str:
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")
