"""Who is to be enrolled by which photographs: a folder a person, or a manifest, in a folder or a zip archive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from edged.domain.errors import Refused
from edged.domain.person import Person
from edged.gallery.admission import MAX_TEMPLATES
from edged.gallery.bundle import Bundle, FolderBundle, is_readable, open_bundle, stays_within
from edged.gallery.person_record import FIELDS, person_of
from edged.gallery.spreadsheet import parted, read_table

PHOTO_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
PERSON_FILE: Final = "person.json"
MANIFESTS: Final = ("manifest.json", "manifest.csv")
"""Names by which a manifest is found in a folder or archive, the first one first: it loses nothing."""

_LONGEST_MANIFEST: Final = 64 * 1024**2
_LONGEST_PERSON_FILE: Final = 64 * 1024
_COLUMNS: Final = frozenset({*FIELDS, "photo", "photos"})


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody to be enrolled.

    Attributes:
        person: who; `id` is empty.
        photos: names of the photographs in the bundle.
        where: the folder or the lines of the manifest they come from, for messages.
    """

    person: Person
    photos: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that nothing can be made of: where it stands, and why."""

    where: str
    refusal: Refused


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody that a source names.

    Attributes:
        applicants: in the order of the manifest, else of the folders' names.
        rejected: entries that name nobody.
        bundle: has the photographs; to be closed by whoever opened the roster.
    """

    applicants: tuple[Applicant, ...]
    rejected: tuple[Rejected, ...]
    bundle: Bundle = field(repr=False)

    @property
    def photos(self) -> int:
        return sum(len(applicant.photos) for applicant in self.applicants)


def open_roster(source: Path) -> Roster:
    """The roster of a folder, a zip archive, or a CSV or JSON manifest, which names photographs in its own folder.

    A folder or archive that has `manifest.json` or `manifest.csv` is read by it, otherwise each folder in it is a
    person: the folder's name is the customer_person_id, and `person.json` in it may say more. An archive of one folder
    counts as that folder.

    Raises:
        Refused: the source cannot be read, is unsafe, or names nobody.
    """
    if source.suffix.lower() in {".csv", ".json"} and not source.is_dir():
        bundle: Bundle = FolderBundle(source.absolute().parent)
        return _whole(_by_manifest(bundle, source.name), source)
    bundle = open_bundle(source)
    try:
        top = _top(bundle.names)
        manifest = next((top + name for name in MANIFESTS if top + name in bundle.names), None)
        roster = _by_manifest(bundle, manifest) if manifest else _by_folders(bundle, top)
        return _whole(roster, source)
    except BaseException:
        bundle.close()
        raise


def _whole(roster: Roster, source: Path) -> Roster:
    if not roster.applicants and not roster.rejected:
        raise Refused(
            "nobody",
            f"{source} names nobody",
            "It needs a folder for each person with photographs in it, or a manifest; see docs/enrolment.md.",
        )
    return roster


def _top(names: Sequence[str]) -> str:
    """`folder/` where everything lies in one folder that is not itself a person's, else empty."""
    first, slash, _rest = names[0].partition("/") if names else ("", "", "")
    inside = f"{first}/"
    if not slash or not all(name.startswith(inside) for name in names):
        return ""
    deeper = any(name.count("/") > 1 for name in names)
    return inside if deeper or any(inside + name in names for name in MANIFESTS) else ""


def _by_folders(bundle: Bundle, top: str) -> Roster:
    folders: dict[str, list[str]] = {}
    for name in bundle.names:
        folder, slash, file = name.removeprefix(top).partition("/")
        if slash:
            folders.setdefault(folder, []).append(file)
    applicants: list[Applicant] = []
    rejected: list[Rejected] = []
    for folder, files in sorted(folders.items()):
        photos = [f"{top}{folder}/{file}" for file in files if PurePosixPath(file).suffix.lower() in PHOTO_ENDINGS]
        try:
            person = _person_of_folder(bundle, top, folder, described=PERSON_FILE in files, pictured=bool(photos))
            applicants.append(_bounded(Applicant(person, tuple(photos), folder)))
        except Refused as refusal:
            rejected.append(Rejected(folder, refusal))
    return Roster(tuple(applicants), tuple(rejected), bundle)


def _person_of_folder(bundle: Bundle, top: str, folder: str, *, described: bool, pictured: bool) -> Person:
    if not described and not pictured:
        raise Refused("no_photos", f"there are no photographs in {folder}", "Put JPEG or PNG files into it.")
    if not described:
        return person_of({"customer_person_id": folder})
    name = f"{top}{folder}/{PERSON_FILE}"
    values = _json(bundle.read(name, _LONGEST_PERSON_FILE), name)
    if not isinstance(values, dict):
        raise Refused("not_json", f"{name} does not describe a person", 'Write it like {"name": "Anna Berg"}.')
    _check_columns(values, frozenset(FIELDS))
    if values.get("customer_person_id") not in (None, folder):
        raise Refused("customer_person_id", f"{name} names another person than its folder", "Rename one of them.")
    return person_of(values | {"customer_person_id": folder})


def _by_manifest(bundle: Bundle, manifest: str) -> Roster:
    """People of a manifest; lines with the same customer_person_id are one person."""
    data = bundle.read(manifest, _LONGEST_MANIFEST)
    rows = _csv_rows(data) if manifest.lower().endswith(".csv") else _json_rows(data, manifest)
    folder = manifest.rpartition("/")[0]
    applicants: dict[str, Applicant] = {}
    rejected: list[Rejected] = []
    for where, values in rows:
        try:
            applicant = _bounded(Applicant(person_of(values), _photos(values, folder), where))
            key = applicant.person.customer_person_id
            applicants[key] = _joined(applicants[key], applicant) if key in applicants else applicant
        except Refused as refusal:
            rejected.append(Rejected(where, refusal))
    return Roster(tuple(applicants.values()), tuple(rejected), bundle)


def _csv_rows(data: bytes) -> Iterable[tuple[str, dict[str, Any]]]:
    rows = read_table(data)
    for line, cells in rows:
        if line == rows[0][0]:
            _check_columns(cells, _COLUMNS)
        values: dict[str, Any] = dict(cells)
        for several in ("groups", "photo", "photos"):
            values[several] = list(parted(cells.get(several, "")))
        yield f"line {line}", values


def _json_rows(data: bytes, name: str) -> Iterable[tuple[str, dict[str, Any]]]:
    document = _json(data, name)
    people = document.get("people") if isinstance(document, dict) else document
    if not isinstance(people, list):
        raise Refused("not_json", f"{name} is no list of people", 'Write it like {"people": [{…}, {…}]}.')
    for number, values in enumerate(people, 1):
        if not isinstance(values, dict):
            raise Refused("not_json", f"entry {number} of {name} does not describe a person", "See docs/enrolment.md.")
        _check_columns(values, _COLUMNS)
        yield f"entry {number}", values


def _check_columns(values: Mapping[str, object], allowed: frozenset[str]) -> None:
    unknown = sorted(set(values) - allowed)
    if unknown:
        raise Refused(
            "unknown_column",
            f"nothing is known of {', '.join(map(repr, unknown[:5]))}",
            f"Rename or remove it; there are {', '.join(sorted(allowed))}.",
        )


def _photos(values: Mapping[str, object], folder: str) -> tuple[str, ...]:
    """Names in the bundle of the photographs that a manifest in `folder` names.

    Raises:
        Refused: `unsafe`: one leads out of the manifest's folder; `photos`: they are no texts.
    """
    names: list[str] = []
    for column in ("photo", "photos"):
        given = values.get(column) or []
        found = [given] if isinstance(given, str) else given
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise Refused("photos", f"{column} is not a list of file names", 'Write it like ["anna/1.jpg"].')
        names += found
    return tuple(dict.fromkeys(_within(name, folder) for name in names))


def _within(name: str, folder: str) -> str:
    path = name.replace("\\", "/")
    if not stays_within(path) or not is_readable(path):
        raise Refused("unsafe", f"the photograph {name[:200]!a} lies outside the manifest's folder", "Move it inside.")
    return str(PurePosixPath(folder) / path)


def _bounded(applicant: Applicant) -> Applicant:
    if len(applicant.photos) > MAX_TEMPLATES:
        raise Refused(
            "too_many_templates",
            f"{len(applicant.photos)} photographs of one person",
            f"Up to {MAX_TEMPLATES} are possible; a few good ones recognise as well.",
        )
    return applicant


def _joined(first: Applicant, more: Applicant) -> Applicant:
    """One person out of two lines about them.

    Raises:
        Refused: the lines say different things, or name too many photographs together.
    """
    merged: dict[str, Any] = {}
    for name in FIELDS:
        before, now = getattr(first.person, name), getattr(more.person, name)
        if before and now and before != now:
            raise Refused(name, f"{first.where} says another {name} of the same person", "Correct one of them.")
        merged[name] = before or now
    photos = tuple(dict.fromkeys(first.photos + more.photos))
    return _bounded(Applicant(replace(first.person, **merged), photos, f"{first.where} and {more.where}"))


def _json(data: bytes, name: str) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused(
            "not_json", f"{name} is not JSON in UTF-8: {error}"[:300], "Check it with a JSON editor."
        ) from error
