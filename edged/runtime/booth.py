"""What the booth keeps, and what it looks with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from edged.api.albums import Albums
from edged.api.directory import Eyes
from edged.api.selfie_search import SelfieSearch
from edged.audit.act import Act
from edged.audit.noting import Noting
from edged.config.document import Document
from edged.config.photos import PhotoSettings
from edged.domain.errors import EdgedError
from edged.photos.album import Doer, PhotoEvent
from edged.photos.database import PhotoDatabase, Seen
from edged.photos.feed import AlbumFeed
from edged.photos.file_memory import FileMemory
from edged.photos.guest_link import GuestLinks, GuestPass
from edged.photos.photo import Source
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.current_event import CurrentEvent
from edged.runtime.device_albums import DeviceAlbums, DeviceFeed
from edged.runtime.eye import Eye
from edged.runtime.file_intake import FileIntake
from edged.runtime.judge import Judge
from edged.runtime.photo_space import PhotoSpace
from edged.runtime.shutter import Shutter
from edged.runtime.state_dir import StateDir
from edged.runtime.stop import Stop
from edged.runtime.watched_folder import WatchedFolder

log = logging.getLogger(__name__)

DAILY: Final = frozenset({"add_photo", "selfie_search", "renew_search"})
"""What guests do all evening; the rest is noted in the audit log."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does something to events and photographs; `id` as the audit log names it: `account:anna`, `device`."""

    id: str
    name: str = ""


DEVICE: Final = Hand("device", "the device itself")
GUEST: Final = Hand("guest", "a guest")
"""Nobody knows whom."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """`edged.api.photo_intake.PhotoRoom`."""

    eyes: Eyes
    albums: Albums


@dataclass(frozen=True, slots=True)
class Booth:
    """Events and photographs of a device. Any thread.

    Attributes:
        albums: keeps them; feed: what of them changed; database: has their rows.
        space: how much room there is.
        eyes: look at photographs, between two frames of the cameras.
        shutter: takes photographs with the booth's camera.
        current: the event that gets them.
        search: finds guests.
        memory: of the files that were added; folder: adds those that appear in it, None where none is watched.
        settings: as they are now.
        link_key: 32 bytes that links are signed with.
        guests_port: where guests' pages are; 0 where they are not.
    """

    albums: DeviceAlbums
    feed: AlbumFeed
    database: PhotoDatabase
    space: PhotoSpace
    eyes: Eyes
    shutter: Shutter
    current: CurrentEvent
    search: SelfieSearch
    memory: FileMemory
    folder: WatchedFolder | None
    settings: Callable[[], PhotoSettings]
    link_key: bytes
    guests_port: Callable[[], int]
    clock: Clock

    def event(self) -> PhotoEvent | None:
        """The event that takes photographs now: the one that is set, or the newest that is open. Blocks for a read."""
        return self.current.now()

    def link(self, event: PhotoEvent, request_id: str) -> GuestPass:
        """What a guest's phone opens to see what was found, from now on until `photos.link_hours` are over."""
        settings = self.settings()
        links, now = GuestLinks(self.link_key), self.clock.now().utc
        life_s = settings.link_hours * 3600
        base = settings.guests.address_at(self.guests_port() or settings.guests.port)
        return links.made_for(event, request_id, base, now=now, life_s=life_s)

    def run(self, stop: Stop) -> None:
        """Tidies up what a process that was killed has left, then watches the folder until `stop`. Blocks."""
        try:
            self.albums.tidy()
        except EdgedError as error:
            log.warning("photographs were not tidied up: %s", error)
        if self.folder is not None:
            self.folder.run(stop)


def seen_by(audit: Noting) -> Seen:
    """Has the audit log know of what is done to events and photographs, but for what guests do all evening."""

    def seen(by: Doer, act: str, about: str) -> None:
        if act not in DAILY:
            audit.note(Act.PHOTOS, by=by.id, about={"what": act, "of": about})

    return seen


def make_booth(
    document: Document,
    state: StateDir,
    eyes: Eyes,
    *,
    judge: Judge,
    cameras: Callable[[], Mapping[str, Eye]],
    audit: Noting,
    settings: Callable[[], PhotoSettings],
    guests_port: Callable[[], int],
    clock: Clock,
    conditions: Conditions,
) -> Booth:
    """Opens the events and photographs, and sees to it that there is an organisation. Blocks for a moment.

    Args:
        judge: finds faces in the frames of the cameras; cameras: those in use.

    Raises:
        Unavailable, Corrupt, Unsupported: the database cannot be used.
    """
    database = state.open_photos(threading.Lock(), seen_by(audit))
    files = state.photo_files
    space = PhotoSpace(files.path, settings, conditions)
    albums = DeviceAlbums(database, files, space, DEVICE, lambda: settings().sync.enabled)
    albums.create_organisation(document.photos.organisation, document.device.name, by=DEVICE)
    link_key = state.open_vault(document).secret_for("links to photographs")
    current = CurrentEvent(albums, settings, clock)
    room = Keeping(eyes, albums)
    shutter = Shutter(room, current, settings=settings, cameras=cameras, seen=lambda: judge.seen, clock=clock)
    memory = FileMemory(database)
    folder = None
    if document.photos.folder is not None:
        folder = WatchedFolder(
            document.photos.folder,
            FileIntake(room, memory, by=DEVICE, source=Source.FOLDER),
            memory,
            event=current.now,
            room_for=lambda size: space.check(size, albums.may_drop),
            clock=clock,
            conditions=conditions,
        )
    return Booth(
        albums=albums,
        feed=DeviceFeed(database, files, space, albums.drop_oldest),
        database=database,
        space=space,
        eyes=eyes,
        shutter=shutter,
        current=current,
        search=SelfieSearch(albums, eyes),
        memory=memory,
        folder=folder,
        settings=settings,
        link_key=link_key,
        guests_port=guests_port,
        clock=clock,
    )
