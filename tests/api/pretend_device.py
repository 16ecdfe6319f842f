"""A device that looks like a real one to its page, and does what a test says."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import cv2
import numpy as np
from starlette.routing import Route

from edged.accounts.account import Role
from edged.accounts.accounts import Accounts
from edged.accounts.note import Note, untold
from edged.api.app import make_app
from edged.api.booth_port import BoothDesk
from edged.api.kiosk import KioskDesk
from edged.api.port import (
    BrokerPart,
    BrokerState,
    Closed,
    DeviceState,
    Enrolled,
    Fitness,
    KeptEvent,
    Reviewer,
    Unknown,
    Unknowns,
    View,
)
from edged.api.server import Server
from edged.domain.errors import Refused
from edged.domain.event import Event, Outcome
from edged.domain.face import Box, Flaw
from edged.domain.frame import Frame, Image, Moment
from edged.domain.person import Person
from edged.web.pages import PAGES
from edged.wire.camera import CameraState, CameraStatus
from edged.wire.device import (
    CameraHealth,
    ConditionPart,
    Health,
    Index,
    IndexModel,
    Info,
    LifeState,
    ModelPart,
    StageTimes,
)
from edged.wire.event import record_of
from edged.wire.payload import instant
from tests.api.signed_in import Key, accounts_in, signed_in

FPS = 15
STAGES = {
    "wait": StageTimes(p50=3.1, p95=21.7, p99=38.4, count=4210),
    "look": StageTimes(p50=28.4, p95=41.0, p99=66.2, count=4210),
    "decide": StageTimes(p50=141.0, p95=236.5, p99=310.0, count=1873),
    "publish": StageTimes(p50=9.8, p95=31.0, p99=74.9, count=1869),
}


@dataclass(frozen=True, slots=True)
class Face:
    """A sighting."""

    track: int
    box: Box
    outcome: Outcome | None
    name: str = ""
    flaw: Flaw | None = None


def a_scene(width: int = 640, height: int = 480) -> Image:
    """Something for a camera to see: light falling from the left, and a little grain."""
    across = np.linspace(90, 40, width)[None, :, None]
    down = np.linspace(1.0, 0.7, height)[:, None, None]
    grain = np.random.default_rng(7).normal(0, 3, (height, width, 1))
    return np.clip(across * down * (1.1, 1.0, 0.9) + grain, 0, 255).astype(np.uint8)


class PretendDevice:
    """Cameras, events and a state that a test may change at any time."""

    def __init__(self, *cameras: str, scene: Image | None = None) -> None:
        now = time.time()
        self.scene = a_scene() if scene is None else scene
        self.faces: Sequence[Face] = ()
        self.kept: list[KeptEvent] = []
        self.pictures: dict[str, bytes] = {}
        self.stuck: tuple[str, ...] = ()
        self.missing: dict[str, str] = {}
        self.views = 0
        """How often a frame was asked for."""
        self.state_now = DeviceState(
            info=Info(
                device="entrance",
                boot="b1",
                started=instant(now - 93_784),
                versions={"edged": "0.1.0", "python": "3.11.7"},
                models=(
                    ModelPart(role="detector", name="yunet-2023mar", digest="12" * 32),
                    ModelPart(role="embedder", name="sface-2021dec-int8", digest="ab" * 32),
                ),
                capabilities=("onnxruntime.cpu",),
                config="cd" * 32,
                config_schema="ef" * 32,
                restart_required=False,
            ),
            health=Health(
                at=instant(now),
                state=LifeState.READY,
                uptime_s=93_784.2,
                conditions=(),
                cameras={
                    name: CameraHealth(fps=14.9, frame_age_s=0.04, dropped=3, looked=4210, still=51_330, stages=STAGES)
                    for name in cameras
                },
                stages=STAGES,
                queues={"events": 0},
                events_dropped=0,
                faces_refused={"too_small": 214, "turned_away": 96, "blurred": 31},
                rss_mb=141.2,
                cpu_percent=63.0,
                temperature_c=51.5,
                disk_free_mb=20_480.0,
                clock_synchronised=True,
            ),
            index=Index(
                version=12,
                digest="9f" * 32,
                persons=250,
                templates=1000,
                model=IndexModel(name="sface-2021dec-int8", digest="ab" * 32, dimension=128),
            ),
            cameras={
                name: CameraStatus(state=CameraState.ONLINE, reason="", since=instant(now - 3600)) for name in cameras
            },
            broker=BrokerPart(state=BrokerState.CONNECTED, address="localhost:1883"),
        )

    def keep(self, event: Event, picture: Image | None = None) -> None:
        """Something happened."""
        if picture is not None:
            self.pictures[event.id] = cv2.imencode(".jpg", picture)[1].tobytes()
        self.kept.append(KeptEvent(len(self.kept) + 1, record_of(event), picture is not None))

    def take_away(self, camera: str, reason: str, remedy: str) -> None:
        """The camera gives no pictures from now on."""
        since = instant(time.time() - 95)
        now = self.state_now
        self.state_now = now.model_copy(
            update={
                "cameras": {
                    **now.cameras,
                    camera: CameraStatus(state=CameraState.OFFLINE, reason=reason, since=since),
                }
            }
        )
        self.change_health(
            cameras={
                **now.health.cameras,
                camera: CameraHealth(fps=0.0, frame_age_s=95.0, dropped=3, looked=4210, still=51_330),
            },
        )
        self.complain(f"camera.{camera}", reason, remedy)

    def complain(self, name: str, what: str, remedy: str) -> None:
        """A condition begins."""
        condition = ConditionPart(name=name, what=what, remedy=remedy, since=instant(time.time() - 95))
        self.change_health(conditions=(*self.state_now.health.conditions, condition))

    def change_health(self, **changes: object) -> None:
        now = self.state_now
        self.state_now = now.model_copy(update={"health": now.health.model_copy(update=changes)})

    def state(self) -> DeviceState:
        now = self.state_now
        return now.model_copy(update={"health": now.health.model_copy(update={"at": instant(time.time())})})

    def fitness(self) -> Fitness:
        return Fitness(self.state_now.health.state, self.stuck, self.missing)

    def events(self, *, after: int, limit: int) -> Sequence[KeptEvent]:
        return [event for event in self.kept if event.number > after][-limit:]

    def picture(self, event_id: str) -> bytes | None:
        return self.pictures.get(event_id)

    def view(self, camera: str) -> View | None:
        self.views += 1
        status = self.state_now.cameras.get(camera)
        if status is None or status.state is not CameraState.ONLINE:
            return None
        number = int(time.monotonic() * FPS)
        return View(Frame(camera, number, Moment(number / FPS, number / FPS), self.scene), self.faces)


class PretendReviewer:
    """Unknown visits that a test has put together, and a note of what was done with them.

    Attributes:
        groups: what there is to review.
        waiting: what `unknowns` says is still to come, one answer after the other.
        enrolled: ids, events and whether they were known, of each enrolment.
        refusal: the next enrolments are refused with this.
    """

    def __init__(self, *groups: tuple[Unknown, ...]) -> None:
        self.groups = list(groups)
        self.waiting: list[int] = []
        self.enrolled: list[tuple[Person, list[str], bool]] = []
        self.dismissed: list[tuple[list[str], bool]] = []
        self.named: list[tuple[list[str], str]] = []
        self.likely: tuple[str, ...] = ()
        self.refusal: Refused | None = None
        self._aside: dict[str, tuple[Unknown, ...]] = {}

    def unknowns(self) -> Unknowns:
        return Unknowns(tuple(self.groups), self.waiting.pop(0) if self.waiting else 0, self.likely[: len(self.groups)])

    def enroll_from_events(self, event_ids: Sequence[str], person: Person, *, known: bool, by: str) -> Enrolled:
        if self.refusal:
            raise self.refusal
        self.enrolled.append((person, list(event_ids), known))
        left = [tuple(visit for visit in group if visit.event_id not in event_ids) for group in self.groups]
        self.groups = [group for group in left if group]
        return Enrolled(person, len(event_ids), ())

    def dismiss(self, event_ids: Sequence[str], *, undo: bool, by: str) -> None:
        self.dismissed.append((list(event_ids), undo))
        if undo:
            self.groups.insert(0, self._aside.pop(event_ids[0]))
        for group in [group for group in self.groups if not undo and group[0].event_id in event_ids]:
            self.groups.remove(group)
            self._aside[event_ids[0]] = group

    def name(self, event_ids: Sequence[str], name: str, *, by: str) -> str:
        self.named.append((list(event_ids), name))
        self.dismiss(event_ids, undo=not name, by=by)
        self.dismissed.pop()
        return name


class Served(Server):
    """A server, and what signs its tests in.

    Attributes:
        accounts: who may sign in; key: an administrator's.
    """

    accounts: Accounts
    key: Key


@contextmanager
def serving(
    device: PretendDevice,
    *,
    reviewer: Reviewer | Closed | None = None,
    port: int = 0,
    stall_s: float = 10.0,
    note: Note = untold,
    rooms: Sequence[Route] = (),
    kiosk: KioskDesk | None = None,
    booth: BoothDesk | None = None,
    role: Role = Role.ADMINISTRATOR,
    accounts: Accounts | None = None,
) -> Iterator[Served]:
    """A real server on the loopback address, on a free port unless said; without a review unless given.

    Args:
        role: of the account that `Served.key` is of; accounts: those of an earlier server, to go on with.
    """
    review = reviewer or Closed("the review is switched off", "Set http.review to true")
    with ExitStack() as things:
        if accounts is None:
            folder = things.enter_context(TemporaryDirectory())
            accounts = things.enter_context(closing(accounts_in(Path(folder))))
        app = make_app(
            device, PAGES, accounts=accounts, reviewer=review, note=note, rooms=rooms, kiosk=kiosk, booth=booth
        )
        server = Served(app, "127.0.0.1", port, stall_s=stall_s)
        server.accounts = accounts
        server.key = signed_in(accounts, server.port, role=role)
        thread = Thread(target=server.serve, name="page", daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stop()
            thread.join(10)
            assert not thread.is_alive()
