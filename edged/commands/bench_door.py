"""`edged bench door-faults`."""

from __future__ import annotations

import argparse
import random
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_FAULTS: Final = """\
Kill and stop the daemon and the helper in the middle of a pulse, order twice, replay, order late, leave retained
messages and move the wall clock, a hundred times each: whether a door was ever open that should not have been, and how
long a relay was on after a death. Real processes, pretended pins, a real Mosquitto. About half an hour.

Examples:
  edged bench door-faults --quick
  edged bench door-faults --write docs/benchmarks.md
"""
_FULL: Final = 100
_QUICK: Final = 5


def register(words: Words) -> None:
    """Adds the word."""
    faults = add_word(words, "door-faults", "what goes wrong around a relay", _FAULTS)
    faults.set_defaults(run=_door_faults)


def _door_faults(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.door_faults import try_faults  # noqa: PLC0415  not for `--help`
    from edged.measure.door_report import door_report  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="edged-doors-") as folder:
        found = try_faults(Path(folder), _QUICK if args.quick else _FULL, random.Random(7), out.progress)  # noqa: S311
    answer(args, out, door_report(found), asdict(found))
    return Exit.OK if found.is_good else Exit.FAILED
