"""A broker and devices in memory, as far as a roll-out can tell: devices answer when they are let."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edged.config.tree import merge_patch
from edged.fleet.census import Census, desired_topic
from edged.fleet.course import Order, advance, looked_at_anew, taken_back
from edged.fleet.rollout import Phase, Rollout, Target, Told
from edged.fleet.standing import read_standing
from edged.wire.device import ConditionPart, Health, LifeState
from edged.wire.order import Desired
from edged.wire.payload import instant
from edged.wire.reported import ProblemPart, Reported, ReportStatus
from edged.wire.topics import Topics

PREFIX = "edged"
UTC = 1_767_268_800.0
ROLLOUT = Rollout(
    id="20260101-120000-ab12",
    by="anna@laptop",
    began=UTC,
    change={"decision": {"margin": 0.5}, "log": None},
    batches=((Target("d1", ("d1",)),), (Target("_group/doors", ("d2", "d3")),)),
    later=(Target("d4", ("d4",)),),
    before={"d1": frozenset({"disk"})},
    hold_s=60.0,
    patience_s=180.0,
    phase=Phase.UNDOING,
    batch=1,
    told={"d1": Told(4, {"log": {"level": "debug"}}, stands=True)},
    undone={"d1": 5},
    why=("d1: rejected",),
    open={"d1": "no answer"},
    entered=12.0,
    well=13.0,
)
"""In the middle of being taken back, with something of everything."""


def reported(
    source: str,
    version: int | None,
    status: ReportStatus,
    versions: Mapping[str, int],
    *,
    problem: str = "",
    overruled: tuple[str, ...] = (),
    **effective: Any,
) -> Reported:
    return Reported(
        at=instant(UTC),
        source=source,
        version=version,
        token=None,
        status=status,
        problems=(ProblemPart(path="decision.margin", message=problem),) if problem else (),
        overruled=overruled,
        config="c0ffee",
        versions=versions,
        effective=effective,
        provenance={},
    )


def health(*conditions: str, **more: Any) -> Health:
    return Health(
        **{
            "at": instant(UTC),
            "state": LifeState.READY,
            "uptime_s": 1.0,
            "conditions": tuple(
                ConditionPart(name=name, what=f"{name} is wrong", remedy="", since=instant(UTC)) for name in conditions
            ),
            "cameras": {},
            "stages": {},
            "queues": {"events": 0},
            "events_dropped": 0,
            "faces_refused": {},
            "rss_mb": 1.0,
            "cpu_percent": 1.0,
            "temperature_c": None,
            "disk_free_mb": 1.0,
            "clock_synchronised": True,
            **more,
        }
    )


@dataclass
class Broker:
    """Attributes: standing: by topic; news: topics in the order in which they changed, not yet heard by the tool."""

    standing: dict[str, bytes] = field(default_factory=dict)
    news: list[tuple[str, bytes]] = field(default_factory=list)

    def publish(self, topic: str, payload: bytes) -> None:
        self.standing[topic] = payload
        self.news.append((topic, payload))


@dataclass
class PretendDevice:
    """Follows its own topic and that of one group.

    Attributes:
        bad: what it does with an order that sets `decision.margin` to 0.5: `rejected`, `reverted`, or nothing special.
        pushed: by source, what holds there.
        seen: by source, the version of the newest order that was answered.
    """

    name: str
    broker: Broker
    group: str = ""
    bad: str = ""
    online: bool = True
    pushed: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def topics(self) -> Topics:
        return Topics(PREFIX, self.name)

    def come(self) -> None:
        self.online = True
        self.broker.publish(self.topics.available, b"online")

    def go(self) -> None:
        self.online = False
        self.broker.publish(self.topics.available, b"offline")

    def look(self) -> None:
        """Follows what stands on its topics, if that is newer than what it knows."""
        if not self.online:
            return
        addresses = {"device": self.name} | ({f"group:{self.group}": f"_group/{self.group}"} if self.group else {})
        for source, address in addresses.items():
            standing = read_standing(self.broker.standing.get(desired_topic(PREFIX, address), b""))
            if standing.version <= self.seen.get(source, 0):
                continue
            self.seen[source] = standing.version
            patch = merge_patch({}, standing.patch)
            if self.bad and patch.get("decision", {}).get("margin") == 0.5:
                self._report(source, standing.version, ReportStatus(self.bad), "does not work here")
                continue
            self.pushed[source] = patch
            self.versions[source] = standing.version
            self._report(source, standing.version, ReportStatus.APPLIED)

    def _report(self, source: str, version: int, status: ReportStatus, problem: str = "") -> None:
        groups = (self.group,) if self.group else ()
        said = reported(source, version, status, dict(self.versions), problem=problem, control={"groups": groups})
        self.broker.publish(self.topics.reported, said.encoded())


class Tool:
    """Whoever rolls out, over connections that end and processes that die.

    Attributes:
        disk: the roll-out as it was kept last.
    """

    def __init__(self, rollout: Rollout, broker: Broker) -> None:
        self.disk = rollout
        self.broker = broker
        self.now = 0.0
        self.connect()

    def connect(self) -> None:
        """A new connection of a new process: nothing is known but what is on the disk, and what stands."""
        self.rollout = looked_at_anew(self.disk)
        self.census = Census(PREFIX)
        self.sent: set[tuple[str, int]] = set()
        for topic, payload in self.broker.standing.items():
            self.census.heed(topic, payload)
        self.broker.news.clear()

    def hear(self, many: int, *, twice: bool = False, lose: bool = False) -> None:
        """Takes in the next so many messages."""
        heard, self.broker.news[:] = self.broker.news[:many], self.broker.news[many:]
        for topic, payload in [] if lose else heard * (2 if twice else 1):
            self.census.heed(topic, payload)

    def step(self, seconds: float, sends: int | None = None) -> bool:
        """One look; False: it died after so many of its orders were sent."""
        self.now += seconds
        found = advance(self.rollout, self.census, self.now)
        self.rollout = self.disk = found.rollout
        orders = [order for order in found.orders if (order.address, order.version) not in self.sent]
        for order in orders[:sends]:
            self.send(order)
        if sends is not None and sends < len(orders):
            self.connect()
            return False
        return True

    def take_back(self) -> None:
        """Somebody wants to have it taken back; nothing where it is over."""
        if not self.rollout.is_over:
            self.rollout = self.disk = taken_back(self.rollout, "asked for")

    def send(self, order: Order) -> None:
        self.sent.add((order.address, order.version))
        desired = Desired(to=order.address, version=order.version, token=self.disk.id, patch=dict(order.patch))
        self.broker.publish(desired_topic(PREFIX, order.address), desired.encoded())
