"""A booth that does what a test says."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import segno
from anyio import to_thread

from edged.api.booth_port import BoothCamera, PhoneLink
from edged.api.server import Server
from edged.config.photos import PhotoSettings
from edged.domain.errors import EdgedError
from edged.domain.frame import Frame, Image, Moment
from edged.domain.person import ModelRef
from edged.domain.screen import Prompt, Screen, Stage
from edged.photos.album import EventPlan, Features, PhotoEvent, Terms
from edged.photos.photo import Photo, PhotoFile, PhotoKind, PhotoPage
from edged.photos.search import Probe, Search
from tests.api.pretend_device import PretendDevice, a_scene, serving
from tests.web.scripted_door import FPS

PARTY = PhotoEvent(
    id="2b0b6f3e-6a4e-4a57-8f2c-0d2f6c8f2a11",
    organisation="booth",
    slug="party",
    plan=EventPlan("Summer party", terms=Terms(consent="We show the photographs to the guests of this evening only.")),
    created=0.0,
    consent_version=3,
)
_SIDES = {PhotoKind.PREVIEW: 1600, PhotoKind.THUMBNAIL: 320}
_PROBE = Probe(np.full(4, 0.5, np.float32), ModelRef("pretend", "0" * 64, 4))


def photo_id(number: int) -> str:
    return str(uuid.UUID(int=number))


class ScriptedBooth:
    """A `BoothDesk`.

    Attributes:
        here, look, seat: the event that is on, the settings, and the camera; a test changes them at any time.
        scene: what the camera sees; None: it is away. guided: what would help.
        album: photographs by id, as numbers that they are drawn from; hidden: those that are not shown any more.
        finds: ids that a search finds; sees: whether it sees a face; reach: whether phones can reach this device.
        trouble: raised by whatever is done next, until it is None again; slow_s: how long that takes.
        did: what was done, in order.
    """

    def __init__(self, found: int = 0, scene: Image | None = None) -> None:
        self.here: PhotoEvent | None = PARTY
        self.look = PhotoSettings(countdown_s=1).model_copy(
            update={"guests": PhotoSettings().guests.model_copy(update={"url": "http://192.0.2.7:8767"})}
        )
        self.seat: BoothCamera | None = BoothCamera()
        self.scene: Image | None = a_scene(1280, 720) if scene is None else scene
        self.guided = Screen(Stage.GUIDE, Prompt.LOOK_HERE, progress=0.5)
        self.album = {photo_id(number): number for number in range(1, found + 1)}
        self.hidden: set[str] = set()
        self.finds = list(self.album)
        self.sees = True
        self.trouble: EdgedError | None = None
        self.slow_s = 0.0
        self.did: list[tuple[object, ...]] = []
        self.searches: dict[str, list[str]] = {}
        self.pictures: dict[int, Image] = {}
        """Instead of those that are drawn."""

    def plan(self, **terms: object) -> None:
        """The event has other terms from now on, and another version of its consent."""
        assert self.here is not None
        plan = replace(self.here.plan, terms=replace(self.here.plan.terms, **terms))  # type: ignore[arg-type]
        self.here = replace(self.here, plan=plan, consent_version=self.here.consent_version + 1)

    def forbid_searches(self) -> None:
        assert self.here is not None
        self.here = replace(self.here, plan=replace(self.here.plan, features=Features(selfie_search=False)))

    def switch_off(self) -> None:
        assert self.here is not None
        self.here = replace(self.here, plan=replace(self.here.plan, features=Features(enabled=False)))

    def settings(self) -> PhotoSettings:
        return self.look

    def camera(self) -> BoothCamera | None:
        return self.seat

    def frame(self) -> Frame | None:
        if self.scene is None:
            return None
        number = int(time.monotonic() * FPS)
        return Frame("booth", number, Moment(number / FPS, time.time()), self.scene)

    def guide(self) -> Screen:
        return self.guided

    def event(self) -> PhotoEvent | None:
        return self.here

    def take(self, event: PhotoEvent) -> Photo:
        self._do("take")
        number = 900 + len(self.did)
        self.album[photo_id(number)] = number
        return self._photo(photo_id(number))

    def discard(self, photo: str) -> None:
        self._do("discard", photo)
        del self.album[photo]

    def portrait(self) -> bytes:
        self._do("portrait")
        return b"a portrait"

    async def search(self, event: PhotoEvent, request_id: str, portrait: bytes, consent: int) -> Search:
        await to_thread.run_sync(self._do, "search", event.id, portrait, consent)
        self.searches[request_id] = [photo for photo in self.finds if self.sees]
        return Search(request_id, 0.9, tuple(self.searches[request_id]), _PROBE if self.sees else None)

    def withdraw(self, event: PhotoEvent, request_id: str) -> None:
        self._do("withdraw", event.id)
        del self.searches[request_id]

    def found(self, event: PhotoEvent, request_id: str, offset: int, limit: int) -> PhotoPage:
        shown = [photo for photo in self.searches[request_id] if photo in self.album and photo not in self.hidden]
        return PhotoPage(len(shown), tuple(map(self._photo, shown[offset : offset + limit])))

    def deny(self, event: PhotoEvent, request_id: str, photo: str) -> None:
        self._do("deny", photo)
        self.searches[request_id].remove(photo)

    def picture(self, event: PhotoEvent, photo: str, kind: PhotoKind, *, own: bool) -> PhotoFile | None:
        if photo not in self.album or (photo in self.hidden and not own):
            return None
        number = self.album[photo]
        own_picture = self.pictures.get(number)
        return PhotoFile(drawn(number, _SIDES[kind]) if own_picture is None else encoded(own_picture), "image/jpeg", "")

    def link(self, event: PhotoEvent, request_id: str) -> PhoneLink | None:
        if not self.look.guests.is_reachable:
            return None
        code = segno.make_qr(f"{self.look.guests.address}/g/{request_id}?t=s1b2c3.AAAAAAAAAAAAAAAAAAAAAA")
        rows = tuple("".join("1" if dark else "0" for dark in row) for row in code.matrix_iter(border=4))
        return PhoneLink(rows, time.time() + 3 * 86_400)

    def _do(self, *what: object) -> None:
        time.sleep(self.slow_s)
        if self.trouble is not None:
            raise self.trouble
        self.did.append(what)

    def _photo(self, photo: str) -> Photo:
        return Photo(photo, "party.jpg", 1600, 1200, None, 0.0, 1, "image/jpeg")


@cache
def drawn(number: int, side: int) -> bytes:
    """A photograph of nobody, each in a colour of its own."""
    hue = number * 47 % 180
    wall = np.full((side * 3 // 4, side, 3), (hue, 70, 150), np.uint8)
    image = cv2.cvtColor(wall, cv2.COLOR_HSV2BGR)
    high, wide = image.shape[:2]
    cv2.circle(image, (wide // 2, high // 2), high // 6, (225, 225, 225), -1)
    cv2.ellipse(image, (wide // 2, high), (high // 3, high // 3), 0, 180, 360, (225, 225, 225), -1)
    return encoded(image.astype(np.uint8))


def encoded(image: Image) -> bytes:
    return bytes(cv2.imencode(".jpg", image)[1])


@contextmanager
def booth_served(booth: ScriptedBooth, *, port: int = 0) -> Iterator[Server]:
    """A real server with this booth."""
    with serving(PretendDevice("booth"), booth=booth, port=port) as server:
        yield server
