"""What an import refused or doubted, as a file: a table, JSON, or a page to look at."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from edged.domain.errors import Refused, Unavailable
from edged.gallery.bundle import Bundle
from edged.gallery.spreadsheet import write_table
from edged.recognition.finding import Finding, PersonFinding
from edged.vision.photo import MAX_BYTES
from edged.vision.thumbnail import thumbnail
from edged.web.contact_sheet import Card, Mark, Section, contact_sheet

FORMATS: Final = (".csv", ".json", ".html")
_HEADINGS: Final = ("customer_person_id", "name", "where", "photo", "result", "reason", "what", "remedy")
_MOST_PICTURES: Final = 1000
"""In a section of the page: about 10 MB of HTML."""


@dataclass(frozen=True, slots=True)
class Tally:
    """An import in numbers.

    Attributes:
        doubted: photographs that were taken with a warning.
        reasons: how often each was given for refusing something, the most frequent first.
    """

    people: int
    people_refused: int
    photos: int
    photos_refused: int
    doubted: int
    reasons: Mapping[str, int]

    @classmethod
    def of(cls, findings: Sequence[PersonFinding]) -> Tally:
        photos = [photo for finding in findings for photo in finding.photos]
        return cls(
            people=sum(finding.stored for finding in findings),
            people_refused=sum(not finding.stored for finding in findings),
            photos=sum(
                len([photo for photo in finding.photos if photo.taken]) for finding in findings if finding.stored
            ),
            photos_refused=sum(not photo.taken for photo in photos),
            doubted=sum(bool(photo.warnings) and photo.taken for photo in photos),
            reasons=dict(
                Counter(item.reason for item in complaints(findings) if item.mark is Mark.REFUSED).most_common()
            ),
        )

    def words(self) -> str:
        text = f"{_people(self.people)} with {_photos(self.photos)}"
        if self.doubted:
            text += f", {self.doubted:,} of them doubtful"
        if self.photos_refused or self.people_refused:
            text += f"; refused: {_photos(self.photos_refused)}, {_people(self.people_refused)}"
        return text

    def reason_words(self) -> str:
        """Why, and how often."""
        if not self.reasons:
            return "Nothing was refused."
        counts = (f"{count:,} × {reason.replace('_', ' ')}" for reason, count in self.reasons.items())
        return f"Refused because: {', '.join(counts)}."


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _photos(count: int) -> str:
    return f"{count:,} {'photograph' if count == 1 else 'photographs'}"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of a report: something that was refused, or doubted and taken."""

    person: PersonFinding
    photo: Finding | None
    mark: Mark
    reason: str
    what: str
    remedy: str

    @property
    def who(self) -> str:
        key, name = self.person.key, self.person.name
        return f"{name} ({key})" if name else key or self.person.where


def complaints(findings: Iterable[PersonFinding]) -> Iterator[Complaint]:
    """Everything that somebody may want to look at."""
    for person in findings:
        if person.reason:
            yield Complaint(person, None, Mark.REFUSED, person.reason, person.what, person.remedy)
        for photo in person.photos:
            if not photo.taken:
                yield Complaint(person, photo, Mark.REFUSED, photo.reason, photo.what, photo.remedy)
            else:
                for item in photo.warnings:
                    yield Complaint(person, photo, Mark.DOUBTFUL, item.reason, item.what, item.remedy)


def check_report(path: Path) -> None:
    """Says no before a long import rather than after it.

    Raises:
        Refused: the name ends in no known format, or its folder is not there or not writable.
    """
    if path.suffix.lower() not in FORMATS:
        raise Refused("report", f"no report is made as {path.name}", f"End its name in {', '.join(FORMATS)}.")
    if not os.access(path.absolute().parent, os.W_OK):
        raise Refused("report", f"nothing can be written to {path.absolute().parent}", "Choose another folder.")


def write_report(path: Path, findings: Sequence[PersonFinding], bundle: Bundle, title: str) -> None:
    """Writes the report in the format that its name ends in; readable by its owner only. Blocks.

    Args:
        bundle: has the photographs.
        title: of the page.

    Raises:
        Unavailable: the disk is full or failing.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.writelines(_pieces(path.suffix.lower(), findings, bundle, title))
    except OSError as error:
        raise Unavailable(
            f"the report {path} cannot be written: {error.strerror}", "Free space, or write it elsewhere."
        ) from error


def document(findings: Sequence[PersonFinding]) -> dict[str, Any]:
    """The import for programs: the numbers, and everybody about whom there is something to say."""
    tally = Tally.of(findings)
    return {
        "people": tally.people,
        "people_refused": tally.people_refused,
        "photos": tally.photos,
        "photos_refused": tally.photos_refused,
        "photos_doubted": tally.doubted,
        "reasons": tally.reasons,
        "findings": [finding.document() for finding in findings if not finding.flawless],
    }


def _pieces(ending: str, findings: Sequence[PersonFinding], bundle: Bundle, title: str) -> Iterable[str]:
    if ending == ".json":
        return [json.dumps(document(findings), indent=2, ensure_ascii=False), "\n"]
    if ending == ".csv":
        return [write_table([_HEADINGS, *(_row(item) for item in complaints(findings))])]
    everything = list(complaints(findings))
    refused = [item for item in everything if item.mark is Mark.REFUSED]
    doubted = [item for item in everything if item.mark is Mark.DOUBTFUL]
    sections = [
        Section(f"{heading} ({len(items):,})", _cards(items, bundle))
        for heading, items in (("Refused", refused), ("Taken, but doubtful", doubted))
        if items
    ]
    tally = Tally.of(findings)
    about = [f"{tally.words()}.", tally.reason_words()]
    return contact_sheet(title, about, sections)


def _row(item: Complaint) -> tuple[str, ...]:
    photo = item.photo.photo if item.photo else ""
    return (item.person.key, item.person.name, item.person.where, photo, item.mark, item.reason, item.what, item.remedy)


def _cards(items: Sequence[Complaint], bundle: Bundle) -> Iterator[Card]:
    for number, item in enumerate(items):
        picture = _picture(item, bundle) if number < _MOST_PICTURES else None
        where = item.photo.photo if item.photo else item.person.where
        yield Card(item.who, where, item.mark, item.what, item.remedy and f"{item.remedy.rstrip('.')}.", picture)


def _picture(item: Complaint, bundle: Bundle) -> bytes | None:
    if item.photo is None:
        return None
    try:
        return thumbnail(bundle.read(item.photo.photo, MAX_BYTES))
    except Refused:
        return None


def first_lines(findings: Iterable[PersonFinding], most: int) -> list[str]:
    """The first complaints, a line each, and how many there are beyond them."""
    everything = complaints(findings)
    lines = []
    for item in islice(everything, most):
        photo = f" {item.photo.photo}" if item.photo else ""
        sign = "✗" if item.mark is Mark.REFUSED else "?"
        who = item.who if item.photo else f"{item.person.where}"
        lines.append(f"  {sign} {who}{photo}: {item.what}. {item.remedy}".rstrip())
    more = sum(1 for _ in everything)
    return [*lines, f"  … and {more:,} more: see --report FILE"] if more else lines
