"""`edged hub migrate`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, settings_of
from edged.commands.word import Words
from edged.domain.errors import Refused
from edged.hub.home import HubHome
from edged.hub.photo_keys import open_bucket
from edged.hub.stores import driver_needed
from edged.photos.photo_files import PhotoFiles, PhotoFolder

_DESCRIPTION: Final = """\
Move everybody, every photograph and the audit log from the hub's own storage to a PostgreSQL server
with pgvector. The hub may go on meanwhile: run this once, and again to move what has changed since.
Then stop the hub and run it with --finish, which compares every row of both sides and tells what to
write into hub.yaml. It may be cut off at any moment and run again.

The password belongs into the environment (PGPASSWORD), into ~/.pgpass, or into a file that --to-file
names; the keys of the storage of photographs into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or
into a file that --photos-keys names.
"""
_EPILOG: Final = """\
Examples:
  export PGPASSWORD=... AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...
  to=postgresql://hub@db.example.org/edged photos=s3://s3.example.org/acme-photos/hub
  edged hub migrate --config /srv/hub/hub.yaml --to $to --photos $photos
  sudo systemctl stop edged-hub
  edged hub migrate --config /srv/hub/hub.yaml --to $to --photos $photos --finish
"""


def register(words: Words) -> None:
    parser = add_word(words, "migrate", "move to a PostgreSQL server", _DESCRIPTION, _EPILOG, _run)
    to = parser.add_mutually_exclusive_group(required=True)
    to.add_argument("--to", metavar="ADDRESS", help="of an empty database: postgresql://USER@HOST/DATABASE")
    to.add_argument("--to-file", type=Path, metavar="FILE", help="a file with that address, password and all")
    parser.add_argument(
        "--photos", metavar="ADDRESS", help="s3://HOST/BUCKET/PREFIX (default: they stay where they are)"
    )
    parser.add_argument(
        "--photos-keys", type=Path, metavar="FILE", help="the storage's keys, in the form of ~/.aws/credentials"
    )
    parser.add_argument("--finish", action="store_true", help="the hub is stopped: move the rest, compare, and be done")


def _run(args: argparse.Namespace, out: Console) -> int:
    with driver_needed():
        from edged.hub.migration import migrate  # noqa: PLC0415  the driver is an extra
        from edged.hub.postgresql.address import read_address, without_password  # noqa: PLC0415
        from edged.hub.postgresql.database import Database  # noqa: PLC0415

    address = read_address(args.to_file) if args.to_file else without_password(args.to)
    home = HubHome.of(settings_of(args))
    if not home.database.exists():
        raise Refused("no_hub", f"there is no hub's database in {home.root}", "Name the document of the hub that moves")
    source_files = PhotoFolder(home.photos)
    with (
        _kept_in(args.photos, args.photos_keys, source_files) as files,
        home.held(alone=args.finish),
        closing(home.open_database()) as source,
        closing(Database.open(address)) as target,
    ):
        moved = migrate(source, source_files, target, files, finish=args.finish, progress=out.progress)
    document = _document(args)
    lines = "".join(f"\n  {name}: {json.dumps(value)}" for name, value in document.items())
    if moved.finished:
        tell = (
            f"{moved.people} people and {moved.photos} photographs are on the server; every row was compared.\n"
            "Write into hub.yaml, give the hub the same password and keys, and start it:\n"
            f"store:{lines}"
        )
    else:
        tell = (
            f"{moved.people} people and {moved.photos} photographs are on the server. What changes from now on moves "
            "when this is run again.\nStop the hub, and run it with --finish."
        )
    out.result(
        {
            "people": moved.people,
            "photos": moved.photos,
            "revision": moved.revision,
            "finished": moved.finished,
            "compared": {table.table: table.here for table in moved.tables},
            "configuration": {"store": document},
        },
        tell,
    )
    return Exit.OK


def _document(args: argparse.Namespace) -> dict[str, str]:
    """What `store` of the document must say, without any secret."""
    named = {
        "postgresql": args.to,
        "postgresql_file": args.to_file and str(args.to_file.absolute()),
        "photos": args.photos,
        "photos_keys": args.photos_keys and str(args.photos_keys.absolute()),
    }
    return {name: value for name, value in named.items() if value}


@contextmanager
def _kept_in(address: str | None, keys: Path | None, source: PhotoFiles) -> Iterator[PhotoFiles]:
    """Where photographs are to be: where they are, or in a bucket."""
    if address is None:
        yield source
    else:
        with closing(open_bucket(address, keys)) as bucket:
            yield bucket
