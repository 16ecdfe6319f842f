"""The console's photographs over a real database and real files, with eyes that see who was painted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from starlette.routing import Route

from edged.api.console.photos import photos_routes
from edged.api.selfie_search import SelfieSearch
from edged.config.photos import PhotoSettings
from edged.photos.album import Doer, EventPlan, PhotoEvent, Terms
from edged.photos.file_memory import FileMemory
from edged.photos.search import Probe, Search
from edged.runtime.booth import DEVICE, GUEST, Booth, Hand
from edged.runtime.clock import SystemClock
from edged.runtime.closing_report import closing_report
from edged.runtime.conditions import Conditions
from edged.runtime.console.photos_desk import DevicePhotosDesk, intake_part
from edged.runtime.current_event import CurrentEvent
from edged.runtime.device_albums import DeviceAlbums, DeviceFeed
from edged.runtime.event_purge import EventPurge
from edged.runtime.folder_progress import FolderProgress
from edged.runtime.photo_space import PhotoSpace
from edged.runtime.purger import Purger
from edged.runtime.state_dir import StateDir
from tests.api.painted import MODEL, PaintedEyes, vector
from tests.runtime.booth_evening import HOUSE, document_in

ANNA = Hand("account:anna", "anna")


def picture(number: int, size: tuple[int, int] = (640, 427)) -> bytes:
    """A photograph that looks like one from afar, a JPEG; each number gives another."""
    width, height = size
    random = np.random.default_rng(number)
    top, bottom = random.integers(60, 230, (2, 3))
    shade = np.linspace(0, 1, height)[:, None, None]
    image = np.broadcast_to(top * (1 - shade) + bottom * shade, (height, width, 3)).astype(np.uint8).copy()
    for _ in range(int(random.integers(2, 6))):
        middle = (int(random.integers(40, width - 40)), int(random.integers(height // 3, height - 40)))
        colour = tuple(int(value) for value in random.integers(60, 240, 3))
        cv2.ellipse(image, (middle[0], height), (60, height - middle[1]), 0, 180, 360, colour, -1)
        cv2.circle(image, middle, 26, (170, 195, 235), -1)
    return cv2.imencode(".jpg", image)[1].tobytes()


class PhotoSite:
    """Attributes: desk: of the page; noted: what the audit log would have; progress: of the watched folder."""

    def __init__(self, folder: Path, settings: PhotoSettings | None = None) -> None:
        document = document_in(folder)
        self.settings = settings or PhotoSettings(enabled=True)
        self.state = StateDir.of(document)
        self.noted: list[str] = []
        self.progress: FolderProgress | None = None
        self.clock = SystemClock()
        conditions = Conditions(self.clock)

        def seen(by: Doer, act: str, about: str) -> None:
            self.noted.append(f"{by.id} {act} {about}")

        self.database = self.state.open_photos(threading.Lock(), seen)
        files = self.state.photo_files
        self.space = PhotoSpace(files.path, lambda: self.settings, conditions, reserve=0)
        self.albums = DeviceAlbums(self.database, files, self.space, DEVICE)
        self.albums.create_organisation(HOUSE, HOUSE, by=DEVICE)
        eyes = PaintedEyes()
        self.booth = Booth(
            albums=self.albums,
            feed=DeviceFeed(self.database, files, self.space, self.albums.drop_oldest),
            database=self.database,
            space=self.space,
            eyes=eyes,
            shutter=cast("Any", None),
            current=CurrentEvent(self.albums, lambda: self.settings, self.clock),
            search=SelfieSearch(self.albums, eyes),
            memory=FileMemory(self.database),
            folder=None,
            settings=lambda: self.settings,
            link_key=bytes(32),
            guests_port=lambda: 0,
            clock=self.clock,
        )
        self.purge = EventPurge(self.state, document, self.database)
        self.purger = Purger(
            self.purge,
            self.albums,
            self.state,
            forget=self.albums.forget_purged,
            clock=self.clock,
            conditions=conditions,
            settle_s=0.0,
        )
        self.desk = DevicePhotosDesk(
            self.booth,
            self.purger,
            signed_off=lambda event: closing_report(self.state, document, self.albums, event, self.clock.now().utc),
            used=self.space.used,
            intake=lambda: intake_part(self.progress) if self.progress else None,
        )

    @property
    def rooms(self) -> list[Route]:
        return photos_routes(self.desk)

    def event(self, slug: str = "gala", **terms: Any) -> PhotoEvent:
        plan = EventPlan(slug.replace("-", " ").title(), terms=Terms(consent="We look for your face.", **terms))
        return self.albums.create_event(HOUSE, slug, plan, by=ANNA)

    def current(self, slug: str = "gala") -> PhotoEvent:
        event = self.albums.event(HOUSE, slug)
        assert event is not None
        return event

    def photographs(self, slug: str, many: int, first: int = 0) -> list[str]:
        """Adds so many; their ids."""
        return [
            self.desk.add(slug, picture(first + at), f"IMG_{first + at:04}.jpg", by="anna").id for at in range(many)
        ]

    def guest(self, slug: str, request_id: str, photos: list[str], who: int = 1, consent: int | None = 1) -> None:
        """One who searched and found these."""
        search = Search(request_id, 0.9, tuple(photos), Probe(vector(who), MODEL), consent)
        self.albums.finish_search(self.current(slug), search, by=GUEST)


@contextmanager
def photo_site(folder: Path, settings: PhotoSettings | None = None) -> Iterator[PhotoSite]:
    site = PhotoSite(folder, settings)
    with closing(site.database):
        yield site
