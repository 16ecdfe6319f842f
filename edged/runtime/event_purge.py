"""Ending an event for good: nothing of it is left on the device but a signed report of what was removed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from edged.config.document import Document
from edged.domain.errors import Unavailable
from edged.domain.timestamp import utc
from edged.photos import intake_rows, purge_rows
from edged.photos.album import Doer, Purge, Tally
from edged.photos.database import PhotoDatabase
from edged.photos.kept import KeptPurge
from edged.photos.photo_files import PhotoFiles, PhotoFolder
from edged.photos.purge_mark import list_digest
from edged.photos.purged_copies import PurgedCopies
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.state_dir import DAMAGED, StateDir
from edged.vault.receipt import sign

KIND: Final = "edged.event_purge"
COPIES_KIND: Final = "edged.event_purge_copies"
Told = Callable[[int, int], None]
"""Told how many files are removed, and of how many."""


def _untold(_done: int, _of: int) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class _Counted:
    """`PhotoFiles` that tells of each file it removes. `later`: it removes none, somebody else does."""

    files: PhotoFiles
    told: Told = _untold
    of: int = 0
    later: bool = False
    done: int = 0

    def put(self, digest: str, content: bytes) -> None:
        self.files.put(digest, content)

    def get(self, digest: str) -> bytes | None:
        return self.files.get(digest)

    def open(self, digest: str) -> BinaryIO | None:
        return self.files.open(digest)

    def delete(self, digest: str) -> None:
        if self.later:
            return
        self.files.delete(digest)
        self.done += 1
        self.told(self.done, max(self.of, self.done))

    def digests(self) -> Iterator[str]:
        return self.files.digests()


class EventPurge:
    """Purges events of a device. Any thread, and any process, also beside the daemon.

    In three steps, each of which may be cut off and is done again then. The rows go in one transaction, and the event
    is purged from then on: nobody brings it back. Its files go next. What is left by those who were at work or were
    killed meanwhile, and what the database keeps of deleted rows, goes last; not before has the purge its report.

    Args:
        state, document: of the device. database: of its events.
    """

    def __init__(self, state: StateDir, document: Document, database: PhotoDatabase) -> None:
        self._state = state
        self._document = document
        self._database = database
        self._folder: PhotoFolder = state.photo_files

    def begin(self, organisation: str, slug: str, *, by: Doer) -> Purge | None:
        """Removes an event's rows; its files wait for `sweep`. Blocks for the disk, for seconds where there is much.

        Returns:
            What is left of it, without a report yet; None: there is no such event.

        Raises:
            Unavailable: the disk does not let us; nothing was changed.
        """
        return SqliteAlbums(self._database, _Counted(self._folder, later=True)).purge_event(organisation, slug, by=by)

    def sweep(self, told: Told = _untold, of: int = 0) -> None:
        """Removes all files that no event has. Blocks for the disk: some milliseconds for each.

        Args:
            of: how many there may be.

        Raises:
            Unavailable: the disk does not let us; some may be gone.
        """
        SqliteAlbums(self._database, _Counted(self._folder, told, of)).tidy()

    def pending(self) -> Sequence[Purge]:
        """Those that have no report yet, the one that has waited longest first."""
        with self._database.reading() as connection:
            return purge_rows.unsigned(connection)

    def finish(self, purges: Sequence[Purge], now: float) -> Sequence[Mapping[str, Any]]:
        """Sees to it that nothing is left of these events, and signs their reports.

        To be called only when whoever was about to add a photograph while one of them was purged has given up: some
        seconds later. What was done before a kill is done again. Blocks for the disk: the database is written anew.

        Args:
            now: UTC seconds since the epoch.

        Raises:
            Unavailable: something cannot be removed at the moment; try again. Nothing is signed then.
            Corrupt: the database is damaged.
        """
        if not purges:
            return ()
        albums = SqliteAlbums(self._database, self._folder)
        albums.tidy()
        if self._folder.is_being_written():
            raise Unavailable("a photograph is being written", "It is tried again in a moment.")
        with self._database.writing() as connection:
            for purge in purges:
                intake_rows.forget_event(connection, purge.event)
        self._remove_damaged()
        self._database.rewrite()
        if not self._database.empty_log():
            raise Unavailable("a reader keeps the log of the database open", "It is tried again in a moment.")
        key = self._state.open_vault(self._document).signing_key()
        reports = [sign(statement(self._document.device.name, purge, now), key) for purge in purges]
        for purge, report in zip(purges, reports, strict=True):
            albums.sign_purge(purge.event, json.dumps(report))
        return reports

    def heed(self, hub: str, gone: KeptPurge, now: float) -> None:
        """Signs and keeps what a hub says of its copies of an event that was purged here. Blocks for the disk.

        Args:
            hub: its address. now: UTC seconds since the epoch.

        Raises:
            Unavailable, Corrupt: the disk does not let us.
        """
        with self._database.reading() as connection:
            ours = purge_rows.of_event(connection, gone.event)
        if ours is None:
            return
        key = self._state.open_vault(self._document).signing_key()
        told = copies_statement(self._document.device.name, ours, hub, gone, now)
        PurgedCopies(self._database).note(gone.event, hub, sign(told, key))

    def _remove_damaged(self) -> None:
        """What was set aside cannot be cleaned of one event."""
        try:
            for path in self._state.root.glob(f"{self._state.photos.name}*{DAMAGED}*"):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{error.filename} cannot be removed: {error.strerror}", "Check the disk.") from error


def statement(device: str, purge: Purge, now: float) -> dict[str, Any]:
    """What is signed of a purge: who had which event removed, when, and how much that was.

    Args:
        device: its name. now: when nothing was left, UTC seconds since the epoch.
    """
    return {
        **_about(KIND, device, purge),
        "by": purge.by,
        "requested": utc(purge.at),
        "completed": utc(now),
        "removed": _removed(purge.tally, files=purge.files),
        "guests_forgotten": purge.tally.guests_forgotten,
        "originals": {"count": len(purge.digests), "salt": purge.salt, "digest": list_digest(purge.digests)},
    }


def copies_statement(device: str, purge: Purge, hub: str, gone: KeptPurge, now: float) -> dict[str, Any]:
    """What is signed of a hub's copies: what it has told this device, which has not seen it.

    Args:
        device: its name. hub: the address that said so. now: when it did, UTC seconds since the epoch.
    """
    return {
        **_about(COPIES_KIND, device, purge),
        "hub": hub,
        "purged": utc(gone.at),
        "told": utc(now),
        "removed": _removed(gone.tally),
    }


def _about(kind: str, device: str, purge: Purge) -> dict[str, Any]:
    return {
        "v": 1,
        "kind": kind,
        "device": device,
        "event": purge.event,
        "organisation": purge.organisation,
        "slug": purge.slug,
        "name": purge.name,
    }


def _removed(tally: Tally, **more: int) -> dict[str, int]:
    return {
        "photographs": tally.photos,
        **more,
        "bytes": tally.size,
        "faces": tally.faces,
        "searches": tally.searches,
        "selfies": tally.selfies,
        "denials": tally.denials,
    }
