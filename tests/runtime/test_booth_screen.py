"""What the booth's page is told, and what it does: a real album, and eyes that see who was painted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import anyio
import cv2
import numpy as np
import pytest

from edged.api.booth_port import BoothCamera
from edged.api.photo_intake import add_photo
from edged.api.selfie_search import SelfieSearch
from edged.config.photos import GuestSettings, PhotoSettings
from edged.domain.errors import Unavailable
from edged.domain.face import Box
from edged.domain.frame import Frame, Moment
from edged.domain.screen import Prompt, Stage
from edged.photos.album import EventPlan, PhotoEvent, Terms
from edged.photos.database import PhotoDatabase
from edged.photos.guest_link import GuestLinks, GuestPass
from edged.photos.photo import Photo, PhotoKind, Standing
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.booth import DEVICE, GUEST, Booth, Keeping
from edged.runtime.booth_screen import BoothScreen
from tests.api.painted import PaintedEyes, portrait
from tests.runtime.hand_clock import HandClock

KEY = b"k" * 32
PHONES = PhotoSettings(guests=GuestSettings(url="https://fotos.example/gala"), link_hours=2.0)


class Site:
    """A booth at whose camera person 7 stands."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.database = PhotoDatabase.open(
            folder / "photos.db",
            threading.Lock(),
            lambda _by, _act, _about: None,
            now=lambda: self.clock.now().utc,
            new_id=lambda: str(uuid4()),
        )
        self.albums = SqliteAlbums(self.database, PhotoFolder(folder / "photos"))
        self.albums.create_organisation("booth", "Booth", by=DEVICE)
        self.eyes = PaintedEyes()
        self.photos = PHONES
        self.seat: Any = SimpleNamespace(name="cam", settings=SimpleNamespace(mirror=False), newest=self.frame(10.0))
        self.seen: Any = {}
        self.search = SelfieSearch(self.albums, self.eyes)
        self.link_key = KEY
        self.guests_port = lambda: 0
        self.desk = BoothScreen(cast("Any", self), lambda: self.seen)

    def link(self, event: PhotoEvent, request_id: str) -> GuestPass:
        return Booth.link(cast("Any", self), event, request_id)

    def settings(self) -> PhotoSettings:
        return self.photos

    @property
    def shutter(self) -> Any:
        return SimpleNamespace(eye=self.eye, take=self.take, portrait=lambda: portrait(7, 1))

    def frame(self, mono: float) -> Frame:
        return Frame("cam", 1, Moment(mono, mono), np.zeros((720, 1280, 3), np.uint8))

    def eye(self) -> Any:
        if self.seat is None:
            raise Unavailable("no camera is in use")
        return self.seat

    def create(self, **terms: Any) -> PhotoEvent:
        return self.albums.create_event("booth", "gala", EventPlan("Gala", terms=Terms(**terms)), by=DEVICE)

    def add(self, event: PhotoEvent, who: int, day: int) -> Photo:
        room = Keeping(self.eyes, self.albums)
        return add_photo(room, event, portrait(who, day), filename="a.png", taken=None, by=GUEST)

    def take(self, *, by: object, event: PhotoEvent) -> Photo:
        assert by is GUEST
        return self.add(event, 7, 9)

    def looks(self, mono: float, *boxes: tuple[Box, float]) -> None:
        """Faces were found, with so many pixels between their eyes."""
        sightings = [
            SimpleNamespace(box=box, flaw=None, landmarks=np.array([[0, 0], [eyes, 0]], np.float32))
            for box, eyes in boxes
        ]
        self.seen = {"cam": SimpleNamespace(frame=self.frame(mono), look=SimpleNamespace(sightings=sightings))}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.database.close()


def test_a_guest_is_found_denies_and_is_not_found_there_again(site: Site) -> None:
    event = site.create()
    mine = [site.add(event, 7, day).id for day in range(2, 6)]
    site.add(event, 8, 1)

    def found() -> list[str]:
        request_id = str(uuid4())
        search = anyio.run(site.desk.search, event, request_id, site.desk.portrait(), 4)
        assert search.consent == 4
        assert site.desk.found(event, request_id, 0, 24).total == len(search.photos)
        page = site.desk.found(event, request_id, 1, 2)
        assert [photo.id for photo in page.photos] == list(search.photos[1:3])
        site.desk.deny(event, request_id, search.photos[0])
        return list(search.photos)

    first = found()
    assert set(first) == set(mine)
    assert set(found()) == set(mine) - {first[0]}
    assert site.desk.found(event, str(uuid4()), 0, 24).total == 0


def test_a_photograph_that_waits_is_shown_to_whoever_took_it_only(site: Site) -> None:
    event = site.create(is_moderated=True)
    taken = site.desk.take(event)
    assert taken.standing is Standing.WAITING
    own = site.desk.picture(event, taken.id, PhotoKind.PREVIEW, own=True)
    assert own is not None
    assert own.media_type == "image/jpeg"
    assert site.desk.picture(event, taken.id, PhotoKind.PREVIEW, own=False) is None
    site.albums.set_standing(event, taken.id, Standing.SHOWN, by=DEVICE)
    assert site.desk.picture(event, taken.id, PhotoKind.THUMBNAIL, own=False) is not None
    site.desk.discard(taken.id)
    assert site.desk.picture(event, taken.id, PhotoKind.PREVIEW, own=True) is None


@pytest.mark.parametrize(("expires_h", "hours"), [(None, 2.0), (72.0, 2.0), (0.5, 0.5)])
def test_a_phone_is_led_to_what_was_found_until_link_or_event_ends(
    site: Site, expires_h: float | None, hours: float
) -> None:
    now = site.clock.now().utc
    event = site.create(expires=None if expires_h is None else now + 3600 * expires_h)
    request_id = str(uuid4())
    link = site.desk.link(event, request_id)
    assert link is not None
    assert link.until == now + 3600 * hours
    rows = np.array([[255 * (bit == "0") for bit in row] for row in link.picture], np.uint8)
    text, *_ = cv2.QRCodeDetector().detectAndDecode(cv2.resize(rows, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST))
    begin, _, token = text.partition("?t=")
    assert begin == f"https://fotos.example/gala/g/{request_id}"
    assert GuestLinks(KEY).end_of(event.id, request_id, token) == int(link.until)


@pytest.mark.parametrize(
    ("guests", "reachable"),
    [
        (GuestSettings(), False),
        (GuestSettings(url="http://localhost:8767"), False),
        (GuestSettings(listen="192.168.4.1"), True),
        (GuestSettings(listen="0.0.0.0", url="http://booth.local:8767"), True),
    ],
)
def test_no_phone_is_led_to_where_none_gets(site: Site, guests: GuestSettings, *, reachable: bool) -> None:
    site.photos = PhotoSettings(guests=guests)
    assert (site.desk.link(site.create(), str(uuid4())) is not None) == reachable


def test_without_a_camera_there_is_none_and_one_that_mirrors_says_so(site: Site) -> None:
    assert site.desk.camera() == BoothCamera(mirrored=False)
    assert site.desk.frame() is site.seat.newest
    site.seat.settings.mirror = True
    assert site.desk.camera() == BoothCamera(mirrored=True)
    site.seat = None
    assert site.desk.camera() is None
    assert site.desk.frame() is None
    assert site.desk.guide().stage is Stage.REST


def test_whoever_is_nearest_is_guided_and_by_what_is_seen_now(site: Site) -> None:
    near, far = (Box(400, 100, 700, 500), 150.0), (Box(100, 100, 150, 160), 20.0)
    assert site.desk.guide().stage is Stage.REST
    site.looks(10.0, far, near)
    assert site.desk.guide().prompt is Prompt.LOOK_HERE
    assert site.desk.guide().face == Box(400 / 1280, 100 / 720, 700 / 1280, 500 / 720)
    site.looks(10.0, far)
    assert site.desk.guide().prompt is Prompt.COME_CLOSER
    site.looks(10.0)
    assert site.desk.guide().stage is Stage.REST
    site.looks(8.0, near)
    assert site.desk.guide().stage is Stage.REST, "they have gone since"
