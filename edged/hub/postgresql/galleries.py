"""Galleries on the server and who is in them, within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Iterable

from edged.api.directory import DEFAULT_GALLERY, GalleryChange
from edged.hub.admission import admit_galleries, is_gallery
from edged.hub.postgresql.database import Session, only, row, rows


def gallery_names(session: Session) -> list[str]:
    """`default` first, then the others in their order."""
    return [DEFAULT_GALLERY, *(found[0] for found in rows(session, "SELECT name FROM galleries ORDER BY name"))]


def number_of_gallery(session: Session, name: str) -> int | None:
    """Our number of a gallery other than `default`."""
    if not is_gallery(name):
        return None
    found = row(session, "SELECT number FROM galleries WHERE name = %s", name)
    return None if found is None else int(found[0])


def make_gallery(session: Session, name: str) -> int:
    return int(only(session, "INSERT INTO galleries (name) VALUES (%s) RETURNING number", name))


def galleries_of(session: Session, names: Iterable[str]) -> list[int]:
    """Our numbers of galleries, which are made where they are not there. Raises Refused `bad_gallery`."""
    numbers = []
    for name in admit_galleries(names):
        number = number_of_gallery(session, name)
        numbers.append(make_gallery(session, name) if number is None else number)
    return numbers


def change_galleries(session: Session, face: int, change: GalleryChange) -> None:
    """Moves a face into galleries and out of them. Raises Refused `bad_gallery`."""
    if change.exactly is not None:
        session.execute("DELETE FROM face_galleries WHERE face = %s", (face,))
    joined = galleries_of(session, (*(change.exactly or ()), *change.add))
    session.execute(
        "INSERT INTO face_galleries (gallery, face) SELECT unnest(%s::integer[]), %s ON CONFLICT DO NOTHING",
        (joined, face),
    )
    left = [name for name in change.remove if is_gallery(name) and name != DEFAULT_GALLERY]
    session.execute(
        "DELETE FROM face_galleries m USING galleries g"
        " WHERE g.number = m.gallery AND m.face = %s AND g.name = ANY(%s::text[])",
        (face, left),
    )
