"""Moves a site from a hub's SQLite file to a PostgreSQL server, while it goes on."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.domain.progress import Progress, quiet
from edged.hub.comparison import Compared, compared
from edged.hub.moving_albums import (
    forget_photos,
    move_acts,
    move_events,
    move_photos,
    renew_files,
    renew_photos,
    settle_albums,
)
from edged.hub.moving_fleet import move_fleet
from edged.hub.moving_people import move_people, settle_people
from edged.hub.moving_searches import move_changes, move_purges, move_reports, move_searches
from edged.hub.postgresql.database import Database, Session, only, row
from edged.hub.postgresql.schema import prepare
from edged.hub.sqlite.database import HubDatabase
from edged.photos.photo_files import PhotoFiles


@dataclass(frozen=True, slots=True)
class Moved:
    """What has been moved so far.

    Attributes:
        people, photos: how many there are on the server now.
        revision: of the source, up to which everything is on the server.
        finished: whether hubs may use the server now; tables: what was compared for that, empty otherwise.
    """

    people: int
    photos: int
    revision: int
    finished: bool
    tables: tuple[Compared, ...] = ()


def migrate(
    source: HubDatabase,
    files: PhotoFiles,
    target: Database,
    target_files: PhotoFiles,
    *,
    finish: bool,
    progress: Progress = quiet,
) -> Moved:
    """Moves everything that has changed since the last call; may be cut off at any moment and called again.

    The first call takes long, and hubs may go on using the source meanwhile; the next one moves what they have changed.
    The last one, with `finish`, is made while no hub uses the source: it compares every row of both sides, and lets
    hubs use the server from then on. Searches that are being done are not moved: whoever asks again begins them anew.

    Args:
        source: what is moved; files: its photographs.
        target: the server; its tables are made. target_files: where its hubs keep photographs; may be the same place.
        finish: whether this is the last call.
        progress: is told.

    Raises:
        Refused: `not_empty`: there is another site on the server; `finished`: this one was moved completely before.
        Corrupt: the two sides differ after everything was moved.
        Unavailable: the server, the source or the photographs are away; or somebody changed the source before the
            last call had ended.
    """
    prepare(target, moving=True)
    with source.reading() as connection:
        name = _identity(connection)
    target.change(lambda session: _begin(session, name))
    _move_all(source, files, target, target_files, progress)
    tables = _finish(source, target, progress) if finish else ()
    with source.reading() as connection:
        (revision,) = connection.execute("SELECT number FROM revision").fetchone()
    return target.glance(
        lambda session: Moved(
            only(session, "SELECT count(*) FROM people"),
            only(session, "SELECT count(*) FROM photos"),
            revision,
            finish,
            tables,
        )
    )


def _move_all(
    source: HubDatabase, files: PhotoFiles, target: Database, target_files: PhotoFiles, progress: Progress
) -> None:
    with source.reading() as connection:
        (people,) = connection.execute("SELECT count(*) FROM people").fetchone()
        (photos,) = connection.execute("SELECT count(*) FROM photos").fetchone()
    done = int(target.read(lambda session: only(session, "SELECT count(*) FROM people")))
    while moved := move_people(source, target):
        done += moved
        progress("moving people", min(1.0, done / max(people, 1)))
    move_events(source, target)
    forget_photos(source, target)
    done = int(target.read(lambda session: only(session, "SELECT count(*) FROM photos")))
    while moved := move_photos(source, files, target, target_files):
        done += moved
        progress("moving photographs", min(1.0, done / max(photos, 1)))
    renew_photos(source, target)
    renew_files(source, files, target, target_files)
    move_searches(source, files, target, target_files)
    move_reports(source, target)
    move_purges(source, target)
    move_changes(source, target)
    progress("moving the audit log", 0.0)
    move_acts(source, target)
    progress("moving the audit log", 1.0)
    move_fleet(source, target)


def _finish(source: HubDatabase, target: Database, progress: Progress) -> tuple[Compared, ...]:
    with source.reading() as connection:

        def settle(session: Session) -> None:
            settle_people(session, connection)
            settle_albums(session, connection)

        target.change(settle)

        def compare(session: Session) -> tuple[Compared, ...]:
            tables = []
            for table in compared(connection, session):
                progress(f"comparing {table.table}", 1.0)
                tables.append(table)
            return tuple(tables)

        tables = target.glance(compare)
        seen = _state(connection)
    with source.reading() as connection:
        if _state(connection) != seen:
            raise Unavailable("somebody changes the site that is being moved", "Stop its hub, and finish again")
    differing = [table.table for table in tables if not table.same]
    if differing:
        raise Corrupt(
            f"the two sides differ in {', '.join(differing)}",
            "Was a hub using the site? Stop it, and finish again. If it stays, begin anew with an empty database",
        )

    def done(session: Session) -> None:
        session.execute("UPDATE migration SET finished = true")

    target.change(done)
    return tables


def _begin(session: Session, source: str) -> None:
    found = row(session, "SELECT source, finished FROM migration")
    if found is None:
        if only(session, "SELECT number FROM revision") or only(session, "SELECT EXISTS (SELECT FROM organisations)"):
            raise Refused("not_empty", "there is a site in this database already", "Name an empty database")
        session.execute("INSERT INTO migration VALUES (true, %s, -1, 0, -1, false)", (source,))
    elif found[0] != source:
        raise Refused("not_empty", "another site was moved to this database", "Name an empty database")
    elif found[1]:
        raise Refused("finished", "this site was moved to this database before", "Point hub.yaml to it")


def _identity(connection: sqlite3.Connection) -> str:
    """What a site is known by: its first act, which is never changed; a name of its own where it has none."""
    first = connection.execute("SELECT number, at, by, name, act, about FROM audit ORDER BY number LIMIT 1").fetchone()
    return hashlib.sha256(repr(first).encode()).hexdigest()


def _state(connection: sqlite3.Connection) -> tuple[int, int]:
    (revision,) = connection.execute("SELECT number FROM revision").fetchone()
    (acts,) = connection.execute("SELECT coalesce(max(number), 0) FROM audit").fetchone()
    return int(revision), int(acts)
