"""What guests did, what was purged and what changed, on its way from a hub's SQLite file to a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from edged.domain.person import ModelRef
from edged.hub.moving_people import copy_rows, unpacked_here
from edged.hub.postgresql.database import Database, Session, rows
from edged.hub.postgresql.models import known_model
from edged.hub.sqlite.database import HubDatabase
from edged.photos.photo_files import PhotoFiles

_LINES: Final = 1000
"""Rows that are moved in one transaction."""
REPORT: Final = "number, event, photo, request_id, reason, at"
"""The columns of what guests reported, without whether it hides."""
CHANGE: Final = "number, organisation, event, kind, id, by, at, revision"
"""The columns of changes."""
_SEARCHES: Final = """\
SELECT event, request_id, begun, confidence, searches.photos, done, renewals, consent, selfie, name, digest, dimension,
    vector
FROM searches LEFT JOIN models ON models.number = model WHERE confidence IS NOT NULL
"""


def move_searches(source: HubDatabase, files: PhotoFiles, target: Database, target_files: PhotoFiles) -> None:
    """Searches that are done, with selfies and denials, all of them each time; those that are gone go.

    A selfie is there before its search is.
    """
    with source.reading() as connection:
        searches = connection.execute(_SEARCHES).fetchall()
        denials = connection.execute("SELECT event, request_id, photo FROM denials").fetchall()
    there = {search[:2] for search in searches}
    known = target.read(lambda session: rows(session, "SELECT event, request_id FROM searches"))
    _forget(target, [one for one in known if one not in there])
    for search in searches:
        content = files.get(search[8]) if search[8] else None
        if content is not None:
            target_files.put(search[8], content)
    for batch in _batches(searches):
        _put_searches(target, batch)
    target.change(lambda session: session.execute("DELETE FROM denials"))
    for batch in _batches(denials):
        _put_denials(target, batch)


def move_reports(source: HubDatabase, target: Database) -> None:
    """What guests reported, all of it each time, after its photographs: of those that are not there it comes later."""
    with source.reading() as connection:
        reports = connection.execute(f"SELECT {REPORT}, hides FROM reports").fetchall()  # noqa: S608  ours

    def work(session: Session) -> None:
        there = {photo for (photo,) in rows(session, "SELECT number FROM photos")}
        session.execute("DELETE FROM reports")
        copy_rows(
            session,
            f"COPY reports ({REPORT}, hides) FROM STDIN",
            ((*report, bool(hides)) for *report, hides in reports if report[2] in there),
        )

    target.change(work)


def move_purges(source: HubDatabase, target: Database) -> None:
    """The events that were purged, all of them each time: there are few."""
    columns = "event, organisation, slug, name, at, tally, report, salt, done_by, files, digests"
    with source.reading() as connection:
        purges = connection.execute(f"SELECT {columns} FROM purges").fetchall()  # noqa: S608  ours

    def work(session: Session) -> None:
        with session.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO purges ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::text[])"  # noqa: S608  ours
                " ON CONFLICT (event) DO UPDATE SET report = excluded.report",
                [(*purge[:-1], purge[-1].split()) for purge in purges],
            )

    target.change(work)


def move_changes(source: HubDatabase, target: Database) -> None:
    """What has changed, under the same numbers: a booth goes on where it was. Those that are gone go."""
    known = [number for (number,) in target.read(lambda session: rows(session, "SELECT number FROM album_changes"))]
    with source.reading() as connection:
        new = connection.execute(
            f"SELECT {CHANGE} FROM album_changes WHERE number > ? ORDER BY number",  # noqa: S608  ours
            (max(known, default=0),),
        ).fetchall()
        there = {number for (number,) in connection.execute("SELECT number FROM album_changes")}
    gone = [number for number in known if number not in there]
    target.change(
        lambda session: session.execute("DELETE FROM album_changes WHERE number = ANY(%s::bigint[])", (gone,))
    )
    for batch in _batches(new):
        target.change(partial(copy_rows, statement=f"COPY album_changes ({CHANGE}) FROM STDIN", found=batch))


def _forget(target: Database, gone: Sequence[Sequence[Any]]) -> None:
    def work(session: Session) -> None:
        with session.cursor() as cursor:
            cursor.executemany("DELETE FROM searches WHERE event = %s AND request_id = %s", gone)

    if gone:
        target.change(work)


def _put_searches(target: Database, batch: Sequence[Sequence[Any]]) -> None:
    def work(session: Session) -> None:
        values = []
        for *search, photos, done, renewals, consent, selfie, name, digest, dimension, vector in batch:
            known = known_model(session, ModelRef(name, digest, dimension)) if vector is not None else None
            sent = unpacked_here(vector) if vector is not None else None
            values.append((*search, photos.split(), done, renewals, consent, selfie, known, sent, search[0]))
        with session.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO searches"
                " (event, request_id, begun, confidence, photos, done, renewals, consent, selfie, model, vector)"
                " SELECT %s, %s, %s, %s, %s::text[], %s, %s, %s, %s, %s, %s::vector"
                " WHERE EXISTS (SELECT FROM events WHERE number = %s)"
                " ON CONFLICT (event, request_id) DO UPDATE SET confidence = excluded.confidence,"
                " photos = excluded.photos, done = excluded.done, renewals = excluded.renewals,"
                " consent = excluded.consent, selfie = excluded.selfie, model = excluded.model,"
                " vector = excluded.vector",
                values,
            )

    target.change(work)


def _put_denials(target: Database, batch: Sequence[Sequence[Any]]) -> None:
    """Those whose photograph and search are there: of the others they come first."""

    def work(session: Session) -> None:
        with session.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO denials (event, request_id, photo) SELECT s.event, s.request_id, p.number"
                " FROM searches s JOIN photos p ON p.number = %s WHERE s.event = %s AND s.request_id = %s",
                [(photo, event, request) for event, request, photo in batch],
            )

    target.change(work)


def _batches(found: Iterable[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    left = iter(found)
    while batch := list(islice(left, _LINES)):
        yield batch
