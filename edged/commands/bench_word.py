"""What every word of `edged bench` has: its parser, and how it answers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edged.commands.console import Console
from edged.commands.word import Words

if TYPE_CHECKING:
    from edged.measure.report import Report


def add_word(words: Words, name: str, summary: str, text: str) -> argparse.ArgumentParser:
    """A parser for a word; `text`: its description, and after that its examples."""
    description, _, examples = text.partition("\nExample")
    word = words.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"Example{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    word.add_argument("--quick", action="store_true", help="a fraction of it, to see that it works")
    word.add_argument("--write", type=Path, metavar="PAGE", help="put the result into a Markdown page as well")
    return word


def answer(args: argparse.Namespace, out: Console, report: Report, document: dict[str, Any]) -> None:
    """Says the result, and writes it where `--write` asks for it."""
    from edged.measure.report import machine_description  # noqa: PLC0415  not for `--help`

    if args.write:
        report.write(args.write)
    out.result({"machine": machine_description(), **document}, report.text())
