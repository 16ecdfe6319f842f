"""`edged run`: the daemon."""

from __future__ import annotations

import argparse
import time

from edged.commands.console import Console
from edged.domain.errors import EdgedError

_DESCRIPTION = """\
Run the daemon in the foreground: read the cameras, recognise people, publish events over MQTT,
serve the page.

It is ready as soon as the configuration is valid, the gallery opens and the models are verified. A
camera or a broker that is away does not stop it: it goes on, names what is wrong in its health and
delivers later.

Signals: TERM and INT stop it in good order (a second one at once); HUP reads the configuration
again, and an invalid one changes nothing. Under systemd it reports readiness and feeds the watchdog
for as long as it makes progress.
"""

_EPILOG = """\
Exit codes: 0 stopped in good order, 1 failed, 78 the configuration is invalid.

Examples:
  edged run
  edged run --config ./edged.yaml
  EDGED_CONFIG=./edged.yaml edged run --until-ended      judge a video file and end
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "run",
        help="run the daemon",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--until-ended",
        action="store_true",
        help="stop when every camera is a file or a folder that has been shown to its end",
    )
    parser.set_defaults(run=_run, needs_document=False)


def _run(args: argparse.Namespace, _out: Console) -> int:
    from edged.runtime import heap, journal  # noqa: PLC0415  the daemon's imports take a second: not for `--help`

    heap.share_one_pool()  # before the libraries that follow allocate
    from edged.runtime.boot import begin_anew, give_up, read_document  # noqa: PLC0415
    from edged.runtime.build import build  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    journal.set_up("info")
    boot = read_document(args.config, time.time())
    journal.set_level(boot.loaded.document.log.level)
    with StateDir.of(boot.loaded.document).claim():
        try:
            daemon = build(boot, until_ended=args.until_ended)
        except EdgedError as error:
            if not boot.on_trial:
                raise
            give_up(boot, error, time.time())
        code = daemon.run()
    if daemon.anew:
        begin_anew()
    return code
