"""The events and photographs of this device, as its commands open them: beside the daemon, or without it."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edged.commands.console import Console
from edged.commands.noted import noted
from edged.domain.errors import Refused

if TYPE_CHECKING:
    from edged.api.directory import Eyes
    from edged.config.document import Document
    from edged.photos.album import Doer, PhotoEvent
    from edged.photos.database import PhotoDatabase
    from edged.photos.feed import AlbumFeed
    from edged.photos.file_memory import FileMemory
    from edged.runtime.device_albums import DeviceAlbums
    from edged.runtime.photo_space import PhotoSpace
    from edged.runtime.scribe import Scribe
    from edged.runtime.state_dir import StateDir


@dataclass(frozen=True, slots=True)
class EventStore:
    """What the words of `edged event` work with.

    Attributes:
        by: who gives the command, as the audit log names them.
    """

    document: Document
    state: StateDir
    albums: DeviceAlbums
    feed: AlbumFeed
    database: PhotoDatabase
    memory: FileMemory
    space: PhotoSpace
    scribe: Scribe
    by: Doer

    @property
    def organisation(self) -> str:
        return self.document.photos.organisation

    def event(self, slug: str) -> PhotoEvent:
        """Raises Refused `no_event`."""
        event = self.albums.event(self.organisation, slug)
        if event is None:
            raise Refused("no_event", f"there is no event {slug}", "See them with: edged event list")
        return event


@contextmanager
def opened(args: argparse.Namespace, out: Console) -> Iterator[EventStore]:
    """Opens them; what was done is noted in the audit log when the block ends.

    Raises:
        Unavailable, Corrupt, Unsupported: the database cannot be used.
    """
    from edged.photos.file_memory import FileMemory  # noqa: PLC0415  not for `--help`
    from edged.runtime.booth import Hand, seen_by  # noqa: PLC0415
    from edged.runtime.clock import SystemClock  # noqa: PLC0415
    from edged.runtime.conditions import Conditions  # noqa: PLC0415
    from edged.runtime.device_albums import DeviceAlbums, DeviceFeed  # noqa: PLC0415
    from edged.runtime.photo_space import PhotoSpace  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    document = args.document
    state = StateDir.of(document)
    by = Hand(operator())
    with noted(state, document, out) as scribe:
        database = state.open_photos(threading.Lock(), seen_by(scribe))
        try:
            files = state.photo_files
            space = PhotoSpace(files.path, lambda: document.photos, Conditions(SystemClock()))
            albums = DeviceAlbums(database, files, space, by, lambda: document.photos.sync.enabled)
            albums.create_organisation(document.photos.organisation, document.device.name, by=by)
            feed = DeviceFeed(database, files, space, albums.drop_oldest)
            yield EventStore(document, state, albums, feed, database, FileMemory(database), space, scribe, by)
        finally:
            database.close()
    if not document.photos.enabled:
        out.say("The daemon keeps no photographs, and answers no guests, until photos.enabled is set.")


def own_eyes(document: Document) -> Eyes:
    """Eyes of this process: the daemon's look at its cameras. Blocks for about a second.

    Raises:
        Unavailable, Corrupt: the models cannot be loaded.
    """
    from edged.hub.eyes import HubEyes  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.vision.sight import open_sight  # noqa: PLC0415

    return HubEyes([open_sight(document.models)])
