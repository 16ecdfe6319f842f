"""What the words of a command have in common, whatever the command."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final, TypeAlias

from edged.commands.console import Console

Words: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  argparse has no public name for it

OWN_CONFIG: Final = {"needs_document": False, "own_config": True}
"""Of a word that has a configuration of its own, and not the device's."""


def add_word(
    words: Words,
    name: str,
    about: str,
    description: str,
    epilog: str,
    run: Callable[[argparse.Namespace, Console], int],
    **defaults: bool,
) -> argparse.ArgumentParser:
    """A parser for a word. `run`: what it does; `defaults`: what else stands in its arguments, as `OWN_CONFIG`."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = words.add_parser(name, help=about, description=description, epilog=epilog, formatter_class=raw)
    parser.set_defaults(run=run, **defaults)
    return parser
