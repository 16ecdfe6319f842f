"""What the booth keeps, and what it looks with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edged.api.directory import Eyes
from edged.api.selfie_search import SelfieSearch
from edged.audit.act import Act
from edged.audit.noting import Noting
from edged.config.document import Document
from edged.config.photos import PhotoSettings
from edged.photos.album import Doer, EventState, PhotoEvent, Search
from edged.photos.database import PhotoDatabase
from edged.photos.feed import AlbumFeed
from edged.photos.guest_link import GuestLinks, GuestPass
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from edged.runtime.clock import Clock
from edged.runtime.state_dir import StateDir

_DAILY: Final = frozenset({"add_photo", "selfie_search", "renew_search"})
"""What guests do all evening; the rest is noted in the audit log."""
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does something to events and photographs; `id` as the audit log names it: `account:anna`, `device`."""

    id: str
    name: str = ""


DEVICE: Final = Hand("device", "the device itself")
GUEST: Final = Hand("guest", "a guest")
"""Nobody knows whom."""


@dataclass(frozen=True, slots=True)
class Booth:
    """Events and photographs of a device. Any thread.

    Attributes:
        albums: keeps them; feed: what of them changed; database: has their rows.
        eyes: look at photographs, between two frames of the cameras.
        search: finds guests.
        settings: as they are now.
        link_key: 32 bytes that links are signed with.
        guests_port: where guests' pages are; 0 where they are not.
    """

    albums: SqliteAlbums
    feed: AlbumFeed
    database: PhotoDatabase
    eyes: Eyes
    search: SelfieSearch
    settings: Callable[[], PhotoSettings]
    link_key: bytes
    guests_port: Callable[[], int]
    clock: Clock

    def event(self) -> PhotoEvent | None:
        """The event that takes photographs now: the one that is set, or the newest that is open. Blocks for a read."""
        settings = self.settings()
        if settings.event:
            event = self.albums.event(settings.organisation, settings.event)
            return event if event and event.state(self.clock.now().utc) is EventState.OPEN else None
        offset, total = 0, 1
        while offset < total:
            total, page = self.albums.events(settings.organisation, offset, _PAGE)
            for event in page:
                if event.state(self.clock.now().utc) is EventState.OPEN:
                    return event
            offset += _PAGE
        return None

    def link(self, event: PhotoEvent, search: Search) -> GuestPass:
        """What a guest's phone opens to see what was found, from now on until `photos.link_hours` are over."""
        settings = self.settings()
        links, now = GuestLinks(self.link_key), self.clock.now().utc
        life_s = settings.link_hours * 3600
        base = settings.guests.address_at(self.guests_port() or settings.guests.port)
        return links.made_for(event, search.request_id, base, now=now, life_s=life_s)


def make_booth(
    document: Document,
    state: StateDir,
    eyes: Eyes,
    *,
    audit: Noting,
    settings: Callable[[], PhotoSettings],
    guests_port: Callable[[], int],
    clock: Clock,
) -> Booth:
    """Opens the events and photographs, and sees to it that there is an organisation. Blocks for a moment.

    Raises:
        Unavailable, Corrupt, Unsupported: the database cannot be used.
    """

    def seen(by: Doer, act: str, about: str) -> None:
        if act not in _DAILY:
            audit.note(Act.PHOTOS, by=by.id, about={"what": act, "of": about})

    database = state.open_photos(threading.Lock(), seen)
    albums = SqliteAlbums(database, state.photo_files)
    albums.create_organisation(document.photos.organisation, document.device.name, by=DEVICE)
    link_key = state.open_vault(document).secret_for("links to photographs")
    feed = SqliteAlbumFeed(database, state.photo_files)
    return Booth(albums, feed, database, eyes, SelfieSearch(albums, eyes), settings, link_key, guests_port, clock)
