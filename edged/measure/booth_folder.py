"""Does a booth add every photograph of a folder once, however often it is killed on the way, and how fast?"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.progress import Progress
from edged.measure.booth_crowd import commented
from edged.measure.booth_device import ORGANISATION, BoothDevice
from edged.photos.album import EventPlan, PhotoEvent, Terms
from edged.photos.file_memory import FileMemory
from edged.photos.photo_bundle import digest_of, photo_id
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.booth import DEVICE
from edged.runtime.folder_progress import FolderProgress

_LOOK_EVERY_S: Final = 0.1
_LONGEST_LIFE_S: Final = 3.0
"""After as many photographs as it was to add, a daemon lives at most."""
_STILLSTAND_S: Final = 180.0
_FOLDER: Final = "DCIM"


@dataclass(frozen=True, slots=True)
class FolderRun:
    """What came of it.

    Attributes:
        files: in the folder; kills: of the daemon on the way; megabytes: of a file.
        added: photographs of the event at the end; missing: files that are not among them; strange: photographs that
            are no file's.
        seconds: that the daemon was there for, starts included; each_s: from photograph to photograph, without these.
        foretold: whether a time was told at which all would be done.
    """

    files: int
    kills: int
    megabytes: float
    added: int
    missing: int
    strange: int
    seconds: float
    each_s: float
    foretold: bool

    @property
    def is_good(self) -> bool:
        return self.added == self.files and self.missing == self.strange == 0 and self.foretold


def add_folder(
    models: ModelSettings,
    pictures: Sequence[bytes],
    files: int,
    kills: int,
    progress: Progress,
    *,
    seed: int = 1,
) -> FolderRun:
    """Lays so many files into a folder that a daemon watches, and kills the daemon (SIGKILL) now and then.

    Args:
        models: that the device uses.
        pictures: JPEGs, of which each file has one, with a comment of its own.
        files: as many as there is room for: ten megabytes each where pictures have 24 megapixels.
        kills: evenly over these.

    Raises:
        Unavailable: the daemon does not start, or adds nothing for minutes.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    with TemporaryDirectory(prefix="edged-folder-") as name:
        folder = Path(name) / _FOLDER
        folder.mkdir()
        device = BoothDevice(Path(name) / "device", models, {"folder": str(folder)})
        with device.albums() as albums:
            albums.create_organisation(ORGANISATION, ORGANISATION, by=DEVICE)
            plan = EventPlan("Gala", terms=Terms(keeps_originals=False))
            event = albums.create_event(ORGANISATION, "gala", plan, by=DEVICE)
            wanted = {photo_id(event.id, digest) for digest in _lay(folder, pictures, files)}
            watch = _Watch(device, albums, event, files, progress)
            try:
                for number in range(kills):
                    device.start()
                    watch.until(files * (number + 1) // (kills + 1))
                    time.sleep(chance.uniform(0.0, _LONGEST_LIFE_S))
                    device.kill()
                device.start()
                watch.until(files)
            finally:
                device.stop()
            there = [photo.id for photo in albums.photos(event, 0, 2 * files, None).photos]
        return FolderRun(
            files,
            kills,
            sum(map(len, pictures)) / len(pictures) / 1e6,
            len(there),
            len(wanted - set(there)),
            len(set(there) - wanted),
            watch.seconds,
            watch.each_s,
            watch.foretold,
        )


def _lay(folder: Path, pictures: Sequence[bytes], files: int) -> list[str]:
    """Writes the files; their digests."""
    digests = []
    for number in range(files):
        content = commented(pictures[number % len(pictures)], f"photograph {number}".encode())
        (folder / f"IMG_{number:05d}.JPG").write_bytes(content)
        digests.append(digest_of(content))
    return digests


class _Watch:
    """Looks on from beside the daemon."""

    def __init__(
        self, device: BoothDevice, albums: SqliteAlbums, event: PhotoEvent, files: int, progress: Progress
    ) -> None:
        self._device = device
        self._albums = albums
        self._event = event
        self._files = files
        self._progress = progress
        self._between: list[float] = []
        self.seconds = 0.0
        self.foretold = False

    @property
    def each_s(self) -> float:
        """Seconds from one photograph to the next, while the daemon adds them; of too few, with its starts."""
        return sum(self._between) / len(self._between) if self._between else self.seconds / self._files

    def until(self, photos: int) -> None:
        """Waits until so many have been added. Raises Unavailable where nothing is for three minutes."""
        began = last = time.monotonic()
        before = count = self._count()
        first = True
        while count < photos:
            time.sleep(_LOOK_EVERY_S)
            count, now = self._count(), time.monotonic()
            if count > before:
                # What comes before the first of a run is the start, and a look at the folder.
                self._between += [] if first else [(now - last) / (count - before)] * (count - before)
                before, last, first = count, now, False
                self._progress(f"{count} of {self._files} photographs of a folder added", count / self._files)
                self.foretold = self.foretold or self._is_foretold()
            if now - last > _STILLSTAND_S:
                raise Unavailable(
                    f"no photograph was added in minutes; the daemon last said\n{self._device.last_words()}"
                )
        self.seconds += time.monotonic() - began

    def _count(self) -> int:
        return self._albums.tally(self._event).photos

    def _is_foretold(self) -> bool:
        with self._device.database() as database:
            told = FolderProgress.read(FileMemory(database).progress())
        return told is not None and told.finishes is not None
