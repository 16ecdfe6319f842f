"""`edged hub migrate`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.hub_word import Words, add_word, settings_of
from edged.domain.errors import Refused, Unavailable, Unsupported
from edged.hub.home import HubHome
from edged.hub.photo_bucket import BucketAddress, PhotoBucket
from edged.hub.photo_files import PhotoFiles, PhotoFolder
from edged.hub.signature import Credentials

_DESCRIPTION: Final = """\
Move everybody, every photograph and the audit log from the hub's own storage to a PostgreSQL server
with pgvector. The hub may go on meanwhile: run this once, and again to move what has changed since.
Then stop the hub and run it with --finish, which compares every row of both sides and tells what to
write into hub.yaml. It may be cut off at any moment and run again.

The password belongs into the environment (PGPASSWORD), into ~/.pgpass, or into a file that --to-file
names; the keys of the storage of photographs into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""
_EPILOG: Final = """\
Examples:
  export PGPASSWORD=... AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...
  to=postgresql://hub@db.example.org/edged photos=s3://s3.example.org/acme-photos/hub
  edged hub migrate --config /srv/hub/hub.yaml --to $to --photos $photos
  sudo systemctl stop edged-hub
  edged hub migrate --config /srv/hub/hub.yaml --to $to --photos $photos --finish
"""
_MOST_ADDRESS: Final = 4096


def register(words: Words) -> None:
    parser = add_word(words, "migrate", "move to a PostgreSQL server", _DESCRIPTION, _EPILOG, _run)
    to = parser.add_mutually_exclusive_group(required=True)
    to.add_argument("--to", metavar="ADDRESS", help="of an empty database: postgresql://USER@HOST/DATABASE")
    to.add_argument("--to-file", type=Path, metavar="FILE", help="a file with that address, password and all")
    parser.add_argument(
        "--photos", metavar="ADDRESS", help="s3://HOST/BUCKET/PREFIX (default: they stay where they are)"
    )
    parser.add_argument("--finish", action="store_true", help="the hub is stopped: move the rest, compare, and be done")


def _run(args: argparse.Namespace, out: Console) -> int:
    try:
        from edged.hub.migration import migrate  # noqa: PLC0415  the driver is an extra
        from edged.hub.postgresql.address import shown, without_password  # noqa: PLC0415
        from edged.hub.postgresql.database import Database  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise Unsupported(
            f"the driver of PostgreSQL is not installed ({error.name})", "Install edged[postgresql]"
        ) from error

    address = _read(args.to_file) if args.to_file else without_password(args.to)
    home = HubHome.of(settings_of(args))
    source_files = PhotoFolder(home.photos)
    with (
        _kept_in(args.photos, source_files) as files,
        home.held(alone=args.finish),
        closing(home.open_database()) as source,
        closing(Database.open(address)) as target,
    ):
        moved = migrate(source, source_files, target, files, finish=args.finish, progress=out.progress)
    lines = [f"store.postgresql: {shown(address)}"] + ([f"store.photos: {args.photos}"] if args.photos else [])
    if moved.finished:
        tell = (
            f"{moved.people} people and {moved.photos} photographs are on the server; every row was compared.\n"
            "Write into hub.yaml, give the hub the same password and keys, and start it:\n  " + "\n  ".join(lines)
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
            "configuration": lines,
        },
        tell,
    )
    return Exit.OK


@contextmanager
def _kept_in(address: str | None, source: PhotoFiles) -> Iterator[PhotoFiles]:
    """Where photographs are to be: where they are, or in a bucket."""
    if address is None:
        yield source
    else:
        with closing(_bucket(address)) as bucket:
            yield bucket


def _bucket(address: str) -> PhotoBucket:
    access, secret = (os.environ.get(name, "") for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    if not access or not secret:
        raise Refused(
            "no_keys",
            "the keys of the storage of photographs are missing",
            "Put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    return PhotoBucket(
        BucketAddress.read(address), Credentials(access, secret, os.environ.get("AWS_SESSION_TOKEN", ""))
    )


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_MOST_ADDRESS).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"cannot read {path}", "Check who may read it") from error
