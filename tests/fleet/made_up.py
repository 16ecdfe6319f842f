"""A fleet in every state, for the page and for what programs read."""

from __future__ import annotations

from typing import Any

from edged.api.watch import Watch
from edged.domain.errors import Unavailable
from edged.fleet.census import Census
from edged.fleet.muster import muster
from edged.wire.device import CameraHealth, CentralPart, ConditionPart, Health, Index, IndexModel, Info
from edged.wire.fleet import FleetList, FleetPush, FleetPushes
from edged.wire.order import Desired
from edged.wire.payload import instant
from edged.wire.reported import ReportStatus
from edged.wire.topics import GroupTopics, Topics
from tests.fleet.pretend import PREFIX, UTC, health, reported

EVIL = "door<img src=x onerror=alert(1)>\x1b[2J"


class MadeUpWatch:
    """What was seen; a test may change it."""

    def __init__(self, *, trouble: str = "") -> None:
        self.list: FleetList | None = muster(made_up_census(), instant(UTC), trouble=trouble)
        self.said = pushes()

    def fleet(self) -> FleetList:
        if self.list is None:
            raise Unavailable("nothing was seen of the devices yet", "Come again in a moment")
        return self.list

    def pushes(self, limit: int) -> FleetPushes:
        return FleetPushes(pushes=self.said[:limit])


def info(name: str, version: str = "0.1.0", *, restart: bool = False) -> Info:
    return Info(
        device=name,
        boot="b1",
        started=instant(UTC),
        versions={"edged": version},
        models=(),
        capabilities=(),
        config="c0ffee123456",
        config_schema="",
        restart_required=restart,
    )


def made_up_census() -> Census:
    census = Census(PREFIX)
    _add(census, "entrance", temperature=52.4, age=12.0)
    _add(census, "gate", temperature=71.0, age=40.0, conditions=("camera.front", "objective.latency", "disk"))
    _add(census, "loading-dock", available="offline", age=86_400.0 * 2, desired=5)
    _add(census, "office-1", status=ReportStatus.REVERTED, desired=5)
    _add(census, "office-2", status=ReportStatus.REJECTED, desired=5)
    _add(census, "office-3", status=ReportStatus.APPLYING, desired=5)
    _add(census, "yard", available="stopped", groups=("yard",))
    _add(census, "cellar", version="0.0.9", restart=True)
    order = Desired(version=2, patch={"log": {"level": "debug"}}, by="anna@laptop", token="r1")
    census.heed(GroupTopics(PREFIX, "doors").desired, order.encoded())
    return census


def _add(
    census: Census,
    name: str,
    *,
    available: str = "online",
    temperature: float | None = None,
    age: float | None = None,
    conditions: tuple[str, ...] = (),
    groups: tuple[str, ...] = ("doors",),
    status: ReportStatus = ReportStatus.APPLIED,
    desired: int = 4,
    version: str = "0.1.0",
    restart: bool = False,
) -> None:
    topics = Topics(PREFIX, name)
    central = CentralPart(revision=1, stale_s=age, shared=1, queued=0, held=0, roster="ab" * 32)
    cameras = {
        "front": CameraHealth(fps=14.9, frame_age_s=0.1, dropped=0, looked=1, still=0),
        "back": CameraHealth(fps=0.0 if conditions else 15.0, frame_age_s=None, dropped=0, looked=1, still=0),
    }
    fits = status is ReportStatus.APPLIED
    said: dict[str, Any] = {
        topics.desired: Desired(version=desired, patch={"decision": {"margin": 0.05}}, by="anna@laptop", token="r1"),
        topics.reported: reported(
            "device" if status is not ReportStatus.APPLIED else "group:doors",
            desired if not fits else 2,
            status,
            {"device": 4, "group:doors": 2},
            problem="" if fits or status is ReportStatus.APPLYING else "the camera gives no pictures",
            control={"groups": groups},
        ),
        topics.info: info(name, version, restart=restart),
        topics.health: _health(conditions, temperature, cameras, central if age is not None else None),
        topics.index: Index(
            version=7,
            digest="9f" * 32,
            persons=1250,
            templates=5000,
            model=IndexModel(name="sface", digest="ab" * 32, dimension=128),
            stale_s=age,
        ),
    }
    for topic, payload in said.items():
        assert census.heed(topic, payload.encoded()) == name
    census.heed(topics.available, available.encode())


def _health(
    conditions: tuple[str, ...],
    temperature: float | None,
    cameras: dict[str, CameraHealth],
    central: CentralPart | None,
) -> Health:
    parts = tuple(
        ConditionPart(
            name=name,
            what="camera back gives no frames" if name.startswith("camera") else f"{name} is not as it should be",
            remedy="Look at its cable",
            since=instant(UTC - 3600),
        )
        for name in conditions
    )
    return health(conditions=parts, temperature_c=temperature, cameras=cameras, central=central, queues={"events": 3})


def pushes() -> tuple[FleetPush, ...]:
    def push(at: float, address: str, version: int, change: dict[str, Any], **more: str) -> FleetPush:
        words = {"by": "anna@laptop", "key": "", "token": "", **more}
        return FleetPush(at=instant(UTC - at), address=address, version=version, change=change, **words)

    margin = {"decision": {"margin": 0.05}}
    return (
        push(90, "_group/doors", 2, {"log": {"level": "debug"}}, token="20260101-115800-ab12"),
        *(
            push(4000, f"office-{number}", 4, margin, token="20260101-105300-cd34", key="ab" * 8)
            for number in (3, 2, 1)
        ),
        push(90_000, "gate", 3, {"mqtt": {"password": "********"}, "decision": None}, by=""),
    )


_watch: Watch = MadeUpWatch()  # mypy: it is one
