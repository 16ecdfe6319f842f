"""`edged bench audit`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_AUDIT: Final = """\
Whether damage to the audit log is found, each time in one way drawn at random: an entry altered, removed or inserted,
two swapped, the end cut off, hashes made anew, an older copy of everything; and what adding and verifying costs. In
temporary folders; needs no models. Some minutes.

Examples:
  edged bench audit --quick
  edged bench audit --trials 500 --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the word."""
    audit = add_word(words, "audit", "is damage to the audit log found?", _AUDIT)
    audit.add_argument("--trials", type=int, default=500, metavar="N", help="how often to damage (default: 500)")
    audit.set_defaults(run=_audit, needs_document=False)


def _audit(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.audit_report import audit_report, measure_audit  # noqa: PLC0415  not for `--help`

    amount = {"trials": 16, "entries": 300, "verified": 6000} if args.quick else {"entries": 4000, "verified": 100_000}
    found = measure_audit(out.progress, **{"trials": args.trials, **amount})
    answer(args, out, audit_report(found), asdict(found))
    return Exit.OK if found.damaged.is_good else Exit.FAILED
