"""Words on the command line: finds the command, loads the document, runs one function, says what came of it."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from edged import __version__
from edged.commands.console import Console, Exit
from edged.config.layers import load
from edged.domain.errors import EdgedError

_COMMANDS: Final = {
    "run": "run the daemon: cameras in, events out",
    "demo": "try it: a broker, a camera or the demo face, and the events as text",
    "enroll": "enrol a person from photographs, a camera or past events",
    "people": "list, show, import, export and delete enrolled people",
    "review": "strangers who were seen: enrol them, or dismiss them",
    "identify": "say who is in a photograph",
    "sync": "exchange people with the centre; what waits, and why",
    "thresholds": "show what each door asks for, and what that rests on",
    "access": "who may pass which door, and why: codes, passes, blocks, the rules tried",
    "door": "the hardware of the doors: list, test, all off",
    "event": "events of the booth: make, close and purge them, add photographs, search",
    "liveness": "measure what pictures and people achieve before a camera",
    "replay": "decide an event again from its best shot, and show why",
    "audit": "what happened on this device: show, verify and export the audit log",
    "models": "build, list and verify the models",
    "account": "who may sign in to the pages of this device",
    "api": "tokens for clients of this device, and what they had done",
    "control": "keys and signatures of orders over MQTT",
    "config": "validate, show and explain the configuration",
    "doctor": "say what is wrong with this device, and what to do",
    "fleet": "see all devices of a broker, and change them in safe steps",
    "hub": "run the centre: one directory behind three dialects, for clients and devices",
    "eval": "measure accuracy on labelled photographs",
    "bench": "measure speed, memory and durability on this machine",
}
"""In the order of the help. Only the module of the command in hand is imported: a device's memory is small."""

_EPILOG: Final = """\
The configuration is /etc/edged/edged.yaml, or what --config or the variable EDGED_CONFIG names.

Exit codes: 0 it worked, 1 it did not, 2 the command line is wrong, 78 the configuration is invalid.

Examples:
  edged demo --once                      the whole story in half a minute
  edged enroll 4711 anna.jpg --name Anna
  edged identify visitor.jpg --json
  edged doctor
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    args = _parser(words).parse_args(words)
    out = Console(as_json=args.json)
    try:
        if getattr(args, "needs_document", True):
            args.loaded = load(args.config)
            args.document = args.loaded.document
        return int(args.run(args, out))
    except EdgedError as error:
        return out.fail(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (`head`, a pager) has seen enough. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="edged",
        description="edged, the face-recognition appliance that decides on the device.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"edged {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    asked = next((word for word in words if not word.startswith("-")), None)
    for name, summary in _COMMANDS.items():
        if name == asked:
            importlib.import_module(f"edged.commands.{name}").register(commands)
        else:
            commands.add_parser(name, help=summary)
    for leaf in _leaves(parser):
        _add_common(leaf)
    return parser


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parsers that end a command line: `edged people list`, not `edged people`."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001  argparse has no public way to its subparsers
    if not inner:
        yield parser
    for action in inner:
        for child in action.choices.values():
            yield from _leaves(child)


def _add_common(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("everywhere")
    if parser.get_default("own_config") is None:
        group.add_argument(
            "--config",
            type=Path,
            default=Path(os.environ["EDGED_CONFIG"]) if os.environ.get("EDGED_CONFIG") else None,
            metavar="FILE",
            help="the configuration (default: $EDGED_CONFIG, else /etc/edged/edged.yaml where it exists)",
        )
    group.add_argument("--json", action="store_true", help="one JSON document on standard output, for programs")
