from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import cv2
import numpy as np
import pytest

from edged.config.cameras import StillsCamera
from edged.config.photos import PhotoSettings
from edged.domain.errors import Refused, Unavailable
from edged.domain.face import Box
from edged.domain.frame import Frame, Image, Moment
from edged.photos.album import EventPlan, Terms
from edged.photos.database import PhotoDatabase
from edged.photos.photo import PhotoKind, Source
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.alarm import Alarm
from edged.runtime.booth import DEVICE, Keeping
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.current_event import CurrentEvent
from edged.runtime.eye import Eye
from edged.runtime.intake import Intake
from edged.runtime.shutter import Picture, Shutter, best
from edged.runtime.stop import Stop
from edged.vision.photo import decode_photo
from tests.api.painted import PaintedEyes


@dataclass
class Booth:
    folder: Path
    settings: PhotoSettings

    def __post_init__(self) -> None:
        self.clock = SystemClock()
        self.eyes: dict[str, Eye] = {}
        database = self.database = PhotoDatabase.open(
            self.folder / "photos.db",
            threading.Lock(),
            lambda _by, _act, _about: None,
            now=time.time,
            new_id=lambda: str(uuid4()),
        )
        self.albums = SqliteAlbums(database, PhotoFolder(self.folder / "photos"))
        self.albums.create_organisation("booth", "Booth", by=DEVICE)
        self.shutter = Shutter(
            Keeping(PaintedEyes(), self.albums),
            CurrentEvent(self.albums, lambda: self.settings, self.clock),
            settings=lambda: self.settings,
            cameras=self.cameras,
            seen=dict,
            clock=self.clock,
        )

    def cameras(self) -> Mapping[str, Eye]:
        return self.eyes

    def create(self, slug: str, **terms: float) -> None:
        self.albums.create_event("booth", slug, EventPlan(slug, terms=Terms(**terms)), by=DEVICE)  # type: ignore[arg-type]

    @contextmanager
    def camera(self, name: str, *pictures: Image, mirror: bool = False) -> Iterator[None]:
        """A camera that shows these again and again."""
        folder = self.folder / name
        folder.mkdir()
        for at, picture in enumerate(pictures):
            cv2.imwrite(str(folder / f"{at}.png"), picture)
        settings = StillsCamera.model_validate(
            {"kind": "stills", "folder": folder, "interval_s": 0.05, "loop": True, "fps": 60, "mirror": mirror}
        )
        clock, stop = SystemClock(), Stop()
        eye = Eye(name, settings, intake=Intake(), clock=clock, conditions=Conditions(clock), alarm=Alarm(stop))
        eye.start()
        self.eyes[name] = eye
        deadline = time.monotonic() + 10
        while eye.newest is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        try:
            yield
        finally:
            eye.stop()
            eye.join(5.0)


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    booth = Booth(tmp_path, PhotoSettings())
    yield booth
    booth.database.close()


def scene() -> Image:
    """A sharp one, that is another one when it is mirrored."""
    image = np.full((240, 320, 3), 60, np.uint8)
    image[40:200:8, 20:140] = 200
    image[40:200, 20:140:8] = 30
    return image


def blurred(by: int) -> Image:
    return np.asarray(cv2.blur(scene(), (by, by)), np.uint8)


def difference(photo: bytes, image: Image) -> float:
    """The mean over all pixels, in grey levels."""
    return float(np.mean(np.abs(decode_photo(photo).astype(np.int16) - image)))


def test_the_sharpest_frame_becomes_a_photograph_of_the_event(booth: Booth) -> None:
    booth.create("gala")
    with booth.camera("front", blurred(9), scene(), blurred(5)):
        began = time.time()
        photo = booth.shutter.take(by=DEVICE)
    event = booth.albums.event("booth", "gala")
    assert event is not None
    assert [one.id for one in booth.albums.photos(event, 0, 9).photos] == [photo.id]
    assert (photo.source, photo.width, photo.height) == (Source.CAMERA, 320, 240)
    assert photo.taken is not None
    assert began <= photo.taken <= time.time()
    file = booth.albums.content(photo.id, PhotoKind.ORIGINAL)
    assert file is not None
    assert file.media_type == "image/jpeg"
    assert difference(file.content, scene()) < 5


def test_what_a_mirroring_camera_shows_is_turned_back(booth: Booth) -> None:
    booth.create("gala")
    with booth.camera("front", scene(), mirror=True):
        photo = booth.shutter.take(by=DEVICE)
    file = booth.albums.content(photo.id, PhotoKind.ORIGINAL)
    assert file is not None
    assert difference(file.content, scene()) < 5 < difference(file.content, scene()[:, ::-1])


def test_a_portrait_is_kept_nowhere(booth: Booth) -> None:
    with booth.camera("front", blurred(9), scene()):
        assert difference(booth.shutter.portrait(), scene()) < 5
    assert not (booth.folder / "photos").exists()


def test_the_camera_that_is_named_takes_it(booth: Booth) -> None:
    booth.create("gala")
    with booth.camera("door", blurred(9)), booth.camera("booth", scene()):
        with pytest.raises(Unavailable, match=r"photos\.camera"):
            booth.shutter.take(by=DEVICE)
        booth.settings = PhotoSettings(camera="booth")
        assert difference(booth.shutter.portrait(), scene()) < 5


def test_without_a_camera_nothing_is_taken(booth: Booth) -> None:
    booth.create("gala")
    with pytest.raises(Unavailable, match="no camera"):
        booth.shutter.take(by=DEVICE)
    with booth.camera("front", scene()):
        booth.settings = PhotoSettings(camera="away")
        with pytest.raises(Unavailable, match="away"):
            booth.shutter.portrait()


def test_a_camera_that_gives_no_pictures_any_more_is_named(booth: Booth) -> None:
    booth.create("gala")
    with booth.camera("front", scene()):
        pass
    with pytest.raises(Unavailable, match="front"):
        booth.shutter.take(by=DEVICE)


def test_an_event_must_be_on(booth: Booth) -> None:
    with booth.camera("front", scene()):
        with pytest.raises(Refused) as refusal:
            booth.shutter.take(by=DEVICE)
        assert refusal.value.reason == "no_event"
        booth.create("over", closes=1.0)
        with pytest.raises(Refused) as refusal:
            booth.shutter.take(by=DEVICE)
        assert refusal.value.reason == "no_event"
        booth.settings = PhotoSettings(event="over")
        with pytest.raises(Refused) as refusal:
            booth.shutter.take(by=DEVICE)
        assert refusal.value.reason == "event_closed"


def test_the_newest_event_that_is_open_gets_it_unless_another_is_set(booth: Booth) -> None:
    for slug in ("first", "second"):
        booth.create(slug)
    booth.create("over", closes=1.0)
    events = {slug: booth.albums.event("booth", slug) for slug in ("first", "second")}
    with booth.camera("front", scene()):
        second = booth.shutter.take(by=DEVICE)
        booth.settings = PhotoSettings(event="first")
        first = booth.shutter.take(by=DEVICE)
    for slug, photo in (("first", first), ("second", second)):
        event = events[slug]
        assert event is not None
        assert [one.id for one in booth.albums.photos(event, 0, 9).photos] == [photo.id]


def test_a_frame_with_a_face_comes_before_a_sharper_one_without() -> None:
    def picture(image: Image, face: Box | None = None) -> Picture:
        return Picture(Frame("front", 0, Moment(0.0, 0.0), image), face)

    everywhere = Box(10, 30, 150, 210)
    sharp, softer, soft = scene(), blurred(3), blurred(9)
    for order in ((0, 1, 2), (2, 1, 0)):
        pictures = [picture(sharp), picture(soft, everywhere), picture(softer, everywhere)]
        chosen = best([pictures[at] for at in order])
        assert chosen is not None
        assert chosen.frame.image is softer
    assert best([]) is None
