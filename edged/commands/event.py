"""`edged event`: events, their photographs, and their end."""

from __future__ import annotations

import argparse
from functools import partial

from edged.commands import event_purge
from edged.commands.word import add_word

_DESCRIPTION = """\
Events of the booth: their figures, and their end. Works whether the daemon runs or not.
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `event` and its words."""
    parser = commands.add_parser(
        "event",
        help="events of the booth: their figures, their end, and proof of it",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    event_purge.register(partial(add_word, words))
