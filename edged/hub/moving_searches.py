"""What guests did and what was purged, on its way from a hub's SQLite file to a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from edged.domain.person import ModelRef
from edged.hub.moving_people import unpacked_here
from edged.hub.postgresql.database import Database, Session, rows
from edged.hub.postgresql.models import known_model
from edged.hub.sqlite.database import HubDatabase
from edged.photos.photo_files import PhotoFiles

_LINES: Final = 1000
"""Rows that are moved in one transaction."""
_REPORT: Final = "event, photo, request_id, reason, at, hides"
_SEARCHES: Final = """\
SELECT event, request_id, begun, confidence, searches.photos, done, consent, selfie, name, digest, dimension, vector
FROM searches LEFT JOIN models ON models.number = model WHERE confidence IS NOT NULL
"""


def move_searches(source: HubDatabase, files: PhotoFiles, target: Database, target_files: PhotoFiles) -> None:
    """Searches that are done, with selfies, denials and reports, all of them each time; those that are gone go.

    A selfie is there before its search is.
    """
    with source.reading() as connection:
        searches = connection.execute(_SEARCHES).fetchall()
        denials = connection.execute("SELECT event, request_id, photo FROM denials").fetchall()
        reports = connection.execute(f"SELECT {_REPORT} FROM reports ORDER BY number").fetchall()  # noqa: S608  ours
    there = {search[:2] for search in searches}
    known = target.read(lambda session: rows(session, "SELECT event, request_id FROM searches"))
    _forget(target, [one for one in known if one not in there])
    for search in searches:
        content = files.get(search[7]) if search[7] else None
        if content is not None:
            target_files.put(search[7], content)
    for batch in _batches(searches):
        _put_searches(target, batch)
    target.change(lambda session: session.execute("DELETE FROM denials"))
    for batch in _batches(denials):
        _put_denials(target, batch)
    target.change(lambda session: session.execute("DELETE FROM reports"))
    for batch in _batches(reports):
        _put_reports(target, batch)


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


def _forget(target: Database, gone: Sequence[Sequence[Any]]) -> None:
    def work(session: Session) -> None:
        with session.cursor() as cursor:
            cursor.executemany("DELETE FROM searches WHERE event = %s AND request_id = %s", gone)

    if gone:
        target.change(work)


def _put_searches(target: Database, batch: Sequence[Sequence[Any]]) -> None:
    def work(session: Session) -> None:
        values = []
        for event, request, begun, confidence, photos, done, consent, selfie, *model, vector in batch:
            known = known_model(session, ModelRef(*model)) if vector is not None else None
            sent = unpacked_here(vector) if vector is not None else None
            found = photos.split()
            values.append((event, request, begun, confidence, found, done, consent, selfie, known, sent, event))
        with session.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO searches"
                " (event, request_id, begun, confidence, photos, done, consent, selfie, model, vector)"
                " SELECT %s, %s, %s, %s, %s::text[], %s, %s, %s, %s, %s::vector"
                " WHERE EXISTS (SELECT FROM events WHERE number = %s)"
                " ON CONFLICT (event, request_id) DO UPDATE SET confidence = excluded.confidence,"
                " photos = excluded.photos, done = excluded.done",
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


def _put_reports(target: Database, batch: Sequence[Sequence[Any]]) -> None:
    """Those whose photograph is there."""

    def work(session: Session) -> None:
        with session.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO reports ({_REPORT}) SELECT p.event, p.number, %s, %s, %s, %s"  # noqa: S608  ours
                " FROM photos p WHERE p.number = %s",
                [(request, reason, at, bool(hides), photo) for _event, photo, request, reason, at, hides in batch],
            )

    target.change(work)


def _batches(found: Iterable[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    left = iter(found)
    while batch := list(islice(left, _LINES)):
        yield batch
