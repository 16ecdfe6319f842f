"""The hub's directory of data: what lies where, and who has it open."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edged.domain.errors import Unavailable
from edged.domain.identity import uuid7
from edged.hub.settings import HubSettings
from edged.hub.sqlite.database import HubDatabase
from edged.vault.private_file import private_directory, private_file
from edged.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class HubHome:
    """`store.directory` of the document; readable by its owner only."""

    root: Path
    key_file: Path | None = None

    @classmethod
    def of(cls, settings: HubSettings) -> HubHome:
        """Makes the directory where it is not there.

        Raises:
            Unavailable: it cannot be made or written to.
        """
        root = settings.store.directory
        remedy = "Set store.directory to a directory of your own, or run as the hub's user"
        try:
            private_directory(root)
        except OSError as error:
            raise Unavailable(f"the directory {root} cannot be made: {error.strerror}", remedy) from error
        if not os.access(root, os.W_OK | os.X_OK):
            raise Unavailable(f"the directory {root} is not writable for this user", remedy)
        return cls(root, settings.store.key_file)

    @property
    def database(self) -> Path:
        return self.root / "hub.db"

    @property
    def photos(self) -> Path:
        """The folder of events' photographs."""
        return self.root / "photos"

    @property
    def fleet(self) -> Path:
        """How all devices stand on the broker, as it was seen last."""
        return self.root / "fleet.json"

    @property
    def pushes(self) -> Path:
        """Who has told devices on the broker what."""
        return self.root / "pushes.jsonl"

    def open_vault(self) -> Vault:
        """The hub's key; see `Vault.open`."""
        return Vault.open(self.root, self.key_file)

    def open_database(self) -> HubDatabase:
        """See `HubDatabase.open`."""
        return HubDatabase.open(self.database, time.time, new_id)

    @contextmanager
    def held(self, *, alone: bool = False) -> Iterator[None]:
        """Until the block ends or the process does, nobody puts other data into the directory; several may hold it.

        Args:
            alone: nobody else holds it.

        Raises:
            Unavailable: others hold it, or somebody does alone.
        """
        path = self.root / "lock"
        try:
            if not path.exists():
                with private_file(path, replace=False):
                    pass
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise Unavailable(f"cannot open {path}: {error.strerror}", "Check who may write there") from error
        try:
            try:
                fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Unavailable(
                    f"a hub runs on {self.root}" if alone else f"{self.root} is being restored",
                    "Stop it first: sudo systemctl stop edged-hub" if alone else "Wait until that has finished",
                ) from None
            yield
        finally:
            os.close(descriptor)


def new_id() -> str:
    """A UUIDv7 of now."""
    return uuid7(time.time(), os.urandom(10))
