"""`edged bench control`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_CONTROL: Final = """\
How soon a device reports a pushed change; what it does with damaged orders, and with pushes that would leave it blind,
mute or without models; and what SIGKILL while a change is applied does. A real daemon and Mosquitto, in temporary
folders. About twenty minutes.

Examples:
  edged bench control --photo build/photos/astronaut.png --quick
  edged bench control --photo build/photos/astronaut.png --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the word."""
    control = add_word(words, "control", "configuration pushed over MQTT", _CONTROL)
    control.add_argument("--photo", type=Path, required=True, metavar="FILE", help="a portrait to show to a camera")
    control.set_defaults(run=_control)


def _control(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.control_report import FULL, QUICK, control_report, measure_control  # noqa: PLC0415  not for `--help`

    found = measure_control(args.document.models, args.photo.resolve(), QUICK if args.quick else FULL, out.progress)
    answer(args, out, control_report(found), asdict(found))
    return Exit.OK if found.is_good else Exit.FAILED
