"""`edged bench uploads`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_UPLOADS: Final = """\
Whether a hub refuses what is no photograph: more than 700 files, made of a good photograph, are sent to a real hub, as
photographs of an album and as selfies: cut off, broken, moving, polyglot, bombs, with junk for EXIF, in other formats.
None may be taken, none may make the hub fail, and each must be refused with the reason for it; and photographs as
cameras and phones write them must be taken. Everything lies in a temporary folder. About two minutes.

Examples:
  edged bench uploads --photo build/photos/astronaut.png --quick
  edged bench uploads --photo build/photos/astronaut.png --write docs/benchmarks.md
"""
_QUICK: Final = 10
"""Each tenth file."""


def register(words: Words) -> None:
    """Adds the word."""
    uploads = add_word(words, "uploads", "does a hub refuse what is no photograph?", _UPLOADS)
    uploads.add_argument("--photo", type=Path, required=True, metavar="FILE", help="a good photograph of somebody")
    uploads.set_defaults(run=_uploads)


def _uploads(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.uploads import measure_uploads, uploads_report  # noqa: PLC0415  not for `--help`

    found = measure_uploads(args.document.models, args.photo.read_bytes(), _QUICK if args.quick else 1, out.progress)
    wrong = [sent for sent in found.hostile if not sent.is_refused_rightly]
    wrong += [sent for sent in found.sound if not sent.is_taken]
    document = {
        "hostile": len(found.hostile),
        "sound": len(found.sound),
        "crashes": found.crashes,
        "failed": found.failed,
        "taken": found.taken,
        "misjudged": found.misjudged,
        "lost": found.lost,
        "before_mb": found.before_mb,
        "peak_mb": found.peak_mb,
        "costliest": found.costliest,
        "costliest_s": found.costliest_s,
        "slowest_s": max(sent.seconds for sent in found.hostile),
        "wrong": [{**asdict(sent), "upload": f"{sent.upload.family}: {sent.upload.name}"} for sent in wrong],
    }
    answer(args, out, uploads_report(found), document)
    return Exit.OK if found.is_good else Exit.FAILED
