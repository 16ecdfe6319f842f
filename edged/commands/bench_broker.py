"""`edged bench broker`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_BROKER: Final = """\
Whether a device's valid login is of any use against another device, on the broker that scripts/broker sets up: every
device says in place of every other one, leaves wills, erases, listens, and tries to take its session, on every topic
there is, with MQTT 5 and 3.1.1. Run it in a checkout; it needs Mosquitto and writes to a temporary folder only. Two
or three minutes.

Examples:
  edged bench broker
  edged bench broker --devices 10 --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the word."""
    broker = add_word(words, "broker", "what another device's login is good for", _BROKER)
    broker.add_argument("--devices", type=int, default=6, metavar="N", help="how many (default: 6)")
    broker.add_argument(
        "--script",
        type=Path,
        default=Path("scripts/broker"),
        metavar="FILE",
        help="what sets up the broker (default: scripts/broker)",
    )
    broker.set_defaults(run=_broker)


def _broker(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.intrusion import intrusion_report, measure_intrusion, succeeded  # noqa: PLC0415  not for `--help`

    found = measure_intrusion(2 if args.quick else max(2, args.devices), out.progress, args.script)
    answer(args, out, intrusion_report(found), asdict(found))
    held = succeeded((*found.delivered, *found.taken_over)) == 0 and found.arrived == found.allowed
    return Exit.OK if held else Exit.FAILED
