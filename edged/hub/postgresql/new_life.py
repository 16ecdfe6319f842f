"""Another life of the directory: after somebody has put a copy of the database back."""

from __future__ import annotations

from edged.api.access import Grant
from edged.hub.postgresql.audit import record
from edged.hub.postgresql.database import Database, Session, only
from edged.hub.postgresql.ledger import advance

_JUMP = 1_000_000
"""By how much numbers are raised, since nobody can tell which were given since the copy was made."""


def begin_new_life(database: Database, now: float, *, by: Grant) -> str:
    """Renews the epoch, so that devices fetch everybody anew, and gives no number twice; the new epoch.

    Args:
        database: whose tables are prepared.
        now: UTC seconds since the epoch.
        by: who does it; the audit log tells.
    """

    def work(session: Session) -> str:
        advance(session)
        session.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + %s)"
            " FROM pg_sequences WHERE schemaname = current_schema()",
            (_JUMP,),
        )
        epoch = str(only(session, "UPDATE epoch SET name = replace(gen_random_uuid()::text, '-', '') RETURNING name"))
        record(session, by, "renew_epoch", epoch, now)
        return epoch

    return database.change(work)
