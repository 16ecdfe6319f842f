"""The state directory: what lies where, and how it is opened."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edged.accounts.accounts import Accounts
from edged.audit.chain import Chain
from edged.audit.ledger_file import FILE
from edged.audit.records import Records
from edged.config.document import Document
from edged.credentials.credentials import Credentials
from edged.domain.errors import Corrupt, Unavailable
from edged.domain.frame import Moment
from edged.domain.identity import uuid7
from edged.domain.person import ModelRef
from edged.gallery.backup import DIRECTORY, Backup, Backups, put_back
from edged.gallery.database import translated
from edged.gallery.departures import Departures
from edged.gallery.gallery import Gallery
from edged.gallery.people import People
from edged.gallery.shots import ShotStore
from edged.photos.database import PhotoDatabase, Seen
from edged.photos.photo_files import PhotoFolder
from edged.runtime.beside import beside
from edged.runtime.clock import Clock, SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.machine import boot_id
from edged.vault.private_file import private_file
from edged.vault.shared_database import WriteTurn
from edged.vault.vault import Vault

DAMAGED: Final = ".damaged-"
"""In the names of damaged files that were set aside."""


def new_id(at: Moment) -> str:
    """A UUIDv7 of this moment."""
    return uuid7(at.utc, os.urandom(10))


def new_salt() -> bytes:
    """A key that nobody can guess, kept nowhere."""
    return os.urandom(32)


def _new_id() -> str:
    return uuid7(time.time(), os.urandom(10))


@dataclass(frozen=True, slots=True)
class StateDir:
    """`device.state` of the document: everything that must survive a restart, readable by the owner only."""

    root: Path

    @classmethod
    def of(cls, document: Document) -> StateDir:
        """Makes the directory if it is not there.

        Raises:
            Unavailable: it cannot be made or written to.
        """
        root = document.device.state
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"the state directory {root} cannot be made: {error.strerror}",
                "Set device.state to a directory of your own, or run as the service's user",
            ) from error
        if not os.access(root, os.W_OK | os.X_OK):
            raise Unavailable(
                f"the state directory {root} is not writable for this user",
                "Run as the service's user: sudo -u edged edged …",
            )
        return cls(root)

    @property
    def people(self) -> Path:
        return self.root / "gallery.db"

    @property
    def events(self) -> Path:
        return self.root / "events.db"

    @property
    def access(self) -> Path:
        return self.root / "access.db"

    @property
    def accounts(self) -> Path:
        return self.root / "accounts.db"

    @property
    def photos(self) -> Path:
        """Events and photographs; their files lie in the folder beside it."""
        return self.root / "photos.db"

    @property
    def photo_files(self) -> PhotoFolder:
        return PhotoFolder(self.root / "photos")

    @property
    def orders(self) -> Path:
        return self.root / "orders.json"

    def open_gallery(self, document: Document, model: ModelRef) -> Gallery:
        """The people and their index for this model. Blocks for the index; belongs to the calling thread."""
        vault = self.open_vault(document)
        gallery = Gallery.open(
            self.people, document.gallery, model, vault, now=time.time, new_id=_new_id, beside=beside
        )
        gallery.configure(document.gallery, keep_crops=document.privacy.keep_crops)
        return gallery

    def open_or_restore_gallery(
        self, document: Document, model: ModelRef, *, clock: Clock, conditions: Conditions
    ) -> Gallery:
        """As `open_gallery`; where its database is damaged, the last good backup, and a condition that says so.

        For whoever holds the `claim`, see `restore`.
        """
        try:
            return self.open_gallery(document, model)
        except Corrupt as damage:
            backup = self.restore(document, clock.now().utc)
            conditions.begin(
                "gallery.restored",
                Corrupt(
                    f"{damage.what}; the backup of revision {backup.revision} took its place",
                    f"Enrol again whoever came since. What was damaged lies in {self.root}.",
                ),
            )
            return self.open_gallery(document, model)

    def open_vault(self, document: Document) -> Vault:
        """The device's key; see `Vault.open`."""
        return Vault.open(self.root, document.privacy.key_file)

    def open_people(self, document: Document) -> People:
        """The people without the index; needs no models. Belongs to the calling thread."""
        return People.open(self.people, self.open_vault(document), now=time.time, new_id=_new_id)

    def open_chain(self, document: Document) -> Chain:
        """The audit log, to add to; begun where there is none. Belongs to the calling thread. See `Chain`."""
        secret = self.open_vault(document).secret_for("audit")
        return Chain.open(self.root / FILE, secret, boot=boot_id(), now=SystemClock().now, new_id=_new_id)

    def open_credentials(self, document: Document) -> Credentials:
        """Codes, passes, blocks, and how things stand at the doors. Belongs to the calling thread."""
        secret = self.open_vault(document).secret_for("credentials")
        return Credentials.open(self.access, secret, now=time.time, new_id=_new_id)

    def open_records(self, document: Document) -> Records:
        """The audit log, to read. Belongs to the calling thread. See `Records`."""
        return Records.open(self.root / FILE, self.open_vault(document).secret_for("audit"))

    def open_shots(self, document: Document) -> ShotStore:
        return ShotStore(self.root / "shots", self.open_vault(document).seal_for("shots"))

    def open_accounts(self, turn: AbstractContextManager[object] | None = None) -> Accounts:
        """Who may sign in to the pages. `turn`: a lock, where several threads use it."""
        return Accounts.open(self.accounts, now=time.time, entropy=os.urandom, turn=turn)

    def open_photos(self, turn: WriteTurn, seen: Seen) -> PhotoDatabase:
        """Events and photographs. `turn`: a lock of its own; `seen`: told what is done to them, and by whom."""
        return PhotoDatabase.open(self.photos, turn, seen, now=time.time, new_id=_new_id)

    def restore(self, document: Document, now: float) -> Backup:
        """Puts the newest good backup of the people in the place of a damaged database, which is set aside.

        Whoever was deleted since the backup stays deleted; whoever was enrolled since must be enrolled again. Nobody
        may have the database open: hold the `claim`.

        Args:
            document: names the key.
            now: UTC seconds since the epoch, for the name of what is set aside.

        Raises:
            Corrupt: there is no good backup; nothing was changed.
            Unavailable: the disk does not let us.
        """
        backups = Backups(self.root / DIRECTORY, self.open_vault(document).seal_for("backups"))
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")

        def aside(path: Path) -> None:
            for suffix in ("", "-wal", "-shm"):
                part = path.with_name(path.name + suffix)
                if part.exists():
                    part.rename(path.with_name(f"{path.name}{DAMAGED}{stamp}{suffix}"))

        with translated(self.people):
            return put_back(self.people, backups, Departures(self.root).everybody(), aside)

    def claim(self) -> AbstractContextManager[None]:
        """This process is the one that serves this directory, until the block ends or the process does.

        Raises:
            Unavailable: another one is.
        """
        return self._alone(
            "lock", Unavailable(f"another edged runs on {self.root}", "Stop it first: sudo systemctl stop edged.")
        )

    def purge_turn(self) -> AbstractContextManager[None]:
        """This process is the one that sees events to their end, until the block ends or the process does.

        Raises:
            Unavailable: another one is.
        """
        return self._alone("purge.lock", Unavailable("another process purges events", "Try again in a moment."))

    def sync_turn(self) -> AbstractContextManager[None]:
        """This process is the one that syncs with the centre, until the block ends or the process does.

        Raises:
            Unavailable: another one is.
        """
        return self._alone("sync.lock", Unavailable("another process syncs at this moment", "Try again in a moment."))

    @contextmanager
    def _alone(self, name: str, taken: Unavailable) -> Iterator[None]:
        path = self.root / name
        with translated(path):
            if not path.exists():
                with private_file(path, replace=False):
                    pass
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise taken from None
        try:
            yield
        finally:
            os.close(descriptor)
