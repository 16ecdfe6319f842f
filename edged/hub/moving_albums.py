"""Events and photographs, and the audit log, on their way from a hub's SQLite file to a PostgreSQL server."""

from __future__ import annotations

import json
import sqlite3
from itertools import takewhile
from typing import Final, LiteralString

from edged.domain.person import ModelRef
from edged.hub.moving_people import copy_rows, settle_numbers, unpacked_here
from edged.hub.postgresql.database import Database, Session, only, rows
from edged.hub.postgresql.models import known_model
from edged.hub.sqlite.database import HubDatabase
from edged.photos.photo_files import PhotoFiles

_BATCH: Final = 50
"""Photographs that are moved in one transaction."""
_LINES: Final = 5000
"""Other rows that are."""
EVENT: Final = (
    "number, organisation, slug, id, name, created, closed, closes, expires, consent, consent_version, threshold,"
    " photos, waiting, faces, guests_forgotten"
)
FLAGS: Final = (
    "enabled, selfie_search, name_search, downloads, keeps_selfies, keeps_originals, is_moderated, forgets_faces"
)
PHOTO: Final = (
    "number, id, event, digest, filename, width, height, taken, added, size, media_type, faces, standing, source"
)
"""The columns of events, those that are true or false among them, and of photographs."""
_THOSE: Final = "IN (SELECT value FROM json_each(?))"


def move_events(source: HubDatabase, target: Database) -> None:
    """Organisations and events, all of them each time: there are few. Those that are gone go with their photographs."""
    with source.reading() as connection:
        organisations = connection.execute("SELECT number, slug, name FROM organisations").fetchall()
        events = connection.execute(f"SELECT {EVENT}, {FLAGS} FROM events").fetchall()  # noqa: S608  ours
    values = ", ".join(["%s"] * len(events[0])) if events else ""
    renewed = ", ".join(f"{column} = excluded.{column}" for column in f"{EVENT}, {FLAGS}".split(", ")[1:])
    flags = len(FLAGS.split(", "))

    def work(session: Session) -> None:
        session.execute("DELETE FROM events WHERE number <> ALL(%s::bigint[])", ([event[0] for event in events],))
        session.execute(
            "DELETE FROM organisations WHERE number <> ALL(%s::bigint[])", ([one[0] for one in organisations],)
        )
        with session.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO organisations (number, slug, name) VALUES (%s, %s, %s)"
                " ON CONFLICT (number) DO UPDATE SET slug = excluded.slug, name = excluded.name",
                organisations,
            )
            cursor.executemany(
                f"INSERT INTO events ({EVENT}, {FLAGS}) VALUES ({values})"  # noqa: S608  ours
                f" ON CONFLICT (number) DO UPDATE SET {renewed}",
                [(*event[:-flags], *map(bool, event[-flags:])) for event in events],
            )

    target.change(work)


def move_photos(source: HubDatabase, files: PhotoFiles, target: Database, target_files: PhotoFiles) -> int:
    """Moves the next photographs that are not there yet; how many, 0 when there are no more.

    The files of a photograph are there before it is.
    """
    last = int(target.read(lambda session: only(session, "SELECT coalesce(max(number), 0) FROM photos")))
    with source.reading() as connection:
        photos = connection.execute(
            f"SELECT {PHOTO} FROM photos WHERE number > ? ORDER BY number LIMIT ?",  # noqa: S608  ours
            (last, _BATCH),
        ).fetchall()
        numbers = json.dumps([photo[0] for photo in photos])
        names = connection.execute(
            f"SELECT photo, kind, digest, media_type FROM photo_files WHERE photo {_THOSE}",  # noqa: S608  ours
            (numbers,),
        ).fetchall()
        faces = connection.execute(
            "SELECT models.name, models.digest, models.dimension, photo_faces.number, photo, event, left, top, right,"  # noqa: S608  our words
            " bottom, vector FROM photo_faces JOIN models ON models.number = model"
            f" WHERE photo {_THOSE} ORDER BY photo_faces.number",
            (numbers,),
        ).fetchall()
    there = {found[0] for found in target.read(lambda session: rows(session, "SELECT number FROM events"))}
    photos = list(takewhile(lambda photo: photo[2] in there, photos))  # of the others the event comes first
    for _photo, _kind, digest, _media_type in names:
        content = files.get(digest)
        if content is not None:
            target_files.put(digest, content)
    moved = {photo[0] for photo in photos}

    def work(session: Session) -> None:
        session.execute(
            "DELETE FROM photos p USING unnest(%s::bigint[], %s::text[]) AS again (event, digest)"
            " WHERE p.event = again.event AND p.digest = again.digest",
            ([photo[2] for photo in photos], [photo[3] for photo in photos]),
        )
        copy_rows(session, f"COPY photos ({PHOTO}) FROM STDIN", photos)
        copy_rows(
            session,
            "COPY photo_files (photo, kind, digest, media_type) FROM STDIN",
            (name for name in names if name[0] in moved),
        )
        models = {model: known_model(session, model) for model in {ModelRef(*face[:3]) for face in faces}}
        copy_rows(
            session,
            "COPY photo_faces (number, photo, event, model, box_left, box_top, box_right, box_bottom, vector)"
            " FROM STDIN",
            (
                (number, photo, event, models[ModelRef(*model)], *box, unpacked_here(vector))
                for *model, number, photo, event, left, top, right, bottom, vector in faces
                for box in [(left, top, right, bottom)]
                if photo in moved
            ),
        )

    if moved:
        target.change(work)
    return len(moved)


def forget_photos(source: HubDatabase, target: Database) -> None:
    """Deletes the photographs that are gone from the source."""
    known = [found[0] for found in target.read(lambda session: rows(session, "SELECT number FROM photos"))]
    with source.reading() as connection:
        there = {number for (number,) in connection.execute("SELECT number FROM photos")}
    gone = [number for number in known if number not in there]
    if gone:
        target.change(lambda session: session.execute("DELETE FROM photos WHERE number = ANY(%s::bigint[])", (gone,)))


def renew_photos(source: HubDatabase, target: Database) -> None:
    """What has changed of photographs since they were moved: who may see them, and which faces were taken out."""
    states = "SELECT number, standing, faces FROM photos"
    with source.reading() as connection:
        here = {number: state for number, *state in connection.execute(states).fetchall()}
        there = target.read(lambda session: rows(session, states))
        changed = [number for number, *state in there if number in here and here[number] != state]
        fewer = [number for number, _standing, faces in there if number in here and here[number][1] != faces]
        left = connection.execute(
            f"SELECT number FROM photo_faces WHERE photo {_THOSE}",  # noqa: S608  ours
            (json.dumps(fewer),),
        ).fetchall()

    def work(session: Session) -> None:
        session.execute(
            "DELETE FROM photo_faces WHERE photo = ANY(%s::bigint[]) AND number <> ALL(%s::bigint[])",
            (fewer, [number for (number,) in left]),
        )
        with session.cursor() as cursor:
            cursor.executemany(
                "UPDATE photos SET standing = %s, faces = %s WHERE number = %s",
                [(*here[number], number) for number in changed],
            )

    if changed:
        target.change(work)


def renew_files(source: HubDatabase, files: PhotoFiles, target: Database, target_files: PhotoFiles) -> None:
    """Files that came after their photograph was moved: originals, which a booth tells last."""
    known = {
        tuple(found) for found in target.read(lambda session: rows(session, "SELECT photo, kind FROM photo_files"))
    }
    moved = {photo for photo, _kind in known}
    with source.reading() as connection:
        names = connection.execute("SELECT photo, kind, digest, media_type FROM photo_files").fetchall()
    new = [name for name in names if name[:2] not in known and name[0] in moved]
    for _photo, _kind, digest, _media_type in new:
        content = files.get(digest)
        if content is not None:
            target_files.put(digest, content)
    if new:
        _copy(target, "COPY photo_files (photo, kind, digest, media_type) FROM STDIN", new)


def move_acts(source: HubDatabase, target: Database) -> None:
    """The audit log."""
    while True:
        last = target.read(lambda session: only(session, "SELECT coalesce(max(number), 0) FROM audit"))
        with source.reading() as connection:
            entries = connection.execute(
                "SELECT number, at, by, name, act, about FROM audit WHERE number > ? ORDER BY number LIMIT ?",
                (last, _LINES),
            ).fetchall()
        if not entries:
            break
        lines = [(*entry[:2], *(text.replace("\0", "�") for text in entry[2:])) for entry in entries]
        _copy(target, "COPY audit (number, at, by, name, act, about) FROM STDIN", lines)


def settle_albums(session: Session, connection: sqlite3.Connection) -> None:
    """The counters: numbers that were used, also by what is gone, are not used again."""
    settle_numbers(
        session, connection, ("organisations", "events", "photos", "photo_faces", "reports", "album_changes")
    )


def _copy(target: Database, statement: LiteralString, lines: list[tuple[object, ...]]) -> None:
    target.change(lambda session: copy_rows(session, statement, lines))
