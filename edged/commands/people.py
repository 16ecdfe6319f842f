"""`edged people`: who is enrolled."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import Any, Final

from edged.commands import forgetting, look_alikes, people_export, people_import
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.word import add_word
from edged.config.document import Document
from edged.domain.errors import Refused
from edged.domain.person import PersonSummary
from edged.domain.timestamp import utc
from edged.gallery.people import People
from edged.runtime.state_dir import StateDir

_DESCRIPTION = """\
List, show, import, export and delete enrolled people. Works whether the daemon runs or not; only
the import needs the models. A running daemon takes a change over at once. A single person is
enrolled with `edged enroll`.
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
_PAGE: Final = 500
_HEADINGS: Final = ("ID", "NAME", "PHOTOS", "GROUPS", "VALID", "ENROLLED")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `people` and its words."""
    parser = commands.add_parser(
        "people",
        help="list, show, import, export and delete enrolled people",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    add_word(words, "list", "who is enrolled", "List everybody who is enrolled, by their ID.", _LIST_EPILOG, _list)
    show = add_word(words, "show", "all that is known of a person", "Show one person.", _SHOW_EPILOG, _show)
    show.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    people_import.register(words)
    people_export.register(words, _open)
    look_alikes.register(words)
    forgetting.register(partial(add_word, words))


def _list(args: argparse.Namespace, out: Console) -> int:
    with closing(_open(args.document)) as people:
        everybody = list(_everybody(people))
    rows = [_row(summary) for summary in everybody]
    out.result(
        {"people": [_document(summary) for summary in everybody]},
        columns((_HEADINGS, *rows)) if rows else "Nobody is enrolled. Begin with: edged enroll ID PHOTO…",
    )
    return Exit.OK


def _show(args: argparse.Namespace, out: Console) -> int:
    with closing(_open(args.document)) as people:
        summary = people.find(args.id)
    if summary is None:
        raise Refused("unknown_person", f"nobody with the id {args.id} is enrolled", "See `edged people list`.")
    document = _document(summary)
    lines = [(f"{field}:", _plain(value)) for field, value in document.items() if value not in ("", None, [])]
    out.result(document, columns(lines))
    return Exit.OK


def _open(document: Document) -> People:
    return StateDir.of(document).open_people(document)


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
        "valid_from": utc(person.valid_from),
        "valid_until": utc(person.valid_until),
        "notes": person.notes,
        "photos": summary.templates,
        "enrolled_at": utc(summary.enrolled_at),
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


def _local(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _plain(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
