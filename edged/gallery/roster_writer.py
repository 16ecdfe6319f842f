"""Everybody who is enrolled, as files that `open_roster` reads."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import cv2

from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Image
from edged.domain.person import Person
from edged.gallery.people import People
from edged.gallery.person_record import FIELDS, record
from edged.gallery.roster import MANIFESTS
from edged.gallery.spreadsheet import joined, write_table

Faces: TypeAlias = Callable[[str], Iterable[tuple[str, float, Image]]]
"""From a customer_person_id to hash, quality and picture of each face; see `edged.gallery.people.People.crops`."""

_PAGE: Final = 500
_FACES: Final = "faces"
_PHOTOS: Final = "photos"
_JPEG: Final = (cv2.IMWRITE_JPEG_QUALITY, 97)


def everybody(people: People) -> Iterator[Person]:
    """All people in the order of their customer_person_id; a page of the database at a time."""
    page = people.page(limit=_PAGE)
    while page:
        yield from (summary.person for summary in page)
        page = people.page(after=page[-1].person.customer_person_id, limit=_PAGE)


def write_roster(target: Path, people: Iterable[Person], faces: Faces | None = None) -> tuple[int, int]:
    """Writes people's fields as `manifest.json` and, for spreadsheets, `manifest.csv`; how many people and faces.

    The files are there whole or not at all, and readable by their owner only: they are personal data. Blocks.

    Args:
        target: a zip archive where its name ends in .zip, else a folder; must not be there, or be an empty folder.
        people: whom to write.
        faces: gives a person's kept faces, which become JPEG files beside the manifests; None leaves them out.

    Raises:
        Refused: `target_exists`.
        Unavailable: the disk is full or failing, or the folder around the target is not there.
    """
    if target.exists() and not (target.is_dir() and target.suffix.lower() != ".zip" and not any(target.iterdir())):
        raise Refused("target_exists", f"{target} is there already", "Choose another name, or move it away.")
    try:
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.absolute().parent))
        try:
            records = [_recorded(person, draft, faces) for person in people]
            (draft / MANIFESTS[0]).write_text(_as_json(records), encoding="utf-8")
            (draft / MANIFESTS[1]).write_text(_as_csv(records), encoding="utf-8", newline="")
            _put(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise Unavailable(f"{target} cannot be written: {error.strerror}", "Check the folder and its disk.") from error
    return len(records), sum(len(some.get(_PHOTOS, ())) for some in records)


def _recorded(person: Person, draft: Path, faces: Faces | None) -> dict[str, Any]:
    """The person's record; their faces are written beside it."""
    values = record(person)
    if faces is None:
        return values
    names = []
    for photo_hash, _quality, face in faces(person.customer_person_id):
        path = draft / _FACES / person.id / f"{photo_hash[:16]}.jpg"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".jpg", face, _JPEG)[1].tobytes())
        path.chmod(0o600)
        names.append(path.relative_to(draft).as_posix())
    return values | {_PHOTOS: names}


def _put(draft: Path, target: Path) -> None:
    """Gives the draft its name, packed where that is asked for."""
    for name in MANIFESTS:
        (draft / name).chmod(0o600)
    if target.suffix.lower() != ".zip":
        draft.replace(target)
        return
    packed = draft / "packed"
    descriptor = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(draft.rglob("*")):
            if path.is_file() and path != packed:
                archive.write(path, path.relative_to(draft).as_posix())
    packed.replace(target)


def _as_json(records: list[dict[str, Any]]) -> str:
    return json.dumps({"people": records}, indent=1, ensure_ascii=False) + "\n"


def _as_csv(records: list[dict[str, Any]]) -> str:
    fields = (*FIELDS, _PHOTOS) if any(_PHOTOS in values for values in records) else FIELDS
    return write_table([fields, *([_cell(values[field]) for field in fields] for values in records)])


def _cell(value: str | list[str] | None) -> str:
    return joined(value) if isinstance(value, list) else value or ""
