"""`edged audit`: what happened on this device, and whether its log of it is whole."""

from __future__ import annotations

import argparse

from edged.commands import audit_export, audit_show, audit_verify

_DESCRIPTION = """\
The audit log: every decision at a door, opening, configuration change, enrolment, deletion and
sign-in, in a chain that cannot be altered unnoticed. Works whether the daemon runs or not.
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `audit` and its words."""
    parser = commands.add_parser(
        "audit",
        help="what happened on this device: show, verify and export the audit log",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    audit_show.register(words)
    audit_verify.register(words)
    audit_export.register(words)
