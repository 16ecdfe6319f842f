"""Files of photographs that no row names any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from edged.photos import photo_rows
from edged.photos.album_database import AlbumDatabase
from edged.photos.photo_files import PhotoFiles

_BATCH: Final = 50
"""Files that are deleted in one transaction: others wait for it no longer than for any other."""


def sweep(database: AlbumDatabase, files: PhotoFiles, digests: Iterable[str]) -> int:
    """Deletes those files that nobody has any more; how many. Some at a time: others write meanwhile.

    Args:
        database: whose rows name files; digests: of files that may be left over.
    """
    left, deleted = iter(digests), 0
    while batch := list(islice(left, _BATCH)):
        deleted += _swept(database, files, batch)
    return deleted


def _swept(database: AlbumDatabase, files: PhotoFiles, digests: Sequence[str]) -> int:
    with database.reading() as connection:
        candidates = photo_rows.unused(connection, digests)
    if not candidates:
        return 0
    with database.writing() as connection:
        leftover = photo_rows.unused(connection, candidates)
        for digest in leftover:
            files.delete(digest)
    return len(leftover)
