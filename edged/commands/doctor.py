"""`edged doctor`: what is wrong with this device, and what to do."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from edged.commands.console import Console, Exit

if TYPE_CHECKING:
    from edged.runtime.finding import Finding

_DESCRIPTION = """\
Try everything the daemon needs, for real: the system, the clock, the state directory and its disk,
the models with one inference each, the gallery, every camera, a message to the broker and back, and whether the broker
lets this device's login, or anybody, do what only an administrator may. Doors are looked at and not opened: what would
not work, and who could get in who should not.
Each finding says what is wrong and what to do.
"""

_EPILOG = """\
Exit codes: 0 nothing is broken (there may be warnings), 1 something is, 78 the configuration is invalid.

Examples:
  edged doctor
  sudo -u edged edged doctor      with the service's own rights
"""

_SIGN: Final = {"ok": "✓", "warn": "!", "fail": "✗"}
_COLOUR: Final = {"ok": "\x1b[32m", "warn": "\x1b[33m", "fail": "\x1b[31m"}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "doctor",
        help="say what is wrong with this device, and what to do",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.checkup import examine  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.runtime.finding import Mark  # noqa: PLC0415

    findings = []
    for finding in examine(args.document):
        findings.append(finding)
        if not out.as_json:
            print(_line(finding), flush=True)  # noqa: T201  shown as it comes: a camera may take its time
    broken = [finding for finding in findings if finding.mark is Mark.FAIL]
    warned = [finding for finding in findings if finding.mark is Mark.WARN]
    out.result(
        {
            "healthy": not broken,
            "findings": [
                {"name": item.name, "mark": item.mark.value, "what": item.what, "remedy": item.remedy}
                for item in findings
            ],
        },
        f"{len(broken)} broken, {len(warned)} warning(s)" if broken or warned else "all well",
    )
    return Exit.FAILED if broken else Exit.OK


def _line(finding: Finding) -> str:
    sign = _SIGN[finding.mark.value]
    if sys.stdout.isatty():
        sign = f"{_COLOUR[finding.mark.value]}{sign}\x1b[0m"
    text = f"{sign} {finding.name:20} {finding.what}"
    return f"{text}\n  {'':20} → {finding.remedy}" if finding.remedy else text
