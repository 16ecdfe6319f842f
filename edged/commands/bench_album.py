"""`edged bench album`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_ALBUM: Final = """\
What looking at a group photograph of an album takes and finds: pictures of 24 megapixels are composed of thirty faces
each, from a back row's to close ones, and looked at as a hub or a booth does: decoded, everybody found and embedded, a
preview and a thumbnail made. How many are found by the height of their faces, whether they are recognised, where the
time goes, how much memory it takes, and what a single look at the whole picture finds. About seven seconds a
photograph, a minute more for the faces. --photos names a folder with a folder of photographs for each person, as
Labeled Faces in the Wild has it.

Examples:
  edged bench album --photos lfw --quick
  edged bench album --photos lfw --write docs/benchmarks.md
"""
_EACH: Final = 6


def register(words: Words) -> None:
    """Adds the word."""
    album = add_word(words, "album", "group photographs: everybody found, and how soon", _ALBUM)
    album.add_argument("--photos", type=Path, required=True, metavar="DIR", help="faces: a folder for each person")
    album.add_argument(
        "--each", type=int, metavar="N", help=f"photographs of each size of faces (default: {_EACH}, quick: 1)"
    )
    album.set_defaults(run=_album)


def _album(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.album_index import measure_album_index  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.measure.album_report import album_report, is_good  # noqa: PLC0415

    each = args.each or (1 if args.quick else _EACH)
    found = measure_album_index(args.document.models, args.photos, each, out.progress)
    answer(args, out, album_report(found), asdict(found))
    return Exit.OK if is_good(found) or args.quick else Exit.FAILED
