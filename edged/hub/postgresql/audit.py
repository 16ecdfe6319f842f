"""The audit log on the server."""

from __future__ import annotations

from collections.abc import Sequence

from edged.api.access import Grant
from edged.api.directory import FaceFilter, KnownFace, KnownPerson
from edged.hub.audit import AuditEntry
from edged.hub.postgresql.database import Database, Session, rows

_LARGEST = 2**63 - 1


def record(session: Session, by: Grant, act: str, about: str, now: float) -> None:
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


def about_person(person: KnownPerson, faces: Sequence[KnownFace]) -> str:
    """What an entry says of somebody and some of their faces."""
    numbers = ", ".join(str(face.number) for face in faces) or "none"
    return f"{person.key or person.id}, faces {numbers}"


def about_filter(wanted: FaceFilter, count: int) -> str:
    """What an entry says of so many faces that a filter chose."""
    names = ("gallery", "key", "person", "least", "below")
    terms = ((name, getattr(wanted, name)) for name in names)
    return f"{count} faces of " + ", ".join(f"{name} {value}" for name, value in terms if value is not None)


def _storable(text: str) -> str:
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")
