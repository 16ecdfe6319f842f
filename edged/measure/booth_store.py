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

from edged.central.album_follower import AlbumFollower
from edged.central.album_hub import AlbumHub
from edged.central.line import Line
from edged.config.document import Document
from edged.measure.booth_device import ORGANISATION
from edged.measure.booth_ledger import Deed
from edged.measure.kept_events import KeptEvents
from edged.measure.made_photo import LEAST, MODEL, SURE, id_of, made_photo, selfie_of, vector_of
from edged.photos.album import EventPlan, PhotoEvent, Terms
from edged.photos.bookmarks import SqliteBookmarks
from edged.photos.database import PhotoDatabase
from edged.photos.search import Probe, Search, Turn
from edged.runtime.booth import DEVICE, GUEST, Hand
from edged.runtime.event_purge import EventPurge
from edged.runtime.state_dir import StateDir

_PLAN: Final = EventPlan("Evening", terms=Terms(keeps_selfies=True))
_HUB: Final = Hand("sync:hub", "the hub")
_LONG_AGO_S: Final = 7200.0


@dataclass(frozen=True, slots=True)
class BoothStore:
    """One thread. Attributes: kept: the events in it; purges: ends them."""

    database: PhotoDatabase
    kept: KeptEvents
    purges: EventPurge

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """The store in a state directory, which is made where it is not there; closed with the block."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = StateDir(folder)
        with closing(state.open_photos(threading.Lock(), lambda _by, _act, _about: None)) as database:
            kept = KeptEvents.of(database, state.photo_files)
            kept.albums.create_organisation(ORGANISATION, "Booth", by=DEVICE)
            document = Document.model_validate({"device": {"name": ORGANISATION, "state": str(folder.resolve())}})
            yield cls(database, kept, EventPurge(state, document, database))

    def events(self) -> tuple[PhotoEvent, ...]:
        """All that there are."""
        return self.kept.events(ORGANISATION)

    def do(self, deed: Deed) -> None:
        """Does something; it is acknowledged when this returns."""
        albums = self.kept.albums
        if deed.word == "finish":
            self.finish_purges()
            return
        if deed.word == "create":
            albums.create_event(ORGANISATION, deed.what, _PLAN, by=DEVICE, event_id=deed.event)
            return
        event = self.kept.feed.event_by_id(deed.event)
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
                self.purges.begin(event.organisation, event.slug, by=DEVICE)
            case _:
                raise ValueError(deed.word)

    def has_done(self, deed: Deed) -> bool:
        """Whether a deed that was begun came to something."""
        if deed.word == "finish":
            return True
        event = self.kept.feed.event_by_id(deed.event)
        if event is None or deed.word == "purge":
            return event is None and deed.word == "purge"
        search = self.kept.albums.search(event, deed.request) if deed.request else None
        match deed.word:
            case "create":
                return True
            case "add" | "delete":
                return (self.kept.albums.any_photo(event, id_of(event.id, deed.number)) is None) == (
                    deed.word == "delete"
                )
            case "deny":
                return search is not None and id_of(event.id, deed.number) not in search.photos
            case _:
                return (search is None) == (deed.word == "forget")

    def begin(self) -> None:
        """Does what the daemon does when it starts, an hour after it was killed: nobody writes a draft for so long."""
        then = time.time() - _LONG_AGO_S
        for draft in self.kept.files.path.glob("*/.*"):
            os.utime(draft, (then, then))
        self.kept.albums.tidy()
        self.finish_purges()

    def finish_purges(self) -> None:
        """Does the rest of the purges that were begun: what the daemon does on a thread of its own."""
        pending = self.purges.pending()
        if pending:
            self.purges.sweep()
            self.purges.finish(pending, time.time())

    @contextmanager
    def following(self, url: str, ca: Path, token: str) -> Iterator[AlbumFollower]:
        """Who goes between this store and a hub, as the daemon does, originals too; it hangs up with the block."""
        line = Line(url, token, "Bearer", ca_file=ca, now=time.monotonic, sleep=time.sleep)
        with closing(AlbumHub(line, ORGANISATION)) as hub:
            yield AlbumFollower(
                ORGANISATION,
                hub,
                self.kept.feed,
                self.kept.albums,
                SqliteBookmarks(self.database, hub.name),
                by=_HUB,
                originals=lambda: True,
                heed=lambda gone: self.purges.heed(hub.url, gone, time.time()),
                stop=lambda: False,
            )

    def _search(self, event: PhotoEvent, deed: Deed) -> None:
        if self.kept.albums.begin_search(event, deed.request) is not Turn.MINE:
            return
        vector = vector_of(event.id, deed.guest, deed.request)
        found = self.kept.albums.like(event, MODEL, vector, LEAST, sure=SURE)
        search = Search(deed.request, 0.9, tuple(one.photo for one in found), Probe(vector, MODEL))
        self.kept.albums.finish_search(event, search, by=GUEST, selfie=selfie_of(deed.request))
