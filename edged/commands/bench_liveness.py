"""`edged bench liveness`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_LIVENESS: Final = """\
What pictures achieve against the head-turn challenge, and whom it refuses: thresholds are fixed on one half of the
people of a folder, and attacks are made from photographs of the other half. Each frame goes through the real detector.
About half a second of processor time a sequence. --faces names a folder with a folder of photographs for each person,
as Labeled Faces in the Wild has it.

Examples:
  edged bench liveness --faces lfw --quick
  edged bench liveness --faces lfw --write docs/benchmarks.md
"""
_SEQUENCES: Final = 1020
_QUICK: Final = 60


def register(words: Words) -> None:
    """Adds the word."""
    liveness = add_word(words, "liveness", "pictures against the head-turn challenge", _LIVENESS)
    liveness.add_argument("--faces", type=Path, required=True, metavar="FOLDER", help="a folder for each person")
    liveness.add_argument(
        "--sequences", type=int, metavar="N", help=f"of rigid flat attacks (default: {_SEQUENCES}, quick: {_QUICK})"
    )
    liveness.set_defaults(run=_liveness)


def _liveness(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.liveness import measure_liveness  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.measure.liveness_report import is_good, liveness_report  # noqa: PLC0415

    sequences = args.sequences or (_QUICK if args.quick else _SEQUENCES)
    found = measure_liveness(args.document.models, args.faces, sequences, out.progress)
    answer(args, out, liveness_report(found), asdict(found))
    return Exit.OK if is_good(found) or args.quick or args.sequences else Exit.FAILED
