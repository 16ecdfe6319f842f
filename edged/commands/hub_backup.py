"""`edged hub backup` and `edged hub restore`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.hub_word import Words, add_word, settings_of
from edged.hub.backup import SUFFIX, back_up, restore
from edged.hub.home import HubHome

_BACKUP: Final = """\
Write everybody, every photograph, every token's digest and the audit log into one file, while the
hub goes on. The file is sealed with the hub's key (data/key, or store.key_file) and opens nowhere
without it: keep a copy of that key elsewhere, and not beside the backups.
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
"""
_RESTORE_EPILOG: Final = """\
Examples:
  sudo systemctl stop edged-hub
  edged hub restore --config /srv/hub/hub.yaml /mnt/backups/2026-11-25.edged-hub --force
"""


def register(words: Words) -> None:
    backup = add_word(words, "backup", "write everything into one sealed file", _BACKUP, _BACKUP_EPILOG, _backup)
    backup.add_argument("file", type=Path, metavar="FILE", help="the file to write; must not be there yet")
    back = add_word(words, "restore", "put a backup back", _RESTORE, _RESTORE_EPILOG, _restore)
    back.add_argument("file", type=Path, metavar="FILE", help="the backup")
    back.add_argument("--force", action="store_true", help="also where there is data already, whose place it takes")


def _backup(args: argparse.Namespace, out: Console) -> int:
    home = HubHome.of(settings_of(args))
    with home.held():
        contents = back_up(home, args.file.absolute())
    out.result(
        {"file": str(args.file.absolute()), "photos": contents.photos, "bytes": contents.size},
        f"{args.file} holds the database and {contents.photos} files of photographs.",
    )
    return Exit.OK


def _restore(args: argparse.Namespace, out: Console) -> int:
    home = HubHome.of(settings_of(args))
    with home.held(alone=True):
        contents = restore(home, args.file, force=args.force)
    out.result(
        {"directory": str(home.root), "photos": contents.photos, "bytes": contents.size},
        f"The database and {contents.photos} files of photographs are back. Start the hub again.",
    )
    return Exit.OK
