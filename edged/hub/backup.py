"""A backup of a hub: the database and the photographs in one sealed file."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.hub.home import HubHome
from edged.hub.sqlite.backup import copy_database, make_fit
from edged.hub.sqlite.database import translated
from edged.vault.private_file import private_directory, private_file, sync_directory
from edged.vault.sealed_file import PIECE_BYTES, read_sealed, write_sealed

SUFFIX: Final = ".edged-hub"
_CONTEXT: Final = b"hub backup"
_PURPOSE: Final = "hub backups"
_DATABASE: Final = "hub.db"
_PHOTOS: Final = "photos"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds. `size`: bytes of content, before they were sealed."""

    photos: int
    size: int


def back_up(home: HubHome, target: Path) -> Contents:
    """Writes a backup, whether the hub runs or not. Blocks until it is on the disk.

    The database is as it was at one moment. A photograph that is deleted meanwhile may be missing in the file, one that
    is added meanwhile may be in it without its row; neither does harm.

    Args:
        home: what to back up.
        target: the file to write; is there none yet.

    Raises:
        Refused: `exists`: there is such a file.
        Unavailable: the disk does not let us, or the key is missing.
        Corrupt: the database is damaged.
    """
    if target.exists():
        raise Refused("exists", f"there is a file {target} already", "Name another")
    if not home.database.exists():
        raise Refused("no_hub", f"there is no hub in {home.root}")
    seal = home.open_vault().seal_for(_PURPOSE)
    count = [0, 0]
    with translated(home.database), tempfile.TemporaryDirectory(dir=home.root, prefix=".backup-") as draft:
        snapshot = Path(draft) / _DATABASE
        copy_database(home.database, snapshot)
        files = [(snapshot, _DATABASE)]
        files += [
            (path, f"{_PHOTOS}/{path.relative_to(home.photos).as_posix()}")
            for path in sorted(home.photos.rglob("*"))
            if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
        ]
        write_sealed(target, _packed(files, count), seal, _CONTEXT)
    return Contents(count[0] - 1, count[1])


def restore(home: HubHome, source: Path, *, force: bool) -> Contents:
    """Puts a backup in the place of what the directory holds. Blocks.

    The caller holds the directory alone. Everything is unsealed and checked before anything is replaced; what was
    there is deleted last. What the database that is replaced knows better stays: see `make_fit`.

    Args:
        home: where to; its key must be the one that the backup was sealed with.
        source: the file.
        force: also where there is a database already, which it takes the place of.

    Raises:
        Refused: `not_empty`: there is a database.
        Corrupt: the file is damaged, or sealed with another key.
        Unavailable: the disk does not let us, or the key is missing.
    """
    if home.database.exists() and not force:
        raise Refused("not_empty", f"{home.root} has a database already", "With --force the backup takes its place")
    seal = home.open_vault().seal_for(_PURPOSE)
    with translated(home.database), tempfile.TemporaryDirectory(dir=home.root, prefix=".restore-") as draft:
        fresh, old = Path(draft) / "fresh", Path(draft) / "old"
        private_directory(fresh / _PHOTOS)
        private_directory(old)
        contents = _unpacked(read_sealed(source, seal, _CONTEXT), fresh)
        make_fit(fresh / _DATABASE, home.database)
        _swapped(home, fresh, old)
    return contents


def _swapped(home: HubHome, fresh: Path, old: Path) -> None:
    """Puts what is in `fresh` in its place, and what was there into `old`; all of it, or nothing where the disk fails.

    The database comes last, in one step: whoever is stopped in between starts the restore again.
    """
    aside = [name for name in (f"{_DATABASE}-wal", f"{_DATABASE}-shm", _PHOTOS) if (home.root / name).exists()]
    try:
        for name in aside:
            (home.root / name).rename(old / name)
        (fresh / _PHOTOS).rename(home.photos)
        (fresh / _DATABASE).replace(home.database)
    except OSError:
        if home.photos.exists() and (old / _PHOTOS).exists():
            home.photos.rename(fresh / _PHOTOS)
        for name in aside:
            if (old / name).exists():
                (old / name).rename(home.root / name)
        raise
    sync_directory(home.root)


def _packed(files: list[tuple[Path, str]], count: list[int]) -> Iterator[bytes]:
    """For each file a line of JSON with name and size, and its content, in pieces."""
    for path, name in files:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue  # a photograph that was deleted meanwhile
        with file:
            size = os.fstat(file.fileno()).st_size
            yield json.dumps({"name": name, "size": size}).encode() + b"\n"
            left = size
            while left:
                piece = file.read(min(left, PIECE_BYTES))
                if not piece:
                    raise Unavailable(f"{path} became shorter while it was read", "Try again")
                left -= len(piece)
                yield piece
        count[0] += 1
        count[1] += size


def _unpacked(pieces: Iterator[bytes], folder: Path) -> Contents:
    """Writes what `_packed` gave below a folder; to the end of the last piece, which proves that none is missing."""
    photos = total = 0
    for head in pieces:
        try:
            entry = json.loads(head)
            name, left = str(entry["name"]), int(entry["size"])
        except (ValueError, KeyError, TypeError):
            raise Corrupt("the backup is not in a known form") from None
        path = _place(folder, name)
        private_directory(path.parent)
        with private_file(path) as file:
            while left:
                piece = next(pieces, b"")
                if not piece or len(piece) > left:
                    raise Corrupt("the backup is cut off")
                file.write(piece)
                left -= len(piece)
        photos += name != _DATABASE
        total += path.stat().st_size
    if not (folder / _DATABASE).exists():
        raise Corrupt("the backup holds no database")
    return Contents(photos, total)


def _place(folder: Path, name: str) -> Path:
    """Where a file of this name belongs: never outside of the folder."""
    parts = PurePosixPath(name).parts
    if name != _DATABASE and (parts[:1] != (_PHOTOS,) or len(parts) < 2 or any(part in {"..", "."} for part in parts)):
        raise Corrupt(f"the backup names a file that has no place in it: {name[:100]!r}")
    return folder.joinpath(*parts)
