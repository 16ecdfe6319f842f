"""`edged people`: list, show and delete who is enrolled."""

from __future__ import annotations

import argparse
import os
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

from edged.commands.console import Console, Exit
from edged.config.document import Document
from edged.domain.errors import Refused
from edged.domain.identity import uuid7
from edged.domain.person import PersonSummary
from edged.gallery.index_directory import forget_index
from edged.gallery.people import People

_DESCRIPTION = """\
List, show and delete enrolled people. Works whether the daemon runs or not, and needs no models;
a running daemon takes a change over at once. People are enrolled with `edged enroll`.
"""
_LIST_EPILOG = """\
Examples:
  edged people list
  edged people list --json | jq -r '.people[].customer_person_id'
"""
_SHOW_EPILOG = """\
Exit codes: 0 shown, 1 nobody has this ID.

Examples:
  edged people show 4711
"""
_DELETE_EPILOG = """\
Exit codes: 0 all were deleted, 1 somebody was not enrolled (the others are deleted).

Examples:
  edged people delete 4711
  edged people delete 4711 4712 --json
"""
_PAGE: Final = 500
_HEADINGS: Final = ("ID", "NAME", "PHOTOS", "GROUPS", "VALID", "ENROLLED")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `people` and its words."""
    parser = commands.add_parser(
        "people",
        help="list, show and delete enrolled people",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    _word(words, "list", "who is enrolled", "List everybody who is enrolled, by their ID.", _LIST_EPILOG, _list)
    show = _word(words, "show", "all that is known of a person", "Show one person.", _SHOW_EPILOG, _show)
    show.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    about = "Delete people with all their templates. There is no way back, and nobody is asked twice."
    delete = _word(words, "delete", "delete people and their templates", about, _DELETE_EPILOG, _delete)
    delete.add_argument("ids", metavar="ID", nargs="+", help="your own key of the person (customer_person_id)")


def _word(
    words: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    about: str,
    description: str,
    epilog: str,
    run: Callable[[argparse.Namespace, Console], int],
) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = words.add_parser(name, help=about, description=description, epilog=epilog, formatter_class=raw)
    parser.set_defaults(run=run)
    return parser


def _list(args: argparse.Namespace, out: Console) -> int:
    with closing(_open(args.document)) as people:
        everybody = list(_everybody(people))
    rows = [_row(summary) for summary in everybody]
    out.result(
        {"people": [_document(summary) for summary in everybody]},
        _table((_HEADINGS, *rows)) if rows else "Nobody is enrolled. Begin with: edged enroll ID PHOTO…",
    )
    return Exit.OK


def _show(args: argparse.Namespace, out: Console) -> int:
    with closing(_open(args.document)) as people:
        summary = people.find(args.id)
    if summary is None:
        raise Refused("unknown_person", f"nobody with the id {args.id} is enrolled", "See `edged people list`.")
    document = _document(summary)
    lines = [(f"{field}:", _plain(value)) for field, value in document.items() if value not in ("", None, [])]
    out.result(document, _table(lines))
    return Exit.OK


def _delete(args: argparse.Namespace, out: Console) -> int:
    with closing(_open(args.document)) as people:
        deleted = {key: people.delete(key) for key in args.ids}
    if any(deleted.values()):
        forget_index(args.document.device.state)
    lines = [f"{key}: deleted" if gone else f"{key}: nobody has this id" for key, gone in deleted.items()]
    document = {
        "deleted": [key for key, gone in deleted.items() if gone],
        "unknown": [key for key, gone in deleted.items() if not gone],
    }
    out.result(document, "\n".join(lines))
    return Exit.OK if all(deleted.values()) else Exit.FAILED


def _open(document: Document) -> People:
    return People.open(
        document.device.state / "gallery.db", now=time.time, new_id=lambda: uuid7(time.time(), os.urandom(10))
    )


def _everybody(people: People) -> Iterator[PersonSummary]:
    page = people.page(limit=_PAGE)
    while page:
        yield from page
        page = people.page(after=page[-1].person.customer_person_id, limit=_PAGE)


def _document(summary: PersonSummary) -> dict[str, Any]:
    person = summary.person
    return {
        "customer_person_id": person.customer_person_id,
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "groups": list(person.groups),
        "valid_from": _utc(person.valid_from),
        "valid_until": _utc(person.valid_until),
        "notes": person.notes,
        "photos": summary.templates,
        "enrolled_at": _utc(summary.enrolled_at),
    }


def _row(summary: PersonSummary) -> tuple[str, ...]:
    person = summary.person
    bounds = (person.valid_from, person.valid_until)
    valid = " – ".join("" if bound is None else _local(bound)[:10] for bound in bounds) if any(bounds) else ""
    return (
        person.customer_person_id,
        person.name,
        str(summary.templates),
        ", ".join(person.groups),
        valid,
        _local(summary.enrolled_at),
    )


def _utc(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _local(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _plain(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Columns as wide as their widest cell, two spaces apart."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _width(text: str) -> int:
    """Columns that a text takes on a terminal: wide letters two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)
