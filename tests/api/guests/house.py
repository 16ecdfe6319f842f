"""A device's own events and photographs, guests' application over them, and a guest with a link."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp

from edged.api.guests.app import make_guests
from edged.api.guests.pace import Pace
from edged.api.selfie_search import SelfieSearch
from edged.api.server import Server
from edged.domain.identity import uuid7
from edged.domain.rect import Rect
from edged.photos.album import EventPlan, Features, PhotoEvent, Terms
from edged.photos.database import PhotoDatabase
from edged.photos.guest_link import GuestLinks
from edged.photos.photo import NewPhoto, PhotoFace
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from edged.web.pages import PAGES
from tests.api.painted import MODEL, PaintedEyes, portrait, vector
from tests.hub.album_site import BY, JPEG

MINE: Final = "0f8fad5b-d9cb-469f-a165-70867728950e"
THEIRS: Final = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
KEY: Final = b"k" * 32
JSON: Final = {"accept": "application/json"}


class Clock:
    """A time that tests set; ticks with it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Phone:
    """A guest's browser, which speaks to the application without a network.

    Attributes:
        path: of the guest's page; token: of the link.
    """

    def __init__(self, portal: BlockingPortal, app: ASGIApp, link: str, address: str = "10.42.0.7") -> None:
        self._portal = portal
        self.path, _, self.token = link.partition("?t=")
        transport = httpx.ASGITransport(app, client=(address, 40000))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://10.42.0.1:8767")

    def ask(self, method: str, address: str, **more: Any) -> httpx.Response:
        """Any address, without the link's token."""
        return self._portal.call(partial(self._client.request, method, address, **more))

    def get(self, tail: str = "", **more: Any) -> httpx.Response:
        return self._of_link("GET", tail, **more)

    def post(self, tail: str, **more: Any) -> httpx.Response:
        return self._of_link("POST", tail, **more)

    def _of_link(self, method: str, tail: str, **more: Any) -> httpx.Response:
        params = {"t": self.token, **more.pop("params", {})}
        return self.ask(method, self.path + tail, params=params, **more)


@dataclass
class House:
    """What there is. Attributes: acts: what was noted, the latest last."""

    albums: SqliteAlbums
    search: SelfieSearch
    links: GuestLinks
    app: ASGIApp
    clock: Clock
    event: PhotoEvent
    acts: list[str]
    portal: BlockingPortal

    def add(self, name: str, who: int = 1, *, event: PhotoEvent | None = None, **more: Any) -> str:
        """A photograph of somebody; its id. Its bytes follow from its name unless given."""
        photo = NewPhoto(
            content=JPEG + name.encode(),
            preview=JPEG + b"preview of " + name.encode(),
            thumbnail=JPEG + b"thumbnail of " + name.encode(),
            filename=f"{name}.jpg",
            width=3000,
            height=2000,
            taken=None,
            faces=[PhotoFace(Rect(0, 0, 9, 9), vector(who, len(name)))],
            model=MODEL,
        )
        return self.albums.add_photo(event or self.event, replace(photo, **more), by=BY).id

    def find(self, request_id: str = MINE, who: int = 1, event: PhotoEvent | None = None) -> str:
        """Does somebody's search; the link to it, good for an hour."""
        event = event or self.event
        self.portal.call(partial(self.search.searched, event, request_id, portrait(who), by=BY))
        return self.links.path(event.id, request_id, self.clock.now + 3600)

    def phone(self, link: str | None = None, **more: Any) -> Phone:
        return Phone(self.portal, self.app, link or self.find(), **more)

    def change(self, features: Features | None = None, **terms: Any) -> None:
        """Makes the event offer something else."""
        event = self.albums.event("booth", "party")
        assert event is not None
        plan = replace(event.plan, features=features or event.plan.features, terms=replace(event.plan.terms, **terms))
        changed = self.albums.change_event("booth", "party", plan, by=BY)
        assert changed is not None
        self.event = changed


@contextmanager
def served(server: Server) -> Iterator[Server]:
    """A server that answers until the block ends."""
    thread = threading.Thread(target=server.serve, name="guests")
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


@contextmanager
def guest_house(
    folder: Path, pace: Pace | None = None, language: str = "en", ticks: Callable[[], float] | None = None
) -> Iterator[House]:
    def new_id() -> str:
        return uuid7(time.time(), os.urandom(10))

    clock = Clock()
    acts: list[str] = []
    database = PhotoDatabase.open(
        folder / "photos.db",
        threading.Lock(),
        lambda _by, act, about: acts.append(f"{act}: {about}"),
        now=clock,
        new_id=new_id,
    )
    with closing(database), start_blocking_portal() as portal:
        albums = SqliteAlbums(database, PhotoFolder(folder / "photos"))
        search = SelfieSearch(albums, PaintedEyes())
        links = GuestLinks(KEY)
        app = make_guests(
            albums, search, links, PAGES, by=BY, language=lambda: language, clock=clock, ticks=ticks or clock, pace=pace
        )
        albums.create_organisation("booth", "Booth", by=BY)
        event = albums.create_event("booth", "party", EventPlan("Party", Features(), 0.5, Terms()), by=BY)
        yield House(albums, search, links, app, clock, event, acts, portal)
