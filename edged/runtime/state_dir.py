"""The state directory: what lies where, and how it is opened."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from edged.config.document import Document
from edged.domain.errors import Unavailable
from edged.domain.frame import Moment
from edged.domain.identity import uuid7
from edged.domain.person import ModelRef
from edged.gallery.gallery import Gallery
from edged.gallery.shots import ShotStore
from edged.vault.vault import Vault


def new_id(at: Moment) -> str:
    """A UUIDv7 of this moment."""
    return uuid7(at.utc, os.urandom(10))


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

    def open_gallery(self, document: Document, model: ModelRef) -> Gallery:
        """The people and their index for this model. Blocks for the index; belongs to the calling thread."""
        return Gallery.open(
            self.people,
            document.gallery,
            model,
            Vault.open(self.root, document.privacy.key_file).seal_for("index"),
            now=time.time,
            new_id=lambda: uuid7(time.time(), os.urandom(10)),
        )

    def open_shots(self) -> ShotStore:
        return ShotStore(self.root / "shots")
