"""`edged bench pages`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_PAGES: Final = """\
How much the pages that guests see fetch, and how soon they can be used: in a real Chromium without a window that has
never seen them, over the loopback, with its processor slowed down four times. About a minute; Chromium must be
installed.

Examples:
  edged bench pages --quick
  edged bench pages --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the word."""
    pages = add_word(words, "pages", "what guests' pages fetch, and how soon they can be used", _PAGES)
    pages.set_defaults(run=_pages)


def _pages(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.page_weight import FULL, QUICK, measure_pages, page_report  # noqa: PLC0415  not for `--help`

    trials = measure_pages(QUICK if args.quick else FULL, out.progress)
    answer(args, out, page_report(trials), {"trials": [asdict(trial) for trial in trials]})
    return Exit.OK
