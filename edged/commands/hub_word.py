"""What every word of `edged hub` has: its parser, its configuration, and what it opens."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from edged.commands import word
from edged.commands.console import Console
from edged.hub.home import HubHome
from edged.hub.settings import HubSettings, load_settings
from edged.hub.stores import Stores, open_stores


def add_word(
    words: word.Words,
    name: str,
    about: str,
    description: str,
    epilog: str,
    run: Callable[[argparse.Namespace, Console], int],
    *,
    configured: bool = True,
) -> argparse.ArgumentParser:
    """A parser for a word.

    Args:
        run: what it does.
        configured: it reads the hub's configuration.
    """
    parser = word.add_word(words, name, about, description, epilog, run, **word.OWN_CONFIG)
    if configured:
        named = os.environ.get("EDGED_HUB_CONFIG")
        parser.add_argument(
            "--config",
            type=Path,
            default=Path(named) if named else None,
            metavar="FILE",
            help="the hub's configuration (default: $EDGED_HUB_CONFIG, else /etc/edged/hub.yaml)",
        )
    return parser


def settings_of(args: argparse.Namespace) -> HubSettings:
    return load_settings(args.config)


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Stores]:
    """The hub's stores, whether the hub runs or not."""
    settings = settings_of(args)
    home = HubHome.of(settings)
    with home.held(), closing(open_stores(settings.store, home)) as stores:
        yield stores
