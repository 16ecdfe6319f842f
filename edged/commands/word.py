"""What the words of a command have in common, whatever the command."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

from edged.commands.console import Console

Words: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  argparse has no public name for it


def add_word(
    words: Words,
    name: str,
    about: str,
    description: str,
    epilog: str,
    run: Callable[[argparse.Namespace, Console], int],
) -> argparse.ArgumentParser:
    """A parser for a word. `run`: what it does."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = words.add_parser(name, help=about, description=description, epilog=epilog, formatter_class=raw)
    parser.set_defaults(run=run)
    return parser


def add_own_word(
    words: Words,
    name: str,
    about: str,
    description: str,
    epilog: str,
    run: Callable[[argparse.Namespace, Console], int],
) -> argparse.ArgumentParser:
    """The same for a word that has a configuration of its own, and not the device's."""
    parser = add_word(words, name, about, description, epilog, run)
    parser.set_defaults(needs_document=False, own_config=True)
    return parser
