"""Photographs and their files on the server, within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, LiteralString

from edged.hub.postgresql.database import Session, only, row, rows
from edged.photos.album import Tally
from edged.photos.photo import NewPhoto, Photo, PhotoKind, Standing
from edged.photos.photo_bundle import BundledFile
from edged.photos.stored import photo_of

_COLUMNS: Final = "id, filename, width, height, taken, added, size, media_type, standing, source"
_COUNTED: Final[Mapping[Standing, LiteralString]] = {Standing.SHOWN: "photos", Standing.WAITING: "waiting"}
"""Columns of `events` that count photographs."""


def insert_photo(session: Session, event: int, photo: NewPhoto, told: Photo, digest: str) -> int:
    """Adds a photograph; its number.

    Args:
        session: within a transaction that holds the event, and the digest.
        event: its number.
        photo: what is kept; told: what is told of it; digest: of the file as it came.
    """
    values = (told.id, told.filename, told.width, told.height, told.taken, told.added, told.size, told.media_type)
    number = only(
        session,
        f"INSERT INTO photos (event, digest, faces, {_COLUMNS})"  # noqa: S608  our words
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " RETURNING number",
        *(event, digest, len(photo.faces), *values, told.standing.value, told.source.value),
    )
    _count(session, event, told.standing, 1)
    session.execute("UPDATE events SET faces = faces + %s WHERE number = %s", (len(photo.faces), event))
    return int(number)


def insert_files(session: Session, photo: int, files: Iterable[BundledFile]) -> None:
    """Which files a photograph has."""
    with session.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO photo_files (photo, kind, digest, media_type) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(photo, file.kind.value, file.digest, file.media_type) for file in files],
        )


def by_digest(session: Session, event: int, digest: str) -> Photo | None:
    found = row(session, f"SELECT {_COLUMNS} FROM photos WHERE event = %s AND digest = %s", event, digest)  # noqa: S608  our words
    return photo_of(found) if found else None


def by_id(session: Session, event: int, photo: str) -> Photo | None:
    """Whether it is shown or not."""
    found = row(session, f"SELECT {_COLUMNS} FROM photos WHERE event = %s AND id = %s", event, photo)  # noqa: S608  our words
    return photo_of(found) if found else None


def by_time(
    session: Session, event: int, offset: int, limit: int, standing: Standing | None
) -> tuple[int, tuple[Photo, ...]]:
    """How many of a standing an event has, and some of them."""
    counted = _COUNTED.get(standing) if standing else None
    wanted = standing.value if standing else None
    if counted:
        total = row(session, f"SELECT {counted} FROM events WHERE number = %s", event)  # noqa: S608  our words
    else:
        total = row(
            session,
            "SELECT count(*) FROM photos WHERE event = %s AND (%s::text IS NULL OR standing = %s)",
            *(event, wanted, wanted),
        )
    found = rows(
        session,
        f"SELECT {_COLUMNS} FROM photos WHERE event = %s AND (%s::text IS NULL OR standing = %s)"  # noqa: S608  our words
        " ORDER BY taken NULLS LAST, added, number LIMIT %s OFFSET %s",
        *(event, wanted, wanted, limit, offset),
    )
    return (int(total[0]) if total else 0), tuple(photo_of(one) for one in found)


def by_ids(session: Session, event: int, ids: Sequence[str]) -> Sequence[Photo]:
    """Those that are shown, in the order asked."""
    found = rows(
        session,
        f"SELECT {_COLUMNS} FROM photos WHERE event = %s AND id = ANY(%s::text[]) AND standing = %s",  # noqa: S608  our words
        *(event, list(ids), Standing.SHOWN.value),
    )
    there = {one[0]: photo_of(one) for one in found}
    return [there[one] for one in ids if one in there]


def set_standing(session: Session, event: int, photo: str, standing: Standing) -> bool:
    """False where there is none."""
    found = row(session, "SELECT number, standing FROM photos WHERE event = %s AND id = %s FOR UPDATE", event, photo)
    if found is None:
        return False
    session.execute("UPDATE photos SET standing = %s WHERE number = %s", (standing.value, found[0]))
    _count(session, event, Standing(found[1]), -1)
    _count(session, event, standing, 1)
    return True


def file_of(session: Session, photo: str, kind: PhotoKind, guests_at: float | None) -> tuple[str, str, str] | None:
    """Digest and media type of a file, and what the photograph is called; of a missing original, the preview's.

    Args:
        guests_at: only where guests may see it at this moment; None: anyway.
    """
    kinds = (kind, PhotoKind.PREVIEW) if kind is PhotoKind.ORIGINAL else (kind,)
    found = row(
        session,
        "SELECT f.digest, f.media_type, p.filename FROM photos p JOIN photo_files f ON f.photo = p.number"
        " JOIN events e ON e.number = p.event WHERE p.id = %s AND f.kind = ANY(%s::text[])"
        " AND (%s::float8 IS NULL OR (p.standing = %s AND e.enabled AND (e.expires IS NULL OR e.expires > %s)))"
        " ORDER BY f.kind <> %s LIMIT 1",
        *(photo, [one.value for one in kinds], guests_at, Standing.SHOWN.value, guests_at, kind.value),
    )
    return (found[0], found[1], found[2]) if found else None


def held_photo(session: Session, event: int, photo: str) -> int | None:
    """The number of a photograph, which nobody else changes before this transaction ends; None where it is gone."""
    found = row(session, "SELECT number FROM photos WHERE event = %s AND id = %s FOR UPDATE", event, photo)
    return int(found[0]) if found else None


def kinds_of(session: Session, event: int, photo: str) -> frozenset[str]:
    """Which files a photograph has (`PhotoKind` values)."""
    kinds = _texts(
        session,
        "SELECT f.kind FROM photo_files f JOIN photos p ON p.number = f.photo WHERE p.event = %s AND p.id = %s",
        *(event, photo),
    )
    return frozenset(kinds)


def digest_of(session: Session, event: int, photo: str) -> str:
    """Of the file as it came; empty where there is no such photograph."""
    found = row(session, "SELECT digest FROM photos WHERE event = %s AND id = %s", event, photo)
    return str(found[0]) if found else ""


def delete_photo(session: Session, photo: str) -> tuple[str, str, Sequence[str]] | None:
    """Deletes one; id and slugs of its event and the digests of its files; None where there is none."""
    found = row(
        session,
        "SELECT p.number, e.number, e.id, o.slug || '/' || e.slug FROM photos p JOIN events e ON e.number = p.event"
        " JOIN organisations o ON o.number = e.organisation WHERE p.id = %s FOR KEY SHARE OF e",
        photo,
    )
    if found is None:
        return None
    number, event, event_id, name = found
    digests = _texts(session, "SELECT digest FROM photo_files WHERE photo = %s", number)
    gone = row(session, "DELETE FROM photos WHERE number = %s RETURNING faces, standing", number)
    if gone is None:
        return None
    _count(session, event, Standing(gone[1]), -1)
    session.execute("UPDATE events SET faces = faces - %s, removals = removals + 1 WHERE number = %s", (gone[0], event))
    return event_id, name, digests


def originals(session: Session, event: int) -> Sequence[str]:
    """The digests of an event's photographs as they came, sorted."""
    return _texts(session, 'SELECT digest FROM photos WHERE event = %s ORDER BY digest COLLATE "C"', event)


def digests_of(session: Session, event: int) -> Sequence[str]:
    """The digests of all files of an event's photographs and searches."""
    return _texts(
        session,
        "SELECT f.digest FROM photo_files f JOIN photos p ON p.number = f.photo WHERE p.event = %s"
        " UNION SELECT selfie FROM searches WHERE event = %s AND selfie IS NOT NULL",
        *(event, event),
    )


def unused(session: Session, digests: Sequence[str]) -> Sequence[str]:
    """Those that no photograph and no search has a file under."""
    return _texts(
        session,
        "SELECT d.digest FROM unnest(%s::text[]) AS d (digest)"
        " WHERE NOT EXISTS (SELECT FROM photo_files f WHERE f.digest = d.digest)"
        " AND NOT EXISTS (SELECT FROM searches s WHERE s.selfie = d.digest)",
        list(digests),
    )


def hold_files(session: Session, digests: Iterable[str]) -> None:
    """Waits until nobody else writes or deletes files with these digests; nobody does until this transaction ends."""
    session.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(d.digest, 0))"
        " FROM (SELECT unnest(%s::text[]) AS digest ORDER BY 1) AS d",
        (sorted(set(digests)),),
    )


def tally(session: Session, event: int) -> Tally:
    """What there is of an event."""
    counted = row(session, "SELECT photos, waiting, faces, guests_forgotten FROM events WHERE number = %s", event)
    shown, waiting, faces, forgotten = counted or (0, 0, 0, 0)
    hidden, size = row(
        session,
        "SELECT count(*) FILTER (WHERE standing = %s), coalesce(sum(size), 0)::bigint FROM photos WHERE event = %s",
        *(Standing.HIDDEN.value, event),
    ) or (0, 0)
    searches, selfies = row(
        session,
        "SELECT count(*), count(selfie) FROM searches WHERE event = %s AND confidence IS NOT NULL",
        event,
    ) or (0, 0)
    denials = int(only(session, "SELECT count(*) FROM denials WHERE event = %s", event))
    return Tally(shown, waiting, hidden, faces, searches, denials, selfies, size, forgotten)


def _count(session: Session, event: int, standing: Standing, more: int) -> None:
    column = _COUNTED.get(standing)
    if column:
        session.execute(f"UPDATE events SET {column} = {column} + %s WHERE number = %s", (more, event))  # noqa: S608  ours


def _texts(session: Session, statement: LiteralString, *values: object) -> list[str]:
    return [found[0] for found in rows(session, statement, *values)]
