"""`edged bench sync`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_SYNC: Final = """\
How soon a device recognises whom its hub has enrolled, and no longer whom it has deleted, with and without MQTT; what
the first sync of 10,000 people takes, and a round in which nothing has changed; what cut connections and SIGKILL do;
and what fifty devices cost one hub. Everything is real and lies in temporary folders. Needs Mosquitto. About ten
minutes.

Examples:
  edged bench sync --photo build/photos/astronaut.png --quick
  edged bench sync --photo build/photos/astronaut.png --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the word."""
    sync = add_word(words, "sync", "devices and their hub", _SYNC)
    sync.add_argument("--photo", type=Path, required=True, metavar="FILE", help="a portrait to show to a camera")
    sync.set_defaults(run=_sync)


def _sync(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.sync_report import FULL, QUICK, measure_sync, sync_report  # noqa: PLC0415  not for `--help`

    found = measure_sync(args.document.models, args.photo, QUICK if args.quick else FULL, out.progress)
    answer(args, out, sync_report(found), asdict(found))
    return Exit.OK if found.cuts.is_good and found.kills.is_good else Exit.FAILED
