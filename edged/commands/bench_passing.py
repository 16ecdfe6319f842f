"""`edged bench door`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_DOOR: Final = """\
How soon a door opens for whom it knows, how many people a minute it lets through, whether a stranger ever gets in, and
what a week without network and broker does. Real daemons, Mosquitto and databases, in temporary folders. About half an
hour; --faces names a folder with a folder of photographs for each person, as Labeled Faces in the Wild has it.

Examples:
  edged bench door --photo build/photos/astronaut.png --faces faces --quick
  edged bench door --photo build/photos/astronaut.png --faces faces --strangers strangers.txt --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the word."""
    door = add_word(words, "door", "a door: how soon, how many, and whom not", _DOOR)
    door.add_argument("--photo", type=Path, required=True, metavar="FILE", help="a portrait to show to a camera")
    door.add_argument("--faces", type=Path, required=True, metavar="FOLDER", help="a folder for each person")
    door.add_argument("--strangers", type=Path, metavar="FILE", help="names in that folder who are never enrolled")
    door.add_argument(
        "--aliases", type=Path, metavar="FILE", help="names of one person in that folder, those on one line together"
    )
    door.set_defaults(run=_door)


def _door(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.passing_report import FULL, QUICK, measure_door, passing_report  # noqa: PLC0415  not for `--help`

    amount = QUICK if args.quick else FULL
    found = measure_door(
        args.document, args.photo.resolve(), args.faces, args.strangers, args.aliases, amount, out.progress
    )
    answer(args, out, passing_report(found), asdict(found))
    return Exit.OK if found.is_good else Exit.FAILED
