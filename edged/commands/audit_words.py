"""What the words of `edged audit` have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from edged.commands.console import Console
from edged.commands.word import Words
from edged.config.document import Document

if TYPE_CHECKING:
    from edged.audit.records import Records


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


@contextmanager
def records_of(document: Document) -> Iterator[Records]:
    """The audit log of the device, to read.

    Raises:
        Unavailable: there is none, or it cannot be read; Corrupt: it is no audit log.
    """
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415  not for `--help`

    with closing(StateDir.of(document).open_records(document)) as records:
        yield records
