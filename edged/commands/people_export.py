"""`edged people export`: everybody as files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edged.commands.console import Console, Exit
from edged.config.document import Document
from edged.gallery.people import People
from edged.gallery.roster_writer import everybody, write_roster

_DESCRIPTION = """\
Write who is enrolled, with all fields, as manifest.json and, for spreadsheets, manifest.csv, into a
new folder or zip archive. `edged people import` reads it again. With --faces the faces that were
kept of their photographs (privacy.keep_crops) are in it as well, as pictures that anybody can open:
whoever imports it recognises everybody at once. Without, people come back by name only. In the
table a cell that a spreadsheet would run as a formula has an apostrophe before it, which the import
takes off again.
"""
_EPILOG = """\
Exit codes: 0 written, 1 it could not be written, or is there already.

Examples:
  edged people export people.zip --faces
  edged people export /media/usb/people
"""


def register(
    words: argparse._SubParsersAction[argparse.ArgumentParser], open_people: Callable[[Document], People]
) -> None:
    """Adds `export`."""
    parser = words.add_parser(
        "export",
        help="write who is enrolled into a folder or a zip archive",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", metavar="FILE.zip|FOLDER", type=Path, help="must not be there yet")
    parser.add_argument("--faces", action="store_true", help="also write the kept faces, unsealed")

    def run(args: argparse.Namespace, out: Console) -> int:
        with closing(open_people(args.document)) as people:
            count, faces = write_roster(args.target, everybody(people), people.crops if args.faces else None)
        text = f"{args.target}: {count:,} people" + (f", {faces:,} faces" if args.faces else "")
        out.result({"target": str(args.target), "people": count, "faces": faces}, text)
        return Exit.OK

    parser.set_defaults(run=run)
