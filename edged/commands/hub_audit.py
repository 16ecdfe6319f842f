"""`edged hub audit`: who had what done."""

from __future__ import annotations

import argparse
from typing import Final

from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, opened
from edged.commands.word import Words
from edged.domain.errors import Refused
from edged.domain.timestamp import utc

_AUDIT: Final = """\
The audit log: every enrolment, match, verification, change and deletion, with the token or the
user that had it done. It names keys and numbers, never a face. The newest entry comes first.
"""
_EPILOG: Final = """\
Examples:
  edged hub audit --config /srv/hub/hub.yaml
  edged hub audit --config /srv/hub/hub.yaml --last 10000 --json
"""
_MOST: Final = 1_000_000


def register(words: Words) -> None:
    audit = add_word(words, "audit", "who had what done", _AUDIT, _EPILOG, _audit)
    audit.add_argument("--last", type=int, default=100, metavar="N", help="so many entries (default: 100)")


def _audit(args: argparse.Namespace, out: Console) -> int:
    if not 1 <= args.last <= _MOST:
        raise Refused("bad_number", f"--last is a number from 1 to {_MOST:,}")
    with opened(args) as stores:
        entries = stores.audit(args.last)
    document = {
        "entries": [
            {
                "number": entry.number,
                "at": utc(entry.at),
                "by": entry.by,
                "name": entry.name,
                "act": entry.act,
                "about": entry.about,
            }
            for entry in entries
        ]
    }
    rows = [(utc(entry.at), entry.name or entry.by, entry.act, entry.about) for entry in entries]
    out.result(document, columns((("AT", "BY", "ACT", "ABOUT"), *rows)) if rows else "Nothing has been done yet.")
    return Exit.OK
