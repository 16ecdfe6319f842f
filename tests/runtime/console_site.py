"""The console's people, events and review over real models, databases and threads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
from starlette.routing import Route

from edged.api.console.events import events_routes
from edged.api.console.people import people_routes
from edged.config.document import QualitySettings
from edged.credentials.credentials import Credentials
from edged.domain.errors import Refused
from edged.domain.frame import Frame, Image, Moment
from edged.gallery.departures import Departures
from edged.gallery.keepsakes import Keepsakes
from edged.gallery.packs import PersonKeys
from edged.gallery.people import KEEPSAKES
from edged.gallery.people_search import PeopleReader
from edged.gallery.pseudonyms import Pseudonyms
from edged.runtime.clock import SystemClock
from edged.runtime.console.enrolling import Enrolling
from edged.runtime.console.events_desk import DeviceEventsDesk
from edged.runtime.console.people_desk import DevicePeopleDesk
from edged.runtime.state_dir import new_id
from edged.vision.sight import Sight
from tests.gallery.sample import VAULT
from tests.runtime.test_review import Bench


def jpeg(image: Image) -> bytes:
    return cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 95))[1].tobytes()


class ConsoleSite(Bench):
    """Attributes:
    people, events: the desks; codes: of the people; camera: what the camera `door` sees, None: nothing.
    """

    def __init__(self, folder: Path, sight: Sight, photo: Image) -> None:
        super().__init__(folder, sight, photo)
        clock = SystemClock()
        keys = PersonKeys(VAULT.seal_for("people"))
        reader = PeopleReader(folder / "gallery.db", keys, Keepsakes(folder / KEEPSAKES), sight.model)
        self.camera: Image | None = photo
        self.codes = Credentials.open(
            folder / "access.db", bytes(32), now=time.time, new_id=lambda: new_id(clock.now())
        )
        self.has_doors = True
        enrolling = Enrolling(
            sight,
            QualitySettings,
            judge=self.judge,
            keeper=self.keeper,
            gallery=self.gallery.snapshot,
            people=reader,
            eyes=self._eyes,
            clock=clock,
        )
        self.people = DevicePeopleDesk(
            reader,
            enrolling,
            keeper=self.keeper,
            outbox=folder / "events.db",
            departures=Departures(folder),
            codes=lambda: self.codes if self.has_doors else None,
            survey=lambda: self.gallery.snapshot().survey,
            note=self.note,
        )
        self.pseudonyms = Pseudonyms(folder / "pseudonyms.json", 1e6)
        self.events = DeviceEventsDesk(
            folder / "events.db",
            shots=self.shots,
            people=reader,
            pseudonyms=self.pseudonyms,
            places=lambda: (("door",), ()),
        )

    @property
    def rooms(self) -> list[Route]:
        return [*events_routes(self.events), *people_routes(self.people)]

    def _eyes(self) -> Any:
        now = SystemClock().now()
        frame = None if self.camera is None else Frame("door", 1, Moment(now.mono, now.utc), self.camera)
        return {"door": SimpleNamespace(name="door", newest=frame)}

    def enrol(self, key: str, photo: Image, **facts: Any) -> str:
        """Somebody with this photograph; their id."""
        from edged.api.console.people_forms import Enrol  # noqa: PLC0415

        found = self.people.look(jpeg(photo), f"{key}.jpg", "", by="tester")
        if not found.taken:
            raise Refused(found.reason, found.what)
        saved = self.people.enroll(
            Enrol(drafts=(found.draft,), customer_person_id=key, certain=True, **facts), by="tester"
        )
        return saved.id


@contextmanager
def console_site(folder: Path, sight: Sight, photo: Image) -> Iterator[ConsoleSite]:
    """Its threads run."""
    site = ConsoleSite(folder, sight, photo)
    for thread in site.threads:
        thread.start()
    try:
        yield site
    finally:
        site.stop.set()
        for thread in site.threads:
            thread.join(10)
        site.codes.close()
