"""A watched folder with a real store behind it, painted eyes, and a clock that is moved by hand."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from edged.config.photos import PhotoSettings
from edged.photos.album import EventPlan, PhotoEvent
from edged.photos.database import PhotoDatabase
from edged.photos.file_memory import FileMemory
from edged.photos.photo import Photo, Source
from edged.photos.photo_files import PhotoFolder
from edged.runtime.booth import DEVICE, Keeping
from edged.runtime.conditions import Conditions
from edged.runtime.current_event import CurrentEvent
from edged.runtime.device_albums import DeviceAlbums
from edged.runtime.file_intake import FileIntake
from edged.runtime.photo_space import PhotoSpace
from edged.runtime.stop import Stop
from edged.runtime.watched_folder import WatchedFolder
from tests.api.painted import PaintedEyes
from tests.runtime.hand_clock import HandClock

LOOK_S = 2.0
LONG_S = 61.0


class HandStop(Stop):
    """Time passes where somebody waits for it."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, seconds: float) -> bool:
        self._clock.advance(seconds)
        return self.is_set()


@dataclass
class FolderSite:
    """Attributes:
    folder: that is watched; state: of the device.
    """

    folder: Path
    state: Path
    settings: PhotoSettings

    def __post_init__(self) -> None:
        self.clock = HandClock()
        self.conditions = Conditions(self.clock)
        self.eyes = PaintedEyes()
        self.stop = HandStop(self.clock)
        self.begin()

    def begin(self) -> None:
        """The device starts."""
        self.database = PhotoDatabase.open(
            self.state / "photos.db",
            threading.Lock(),
            lambda _by, _act, _about: None,
            now=lambda: self.clock.now().utc,
            new_id=lambda: str(uuid4()),
        )
        files = PhotoFolder(self.state / "photos")
        space = PhotoSpace(files.path, lambda: self.settings, self.conditions, reserve=0)
        self.albums = DeviceAlbums(self.database, files, space, DEVICE)
        self.albums.create_organisation("booth", "Booth", by=DEVICE)
        self.memory = FileMemory(self.database)
        self.watched = WatchedFolder(
            self.folder,
            FileIntake(Keeping(self.eyes, self.albums), self.memory, by=DEVICE, source=Source.FOLDER),
            self.memory,
            event=CurrentEvent(self.albums, lambda: self.settings, self.clock).now,
            room_for=lambda size: space.check(size, self.albums.may_drop),
            clock=self.clock,
            conditions=self.conditions,
        )

    def begin_anew(self) -> None:
        self.database.close()
        self.begin()

    def event(self, slug: str = "gala") -> PhotoEvent:
        return self.albums.create_event("booth", slug, EventPlan(slug), by=DEVICE)

    def put(self, name: str, content: bytes) -> Path:
        """A file is there, written some time ago."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.watched.run_once(self.stop)

    def photos(self, event: PhotoEvent) -> list[Photo]:
        return list(self.albums.photos(event, 0, 1000, standing=None).photos)

    def names(self, event: PhotoEvent) -> list[str]:
        return sorted(photo.filename for photo in self.photos(event))

    @property
    def trouble(self) -> list[str]:
        return [condition.name for condition in self.conditions.current()]


@contextmanager
def folder_site(place: Path) -> Iterator[FolderSite]:
    folder, state = place / "card", place / "state"
    folder.mkdir()
    state.mkdir()
    site = FolderSite(folder, state, PhotoSettings())
    try:
        yield site
    finally:
        site.database.close()


def touch(path: Path, seconds: float) -> None:
    """Somebody wrote it so many seconds after the epoch."""
    os.utime(path, (seconds, seconds))
