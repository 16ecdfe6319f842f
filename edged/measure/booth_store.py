"""A booth's store of events without the rest of a device: what the daemon keeps them with, opened as it opens it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from edged.measure.booth_device import ORGANISATION
from edged.measure.booth_ledger import Deed
from edged.measure.made_photo import LEAST, MODEL, SURE, id_of, made_photo, selfie_of, vector_of
from edged.photos.album import EventPlan, PhotoEvent, Probe, Search, Terms, Turn
from edged.photos.database import PhotoDatabase
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from edged.runtime.booth import DEVICE, GUEST
from edged.runtime.state_dir import StateDir

_PLAN: Final = EventPlan("Evening", terms=Terms(keeps_selfies=True))
_LONG_AGO_S: Final = 7200.0


@dataclass(frozen=True, slots=True)
class BoothStore:
    """One thread. Attributes: state: the directory."""

    state: StateDir
    database: PhotoDatabase
    files: PhotoFolder
    albums: SqliteAlbums
    feed: SqliteAlbumFeed

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """The store in a state directory, which is made where it is not there; closed with the block."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = StateDir(folder)
        with closing(state.open_photos(threading.Lock(), lambda _by, _act, _about: None)) as database:
            files = state.photo_files
            albums = SqliteAlbums(database, files)
            albums.create_organisation(ORGANISATION, "Booth", by=DEVICE)
            yield cls(state, database, files, albums, SqliteAlbumFeed(database, files))

    def events(self) -> tuple[PhotoEvent, ...]:
        return tuple(self.albums.events(ORGANISATION, 0, 1000)[1])

    def do(self, deed: Deed) -> None:
        """Does something; it is acknowledged when this returns."""
        albums = self.albums
        if deed.word == "create":
            albums.create_event(ORGANISATION, deed.what, _PLAN, by=DEVICE, event_id=deed.event)
            return
        event = self.feed.event_by_id(deed.event)
        assert event is not None  # noqa: S101  whoever asks knows what there is
        match deed.word:
            case "add":
                albums.add_photo(event, made_photo(event.id, deed.number), by=DEVICE)
            case "delete":
                albums.delete_photo(id_of(event.id, deed.number), by=DEVICE)
            case "search":
                self._search(event, deed)
            case "deny":
                albums.deny(event, deed.request, id_of(event.id, deed.number), by=GUEST)
            case "forget":
                albums.forget_guest(event, deed.request, LEAST, by=GUEST, sure=SURE)
            case "purge":
                self._purge(event)
            case _:
                raise ValueError(deed.word)

    def has_done(self, deed: Deed) -> bool:
        """Whether a deed that was begun came to something."""
        event = self.feed.event_by_id(deed.event)
        if event is None or deed.word == "purge":
            return event is None and deed.word == "purge"
        search = self.albums.search(event, deed.request) if deed.request else None
        match deed.word:
            case "create":
                return True
            case "add" | "delete":
                return (self.albums.any_photo(event, id_of(event.id, deed.number)) is None) == (deed.word == "delete")
            case "deny":
                return search is not None and id_of(event.id, deed.number) not in search.photos
            case _:
                return (search is None) == (deed.word == "forget")

    def begin(self) -> None:
        """Does what the daemon does when it starts, an hour after it was killed: nobody writes a draft for so long."""
        then = time.time() - _LONG_AGO_S
        for draft in self.files.path.glob("*/.*"):
            os.utime(draft, (then, then))
        self.albums.tidy()

    def _search(self, event: PhotoEvent, deed: Deed) -> None:
        if self.albums.begin_search(event, deed.request) is not Turn.MINE:
            return
        vector = vector_of(event.id, deed.guest, deed.request)
        found = self.albums.like(event, MODEL, vector, LEAST, sure=SURE)
        search = Search(deed.request, 0.9, tuple(one.photo for one in found), Probe(vector, MODEL))
        self.albums.finish_search(event, search, by=GUEST, selfie=selfie_of(deed.request))

    def _purge(self, event: PhotoEvent) -> None:
        self.albums.purge_event(event.organisation, event.slug, by=DEVICE)
