"""`edged bench fleet`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_FLEET: Final = """\
What becomes of roll-outs to many devices: of a good change; of one that devices take back or reject, which has to stop
at the first batch and be rolled back; and of those whose administrator is killed in the middle. Devices are simulated,
with the real steward; broker, sessions and tool are real. Needs Mosquitto. About five minutes.

Examples:
  edged bench fleet --quick
  edged bench fleet --devices 200 --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the word."""
    fleet = add_word(words, "fleet", "roll-outs to many devices", _FLEET)
    fleet.add_argument("--devices", type=int, default=200, metavar="N", help="how many (default: 200)")
    fleet.add_argument("--kills", type=int, default=20, metavar="N", help="how often to kill (default: 20)")
    fleet.set_defaults(run=_fleet)


def _fleet(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.fleet_rollout import fleet_report, measure_rollouts  # noqa: PLC0415  not for `--help`

    devices, kills = (12, 3) if args.quick else (args.devices, args.kills)
    found = measure_rollouts(devices, kills, out.progress)
    answer(args, out, fleet_report(found), asdict(found))
    return Exit.OK if found.is_good else Exit.FAILED
