"""`edged bench selfies`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_SELFIES: Final = """\
Whether a selfie finds the right photographs of an event, by the selfie alone and with certain photographs joined to it,
and how much processor time that takes. Events are composed of the faces in a folder with a folder of photographs for
each person, as Labeled Faces in the Wild has it: half of the people to choose a threshold by, half to report on. About
20 ms a photograph, and a minute.

Examples:
  edged bench selfies --faces lfw --quick
  edged bench selfies --faces lfw --aliases docs/lfw-aliases.txt --out docs/figures --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the word."""
    selfies = add_word(words, "selfies", "does a selfie find the right photographs?", _SELFIES)
    selfies.add_argument("--faces", type=Path, required=True, metavar="FOLDER", help="a folder for each person")
    selfies.add_argument(
        "--aliases", type=Path, metavar="FILE", help="names of one person in that folder, those on one line together"
    )
    selfies.add_argument("--out", type=Path, metavar="DIR", help="write the diagram there, as a PNG")
    selfies.set_defaults(run=_selfies)


def _selfies(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.photo_set import read_aliases  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.measure.selfie_plot import draw_selfies  # noqa: PLC0415
    from edged.measure.selfie_report import PICTURE, selfie_document, selfie_report  # noqa: PLC0415
    from edged.measure.selfies import FULL, QUICK, look_at, measure_selfies  # noqa: PLC0415

    aliases = read_aliases(args.aliases) if args.aliases else {}
    pool, curve = look_at(args.document.models, args.faces, aliases, out.progress)
    found = measure_selfies(pool, curve, QUICK if args.quick else FULL, out.progress)
    if args.out:
        draw_selfies(found, args.out / PICTURE)
    answer(args, out, selfie_report(found, drawn=bool(args.out)), selfie_document(found))
    return Exit.OK if found.is_good or args.quick else Exit.FAILED
