"""`edged bench timeline`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_TIMELINE: Final = """\
How soon the console's timeline and its list of people answer, whatever is looked for, and what being searched costs
each event. In a temporary folder; about a minute.

Example:
  edged bench timeline --write docs/benchmarks.md
"""
_QUICK: Final = 3_000


def register(words: Words) -> None:
    """Adds the word."""
    timeline = add_word(words, "timeline", "searching events and people at the console", _TIMELINE)
    for name, many in (("events", 50_000), ("people", 50_000)):
        timeline.add_argument(f"--{name}", type=int, default=many, metavar="N", help=f"how many (default: {many})")
    timeline.set_defaults(run=_timeline)


def _timeline(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.timeline import measure_timeline, timeline_report  # noqa: PLC0415  not for `--help`

    events, people = (_QUICK, _QUICK) if args.quick else (args.events, args.people)
    found = measure_timeline(events, people, out.progress)
    answer(args, out, timeline_report(found), asdict(found))
    return Exit.OK
