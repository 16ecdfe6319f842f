"""The revision: how many changes to people and faces there were."""

from __future__ import annotations

from edged.hub.postgresql.database import Session, only


def advance(session: Session) -> int:
    """Raises the revision: first of all in each transaction that changes something; the new one.

    Waits until no other transaction is between this and its end: so changes become visible in the order of their
    revisions.
    """
    return int(only(session, "UPDATE revision SET number = number + 1 RETURNING number"))


def wait_for_turn(session: Session) -> None:
    """Waits as `advance` does, where it is not known yet whether anything changes."""
    session.execute("SELECT number FROM revision FOR UPDATE")


def revision(session: Session) -> int:
    """How many changes there were, in the state that a session sees."""
    return int(only(session, "SELECT number FROM revision"))
