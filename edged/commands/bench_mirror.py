"""`edged bench mirror`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_MIRROR: Final = """\
How far the mirror on the screen at a door is behind the camera, and what it costs: the page /kiosk in a real Chromium
without a window, at the sizes of three screens, and once while faces are looked for beside it. The camera is a program
that draws the time into its pictures. About a minute and a half; Chromium must be installed.

Examples:
  edged bench mirror --quick
  edged bench mirror --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the word."""
    mirror = add_word(words, "mirror", "the mirror at a door, behind the camera", _MIRROR)
    mirror.set_defaults(run=_mirror)


def _mirror(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.mirror import FULL, QUICK, measure_mirror, mirror_report  # noqa: PLC0415  not for `--help`

    trials = measure_mirror(args.document, QUICK if args.quick else FULL, out.progress)
    answer(args, out, mirror_report(trials), {"trials": [asdict(trial) for trial in trials]})
    return Exit.OK
