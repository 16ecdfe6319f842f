"""A device as far as its broker can tell: without camera and gallery, but with the real steward and session."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from edged import __version__
from edged.config.document import MqttSettings
from edged.config.layers import Loaded
from edged.config.plan import Plan
from edged.control.authority import CONFIG, Authority
from edged.domain.errors import Problem
from edged.mqtt.desired import DesiredEar
from edged.mqtt.notice import Disconnected, Received, Subscribed
from edged.mqtt.session import Session
from edged.mqtt.states import States
from edged.runtime.boot import read_document
from edged.runtime.clock import Clock, SystemClock
from edged.runtime.errand import Errand
from edged.runtime.eye import EyeState
from edged.runtime.probation import Vitals
from edged.runtime.steward import Steward
from edged.wire.device import CameraHealth, Health, Index, IndexModel, Info, LifeState
from edged.wire.order import Desired
from edged.wire.payload import instant
from edged.wire.topics import Topics

BROKEN_MARGIN: Final = 0.9
"""Who is told this `decision.margin` stops judging: it goes back by itself when that has been noticed."""
PINNED: Final = {"quality": {"max_yaw": 0.5}}
"""What the file of a device sets that has one of its own."""

_CONNECT_S: Final = 30.0
_HEALTH_S: Final = 15.0
_PROBATION_S: Final = 3


class SimulatedDevice:
    """One device. Belongs to one thread.

    Args:
        folder: for its file and its state; made here.
        port: of the broker, on loopback.
        name: its own.
        groups: that it belongs to.
        pins: its file sets PINNED.
    """

    def __init__(self, folder: Path, port: int, name: str, groups: Sequence[str], *, pins: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._file = folder / "edged.yaml"
        document = {
            "device": {"name": name, "state": str(folder)},
            "mqtt": {"host": "127.0.0.1", "port": port},
            "control": {"groups": list(groups), "probation_s": _PROBATION_S},
            "cameras": {"front": {"kind": "v4l2"}},
            **(PINNED if pins else {}),
        }
        self._file.write_text(yaml.safe_dump(document))
        self._clock: Clock = SystemClock()
        self._topics = Topics("edged", name)
        self._begin()

    @property
    def loaded(self) -> Loaded:
        """See `edged.runtime.steward.Device`, as the four below."""
        return self._loaded

    def follow(self, loaded: Loaded) -> None:
        self._loaded = loaded

    def vitals(self) -> Vitals:
        now = self._clock.now().mono
        judges = self._loaded.document.decision.margin != BROKEN_MARGIN
        return Vitals({"front": EyeState.ONLINE}, True, {"judge": now if judges else 0.0}, {})

    def begin_anew(self) -> None:
        self._leaves = True

    def prove(self, _loaded: Loaded, _plan: Plan) -> Errand[tuple[Problem, ...]]:
        errand: Errand[tuple[Problem, ...]] = Errand(tuple)
        errand.do()
        return errand

    def connect(self) -> None:
        """Goes online; blocks.

        Raises:
            Unavailable, Refused: see `Session.connect`.
        """
        self._session.connect(_CONNECT_S)
        self._ear.listen()
        self._put()
        self._states.announce()

    def step(self) -> None:
        """Takes in what has come, follows orders, and says what has changed; does not wait for anything.

        Raises:
            Unavailable: the connection is gone, and there is no other.
        """
        if self._leaves:
            self._session.close()
            self._begin()
            self.connect()
        while (notice := self._session.next_notice(0.0)) is not None:
            match notice:
                case Disconnected():
                    self.connect()
                case Received() | Subscribed():
                    self._ear.heed(notice)
                case _:
                    pass
        self._ear.tell()
        self._steward.round()
        self._put()
        self._states.publish()

    def close(self) -> None:
        self._session.close()

    def _begin(self) -> None:
        """As a daemon starts: on the disk is what there is."""
        self._leaves = False
        boot = read_document(self._file, self._clock.now().utc)
        self._loaded = boot.loaded
        authority = Authority(self.name, lambda: self._loaded.document.control.groups, None)
        self._steward = Steward(
            self._file.parent,
            self,
            lambda payload, to, now: authority.opened(payload, Desired, kind=CONFIG, to=to, now=now),
            clock=self._clock,
            wake=lambda: None,
        )
        self._steward.begin()
        mqtt = MqttSettings(host="127.0.0.1", port=self._loaded.document.mqtt.port)
        self._session = Session.of_device(mqtt, self.name)
        self._states = States(self._session, self._topics)
        self._ear = DesiredEar(
            self._session, self._topics, lambda: self._loaded.document.control.groups, self._steward.take
        )
        self._health_at = 0.0
        self._started = self._clock.now().utc

    def _put(self) -> None:
        now = self._clock.now()
        self._states.put_encoded(self._topics.reported, self._steward.report)
        self._states.put(self._topics.info, self._info())
        if now.mono - self._health_at >= _HEALTH_S:
            self._health_at = now.mono
            self._states.put(self._topics.health, _health(now.utc, now.utc - self._started))
            model = IndexModel(name="none", digest="00" * 32, dimension=128)
            self._states.put(
                self._topics.index, Index(version=1, digest="ab" * 32, persons=0, templates=0, model=model)
            )

    def _info(self) -> Info:
        return Info(
            device=self.name,
            boot="b1",
            started=instant(self._started),
            versions={"edged": __version__},
            models=(),
            capabilities=(),
            config=self._loaded.digest,
            config_schema="",
            restart_required=False,
        )


def _health(utc: float, uptime_s: float) -> Health:
    return Health(
        at=instant(utc),
        state=LifeState.READY,
        uptime_s=uptime_s,
        conditions=(),
        cameras={"front": CameraHealth(fps=15.0, frame_age_s=0.05, dropped=0, looked=1, still=0)},
        stages={},
        queues={"events": 0},
        events_dropped=0,
        faces_refused={},
        rss_mb=100.0,
        cpu_percent=10.0,
        temperature_c=50.0,
        disk_free_mb=1000.0,
        clock_synchronised=True,
    )
