"""`edged hub backup` and `edged hub restore`."""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, settings_of
from edged.commands.word import Words
from edged.domain.errors import Refused
from edged.hub.backup import SUFFIX, back_up, restore
from edged.hub.home import HubHome
from edged.hub.operator import operator
from edged.hub.settings import HubSettings
from edged.hub.stores import open_server

_BACKUP: Final = """\
Write everybody, every photograph, every token's digest and the audit log into one file, while the
hub goes on. The file is sealed with the hub's key (data/key, or store.key_file) and opens nowhere
without it: keep a copy of that key elsewhere, and not beside the backups.

A hub on PostgreSQL is not copied by this: pg_dump does it, and the versioning of the bucket keeps
photographs; see `edged hub restore --help`.
"""
_BACKUP_EPILOG: Final = f"""\
Examples:
  edged hub backup --config /srv/hub/hub.yaml /mnt/backups/$(date +%F){SUFFIX}
"""
_RESTORE: Final = """\
Put a backup in the place of the hub's data. The hub must be stopped, and its key be the one that
the backup was sealed with.

Whoever was enrolled since the backup must be enrolled again. Whoever was deleted since stays
deleted, and tokens are as they were at last, as far as the database that is replaced can still be
read. Photographs of events are those of the backup.

On a new machine: `edged hub init` a folder, put the kept key into data/key, remove data/key.mark
and data/hub.db, and restore. Tokens are then those of the backup.

A hub on PostgreSQL is put back by pg_restore, into an empty database, while all hubs are stopped.
Afterwards run this with --renew-epoch, once, before they start: devices then fetch everybody anew,
and no number is given twice. Nobody knows then who was deleted, or which token was revoked, since
the copy was made: do it again.
"""
_RESTORE_EPILOG: Final = """\
Examples:
  sudo systemctl stop edged-hub
  edged hub restore --config /srv/hub/hub.yaml /mnt/backups/2026-11-25.edged-hub --force

On PostgreSQL:
  pg_dump --format=custom --file=/mnt/backups/2026-11-25.dump postgresql://hub@db.example.org/edged
  createdb --host=db.example.org --username=hub edged-again
  pg_restore --no-owner --exit-on-error --dbname=postgresql://hub@db.example.org/edged-again \\
      /mnt/backups/2026-11-25.dump
  edged hub restore --config /srv/hub/hub.yaml --renew-epoch
"""


def register(words: Words) -> None:
    backup = add_word(words, "backup", "write everything into one sealed file", _BACKUP, _BACKUP_EPILOG, _backup)
    backup.add_argument("file", type=Path, metavar="FILE", help="the file to write; must not be there yet")
    back = add_word(words, "restore", "put a backup back", _RESTORE, _RESTORE_EPILOG, _restore)
    back.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the backup")
    back.add_argument(
        "--renew-epoch", action="store_true", help="on PostgreSQL, after pg_restore: begin a new life of the directory"
    )
    back.add_argument("--force", action="store_true", help="also where there is data already, whose place it takes")


def _backup(args: argparse.Namespace, out: Console) -> int:
    settings = settings_of(args)
    if settings.store.on_server:
        raise _on_server("pg_dump --format=custom --file=FILE ADDRESS copies it")
    home = HubHome.of(settings)
    with home.held():
        contents = back_up(home, args.file.absolute())
    out.result(
        {"file": str(args.file.absolute()), "photos": contents.photos, "bytes": contents.size},
        f"{args.file} holds the database and {contents.photos} files of photographs.",
    )
    return Exit.OK


def _restore(args: argparse.Namespace, out: Console) -> int:
    settings = settings_of(args)
    if args.renew_epoch:
        return _renew_epoch(settings, args.file, out)
    if settings.store.on_server:
        raise _on_server("pg_restore --dbname=ADDRESS FILE puts a copy back, and then --renew-epoch is needed")
    if args.file is None:
        raise Refused("no_file", "it is not said which backup to put back", "Name its file")
    home = HubHome.of(settings)
    with home.held(alone=True):
        contents = restore(home, args.file, force=args.force)
    out.result(
        {"directory": str(home.root), "photos": contents.photos, "bytes": contents.size},
        f"The database and {contents.photos} files of photographs are back. Start the hub again.",
    )
    return Exit.OK


def _renew_epoch(settings: HubSettings, file: Path | None, out: Console) -> int:
    if not settings.store.on_server or file is not None:
        raise Refused(
            "not_on_postgresql",
            "--renew-epoch is for a hub on PostgreSQL, after pg_restore, and takes no file",
            "Restoring a file of `edged hub backup` renews the epoch by itself",
        )
    with closing(open_server(settings.store)) as database:
        from edged.hub.postgresql.new_life import begin_new_life  # noqa: PLC0415  needs the driver

        epoch = begin_new_life(database, time.time(), by=operator())
    out.result({"epoch": epoch}, "A new life of the directory has begun. Start the hubs again.")
    return Exit.OK


def _on_server(how: str) -> Refused:
    return Refused(
        "on_postgresql",
        f"this hub's data are in PostgreSQL, which has copies of its own: {how}",
        "Photographs are kept by the bucket's versioning, or by copying their folder. "
        "See `edged hub restore --help` for the commands",
    )
