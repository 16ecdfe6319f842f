"""Enrolled faces as rows of the server: those that fit, in pages, one by one; adding and deleting them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, LiteralString

from edged.api.directory import DEFAULT_GALLERY, MAX_FACE, FaceFilter, FacePage, KnownFace, Meta, NewFace
from edged.domain.rect import Rect
from edged.domain.text import is_storable
from edged.hub.admission import image_name
from edged.hub.postgresql.database import Session, only, rows
from edged.hub.postgresql.models import known_model
from edged.hub.postgresql.vectors import store_vector

_KNOWN: Final = """
    SELECT f.number, p.id, p.key, f.created, f.photo_hash, f.box_left, f.box_top, f.box_right, f.box_bottom, f.image,
        ARRAY (SELECT g.name FROM face_galleries m JOIN galleries g ON g.number = m.gallery WHERE m.face = f.number)
    FROM faces f JOIN people p ON p.number = f.person
"""
_HASH_SHOWN: Final = 32


def fitting(wanted: FaceFilter) -> tuple[LiteralString, tuple[Any, ...]]:
    """The condition that a face `f` of the person `p` fits, and its values."""
    terms: list[LiteralString] = []
    values: list[Any] = []
    if wanted.gallery is not None and wanted.gallery != DEFAULT_GALLERY:
        terms.append(
            "f.number IN (SELECT m.face FROM face_galleries m JOIN galleries g ON g.number = m.gallery"
            " WHERE g.name = %s)"
        )
        values.append(_text(wanted.gallery))
    if wanted.key is not None:
        # The index of keys has no empty ones: it serves where it can be seen that none is asked for.
        terms.append("p.key <> '' AND p.key = %s" if wanted.key else "p.key = %s")
        values.append(_text(wanted.key))
    if wanted.person is not None:
        terms.append("p.id = %s")
        values.append(_text(wanted.person))
    if wanted.least is not None:
        terms.append("f.number >= %s")
        values.append(_bound(wanted.least))
    if wanted.below is not None:
        terms.append("f.number < %s")
        values.append(_bound(wanted.below))
    return " AND ".join(terms) or "true", tuple(values)


def numbers_of(session: Session, wanted: FaceFilter, limit: int | None = None, *, newest: bool = True) -> list[int]:
    """The numbers of faces that fit, at most `limit` where it is given; the newest or the oldest first."""
    condition, values = fitting(wanted)
    order: LiteralString = "DESC" if newest else "ASC"
    found = rows(
        session,
        f"SELECT f.number FROM faces f JOIN people p ON p.number = f.person WHERE {condition}"  # noqa: S608  our words
        f" ORDER BY f.number {order} LIMIT %s",
        *values,
        limit,
    )
    return [face[0] for face in found]


def count_people(session: Session, wanted: FaceFilter) -> int:
    """How many people have a face that fits."""
    condition, values = fitting(wanted)
    return int(
        only(
            session,
            "SELECT count(DISTINCT f.person) FROM faces f JOIN people p ON p.number = f.person"  # noqa: S608  our words
            f" WHERE {condition}",
            *values,
        )
    )


def known_faces(session: Session, numbers: Iterable[int]) -> dict[int, KnownFace]:
    """Some faces by their numbers; those that are not there are left out."""
    asked = [number for number in numbers if 1 <= number <= MAX_FACE]
    if not asked:
        return {}
    return {face[0]: _known(face) for face in rows(session, f"{_KNOWN} WHERE f.number = ANY(%s)", asked)}


def faces_of(session: Session, person: int) -> tuple[KnownFace, ...]:
    """All faces of a person, by our number of theirs, the newest first."""
    found = rows(session, f"{_KNOWN} WHERE f.person = %s ORDER BY f.number DESC", person)
    return tuple(_known(face) for face in found)


def page(session: Session, wanted: FaceFilter, limit: int) -> FacePage:
    """See `edged.api.directory.Directory.faces`."""
    upwards = wanted.least is not None and wanted.below is None
    numbers = numbers_of(session, wanted, limit + 1, newest=not upwards)
    goes_on = len(numbers) > limit
    numbers = sorted(numbers[:limit], reverse=True)
    if upwards:
        behind = bool(numbers_of(session, replace(wanted, least=None, below=wanted.least), 1))
    elif wanted.below is not None:
        behind = bool(numbers_of(session, replace(wanted, least=wanted.below, below=None), 1))
    else:
        behind = False
    known = known_faces(session, numbers)
    older, newer = (behind, goes_on) if upwards else (goes_on, behind)
    return FacePage(tuple(known[number] for number in numbers), older, newer)


def metas(session: Session, gallery: str | None) -> list[Meta]:
    """See `edged.api.directory.Directory.metas`."""
    condition, values = fitting(FaceFilter(gallery=gallery))
    found = rows(
        session,
        "SELECT p.key, count(*), max(f.number) FROM faces f JOIN people p ON p.number = f.person"  # noqa: S608  our words
        f" WHERE p.key <> '' AND {condition} GROUP BY p.key ORDER BY p.key",
        *values,
    )
    known = known_faces(session, [newest for _key, _count, newest in found])
    return [Meta(key, count, known[newest]) for key, count, newest in found]


def add_faces(
    session: Session,
    person: int,
    faces: Sequence[NewFace],
    galleries: Collection[int],
    revision: int,
    now: float,
) -> None:
    """Stores faces of a person, in the order given."""
    for face in faces:
        box = face.seen.box
        number = only(
            session,
            "INSERT INTO faces (person, created, photo_hash, box_left, box_top, box_right, box_bottom, image)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING number",
            *(person, round(now, 6), face.photo_hash),
            *(box.left, box.top, box.right, box.bottom, image_name(face.stem, face.suffix)),
        )
        model = known_model(session, face.model)
        store_vector(session, model, face.model, number, face.seen.vector, float(face.seen.quality), revision)
        if face.seen.crop:
            session.execute("INSERT INTO crops VALUES (%s, %s)", (number, face.seen.crop))
        if galleries:
            session.execute(
                "INSERT INTO face_galleries (gallery, face) SELECT unnest(%s::integer[]), %s", (list(galleries), number)
            )


def delete_faces(session: Session, numbers: Collection[int], revision: int) -> list[int]:
    """Deletes faces; whose they were: our numbers of people, each once."""
    asked = list(numbers)
    session.execute("INSERT INTO gone SELECT unnest(%s::integer[]), %s", (asked, revision))
    found = rows(session, "DELETE FROM faces WHERE number = ANY(%s::integer[]) RETURNING person", asked)
    return sorted({face[0] for face in found})


def _known(found: Sequence[Any]) -> KnownFace:
    number, person, key, created, photo_hash, left, top, right, bottom, image, galleries = found
    box = Rect(left, top, right, bottom)
    names = tuple(sorted((DEFAULT_GALLERY, *galleries)))
    return KnownFace(number, person, key, created, photo_hash[:_HASH_SHOWN], box, names, image)


def _text(text: str) -> str | None:
    """A text to look for; what cannot be stored equals nothing."""
    return text if is_storable(text) else None


def _bound(number: int) -> int:
    """A bound that the server can hold, and that means the same."""
    return min(max(number, 0), MAX_FACE + 1)
