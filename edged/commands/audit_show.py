"""`edged audit show` and `edged audit head`."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any, Final

from edged.commands.audit_words import records_of
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.moment import span_s
from edged.commands.word import Words, add_word
from edged.domain.errors import Refused

if TYPE_CHECKING:
    from edged.audit.entry import Entry

_SHOW: Final = """\
Show entries of the audit log, the newest last. People are named as they are called now; whoever
was deleted since is shown as `deleted`, since the log holds ids only.
"""
_SHOW_EPILOG: Final = """\
Examples:
  edged audit show
  edged audit show --act decision --act opening --since 12h
  edged audit show --person 4711 --last 1000
  edged audit show --by account: --json
"""
_HEAD: Final = """\
Print where the audit log ends: its chain, the number of the newest entry and that entry's hash.
Note it somewhere else, now and then: with it, `edged audit verify --head` finds that somebody has
put an older copy in the log's place. The device also publishes it over MQTT, under `health`.
"""
_HEAD_EPILOG: Final = """\
Examples:
  edged audit head
  edged audit head --json | jq -r .head >> /mnt/usb/heads.txt
"""
_MOST: Final = 1_000_000


def register(words: Words) -> None:
    """Adds `show` and `head`."""
    show = add_word(words, "show", "entries, the newest last", _SHOW, _SHOW_EPILOG, _show)
    show.add_argument("--act", action="append", default=[], metavar="WORD", help="only this act; may be repeated")
    show.add_argument("--by", default="", metavar="WHO", help="only by this one, or by all of a kind: `account:`")
    show.add_argument("--since", type=span_s, metavar="SPAN", help="only the last 30m, 12h, 90d")
    show.add_argument("--person", default="", metavar="ID", help="only about this person, by your own key or our id")
    show.add_argument("--door", default="", metavar="NAME", help="only at this door")
    show.add_argument("--last", type=int, default=50, metavar="N", help="so many entries (default: 50)")
    add_word(words, "head", "where the log ends, to be noted elsewhere", _HEAD, _HEAD_EPILOG, _head)


def _show(args: argparse.Namespace, out: Console) -> int:
    from edged.audit.act import Act  # noqa: PLC0415  not for `--help`
    from edged.audit.selection import Selection  # noqa: PLC0415

    if not 1 <= args.last <= _MOST:
        raise Refused("bad_number", f"--last is a number from 1 to {_MOST:,}")
    unknown = [act for act in args.act if act not in list(Act)]
    if unknown:
        raise Refused("bad_act", f"there is no act {unknown[0]}", f"There are: {', '.join(sorted(Act))}.")
    names = _names(args)
    ids = {key: person for person, (key, _) in names.items()}
    selection = Selection(
        acts=tuple(args.act),
        by=args.by,
        since=None if args.since is None else time.time() - args.since,
        person=ids.get(args.person, args.person),
        door=args.door,
    )
    with records_of(args.document) as records:
        found = records.entries(selection, limit=args.last)[::-1]
    rows = [(f"{entry.number}", entry.at, entry.act, entry.by, _said(entry, names)) for entry in found]
    out.result(
        {"entries": [_document(entry, names) for entry in found]},
        columns((("NUMBER", "AT", "ACT", "BY", "ABOUT"), *rows)) if rows else "There is no such entry.",
    )
    return Exit.OK


def _head(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415  not for `--help`

    with records_of(args.document) as records:
        head = records.head()
    public = StateDir.of(args.document).open_vault(args.document).signing_key().public_key().public_bytes_raw().hex()
    out.result(
        {"head": str(head), "chain": head.chain, "number": head.number, "hash": head.hash.hex(), "public_key": public},
        f"head        {head}\npublic key  {public}",
    )
    return Exit.OK


def _names(args: argparse.Namespace) -> dict[str, tuple[str, str]]:
    """Key and name of everybody, by our id."""
    from contextlib import closing  # noqa: PLC0415  not for `--help`

    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    named = {}
    with closing(StateDir.of(args.document).open_people(args.document)) as people:
        page = people.page(limit=500)
        while page:
            for summary in page:
                named[summary.person.id] = (summary.person.customer_person_id, summary.person.name)
            page = people.page(after=page[-1].person.customer_person_id, limit=500)
    return named


def _document(entry: Entry, names: dict[str, tuple[str, str]]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "number": entry.number,
        "at": entry.at,
        "act": entry.act,
        "by": entry.by,
        "about": entry.facts,
        "hash": entry.hash.hex(),
    }
    person = entry.facts.get("person")
    if person:
        known = names.get(str(person))
        document["person"] = {"customer_person_id": known[0], "name": known[1]} if known else None
    return document


def _said(entry: Entry, names: dict[str, tuple[str, str]]) -> str:
    """All facts in a line, the person by name."""
    said = []
    for name, fact in entry.facts.items():
        text = "" if fact is None else str(fact)
        if name == "person" and text:
            key, called = names.get(text, ("", "deleted"))
            text = f"{called or key} ({text})"
        if text:
            said.append(f"{name}={text}" if " " not in text else f"{name}=“{text}”")
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(said))
