"""`edged bench booth`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_BOOTH: Final = """\
What guests wait for at a booth, and what nothing may do to their photographs, with real daemons and hubs in temporary
folders:

  selfies  from the selfie to the first page, in an event of 20,000 faces, with and without a camera
  pages    how soon pages are there while 20 guests search, at a device and at a hub
  replays  the same search 50 times at once, and answers that are cut off after each of their bytes
  kills    SIGKILL of whoever adds photographs, searches and purges, 100 times; of a device and of a hub that sync
  folder   300 group photographs of a watched folder, added while the daemon is killed three times

All of it takes about an hour on two cores, the last part the most; `folder` wants ten megabytes of disk for each
photograph. The exit code is 1 where something is lost, comes back, is done twice or is not answered; times are
reported, and depend on the machine.

Examples:
  edged bench booth --photo build/photos/astronaut.png --quick
  edged bench booth --photo build/photos/astronaut.png --only kills --kills 20
  edged bench booth --photo build/photos/astronaut.png --photos lfw --write docs/benchmarks.md
"""
_PARTS: Final = ("selfies", "pages", "replays", "kills", "folder")


def register(words: Words) -> None:
    """Adds the word."""
    booth = add_word(words, "booth", "guests, searches, purges and photographs of a booth", _BOOTH)
    booth.add_argument("--photo", type=Path, required=True, metavar="FILE", help="a portrait: a guest's selfie")
    booth.add_argument(
        "--photos",
        type=Path,
        metavar="DIR",
        help="more guests, and whom group photographs are made of: a folder for each person",
    )
    booth.add_argument("--only", choices=_PARTS, action="append", help="this part; may be repeated (default: all)")
    booth.add_argument("--faces", type=int, metavar="N", help="of the event (default: 20000)")
    booth.add_argument("--searches", type=int, metavar="N", help="selfies one after another (default: 200)")
    booth.add_argument("--guests", type=int, metavar="N", help="who search at once (default: 20)")
    booth.add_argument("--seconds", type=float, metavar="S", help="for how long they do (default: 60)")
    booth.add_argument("--every", type=int, metavar="BYTES", help="from a cut of an answer to the next (default: 1)")
    booth.add_argument("--kills", type=int, metavar="N", help="of the booth alone (default: 100)")
    booth.add_argument("--sync-kills", type=int, metavar="N", help="of the device and of the hub each (default: 10)")
    booth.add_argument("--folder", type=int, metavar="N", help="photographs in the watched folder (default: 300)")
    booth.set_defaults(run=_booth)


def _booth(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.booth import FULL, QUICK, measure_booth  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.measure.booth_report import booth_report  # noqa: PLC0415

    wanted = {
        "faces": args.faces,
        "searches": args.searches,
        "guests": args.guests,
        "seconds": args.seconds,
        "every": args.every,
        "kills": args.kills,
        "sync_kills": args.sync_kills,
        "files": args.folder,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    amount = replace(QUICK if args.quick else FULL, **given)
    parts = args.only or _PARTS
    found = measure_booth(args.document.models, args.photo, args.photos, amount, parts, out.progress)
    answer(args, out, booth_report(found), found.document())
    return Exit.OK if found.is_whole else Exit.FAILED
