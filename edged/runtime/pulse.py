"""What the device says of itself, gathered from its parts: for the broker and for the page alike."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from edged import __version__
from edged.audit.head import Head
from edged.config.layers import Loaded
from edged.config.schema import json_schema
from edged.domain.errors import Unavailable
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.gallery.snapshot import Snapshot
from edged.mqtt.outbox_reader import Counters
from edged.runtime import machine
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.eye import Eye, EyeState, EyeStatus
from edged.runtime.intake import Intake
from edged.runtime.judge import Judge
from edged.runtime.stages import Percentiles, Stages
from edged.runtime.sync_state import SyncState
from edged.wire.camera import CameraState, CameraStatus, Presence
from edged.wire.device import (
    AuditPart,
    CameraHealth,
    CentralPart,
    ConditionPart,
    Health,
    Index,
    IndexModel,
    Info,
    LifeState,
    ModelPart,
    StageTimes,
)
from edged.wire.event import PersonPart
from edged.wire.payload import instant

_PACKAGES: Final = ("onnxruntime", "opencv-python-headless", "annoy", "paho-mqtt", "numpy")
_LOW_DISK_MB: Final = 100.0
_ASIDE: Final = {
    EyeState.OPENING: "it is being opened",
    EyeState.ENDED: "the recording has been shown to its end",
    EyeState.OFFLINE: "it gives no pictures",
}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the figures come from. Everything here may be read on any thread."""

    boot: str
    models: tuple[ModelPart, ...]
    judge: Judge
    intake: Intake
    stages: Stages
    conditions: Conditions
    gallery: Callable[[], Snapshot]
    state_dir: Path
    sync: Callable[[], SyncState] | None = None
    audit: Callable[[], Head | None] = lambda: None


class Pulse:
    """Makes the retained payloads. Any thread may ask; nothing blocks.

    Args:
        eyes, loaded, life: of the daemon; asked at every use, since they are replaced as a whole.
    """

    def __init__(
        self,
        sources: Sources,
        clock: Clock,
        *,
        eyes: Callable[[], Mapping[str, Eye]],
        loaded: Callable[[], Loaded],
        life: Callable[[], LifeState],
    ) -> None:
        self._from = sources
        self._clock = clock
        self._eyes = eyes
        self._loaded = loaded
        self._life = life
        self._started = clock.now()
        self._schema = hashlib.sha256(json.dumps(json_schema(), sort_keys=True).encode()).hexdigest()[:12]
        own = {"edged": __version__, "python": platform.python_version()}
        self._versions = own | {name: version(name) for name in _PACKAGES}
        self._processor = machine.Processor()
        self._since: dict[str, tuple[str, Moment]] = {}

    @property
    def life(self) -> LifeState:
        """Where in its life the daemon is."""
        return self._life()

    def info(self) -> Info:
        loaded = self._loaded()
        return Info(
            device=loaded.document.device.name,
            boot=self._from.boot,
            started=instant(self._started.utc),
            versions=self._versions,
            models=self._from.models,
            capabilities=("recognise", "enrol", "replay"),
            config=loaded.digest,
            config_schema=self._schema,
            restart_required=any(item.name == "restart_required" for item in self._from.conditions.current()),
        )

    def health(self, counters: Counters, queues: Mapping[str, int]) -> Health:
        """How it goes.

        Args:
            counters: of the outbox, from whoever has a reader at hand; queues: what else waits, see `Talker.queues`.
        """
        now = self._clock.now()
        stages = self._from.stages.by_camera()
        disk = machine.disk_free_mb(self._from.state_dir)
        self._watch_disk(disk)
        return Health(
            at=instant(now.utc),
            state=self._life(),
            uptime_s=round(now.mono - self._started.mono, 1),
            conditions=tuple(
                ConditionPart(name=item.name, what=item.what, remedy=item.remedy, since=instant(item.since.utc))
                for item in self._from.conditions.current()
            ),
            cameras={
                name: self._camera_health(name, eye.status(now), stages.get(name, {}))
                for name, eye in self._eyes().items()
            },
            stages=_times(self._from.stages.summary()),
            queues={"events": counters.pending, **queues},
            events_dropped=counters.dropped,
            faces_refused=self._from.judge.refusals,
            rss_mb=round(machine.resident_mb(), 1),
            cpu_percent=round(self._processor.percent(), 1),
            temperature_c=machine.temperature(),
            disk_free_mb=round(disk),
            clock_synchronised=machine.clock_synchronised(),
            central=self._central(now.mono),
            audit=self._audit(),
        )

    def index(self) -> Index:
        snapshot = self._from.gallery()
        model = snapshot.model
        central = self._central(self._clock.now().mono)
        return Index(
            version=snapshot.version,
            digest=snapshot.digest,
            persons=snapshot.persons,
            templates=snapshot.templates,
            model=IndexModel(name=model.name, digest=model.digest, dimension=model.dimension),
            watermark=central and central.revision,
            stale_s=None if central is None or central.stale_s is None else central.stale_s // 60 * 60,
        )

    def _audit(self) -> AuditPart | None:
        head = self._from.audit()
        return None if head is None else AuditPart(chain=head.chain, number=head.number, hash=head.hash.hex())

    def _central(self, mono: float) -> CentralPart | None:
        """How sync stands; None on a device that stands alone."""
        if self._from.sync is None:
            return None
        state = self._from.sync()
        return CentralPart(
            revision=state.revision,
            stale_s=None if state.followed is None else round(mono - state.followed, 1),
            shared=state.shared,
            queued=state.queued,
            held=state.held,
            roster=state.roster,
        )

    def cameras(self) -> dict[str, CameraStatus]:
        """Every camera of the document, switched off ones too."""
        now = self._clock.now()
        eyes = self._eyes()
        faults = {item.name: item.what for item in self._from.conditions.current()}
        statuses = {}
        for name in self._loaded().document.cameras:
            eye = eyes.get(name)
            state = eye.status(now).state if eye else None
            if state is None:
                shown, reason = CameraState.DISABLED, "switched off in the configuration"
            elif state is EyeState.ONLINE:
                shown, reason = CameraState.ONLINE, ""
            else:
                shown, reason = CameraState.OFFLINE, faults.get(f"camera.{name}", _ASIDE[state])
            statuses[name] = CameraStatus(state=shown, reason=reason, since=instant(self._began(name, shown, now).utc))
        return statuses

    def doors(self) -> tuple[str, ...]:
        """Names of the doors of the document that is in force."""
        return tuple(self._loaded().document.access.doors)

    def fps(self, camera: str) -> float | None:
        """Frames a second that a camera gives now; None where it is switched off."""
        eye = self._eyes().get(camera)
        return None if eye is None else round(eye.status(self._clock.now()).fps, 1)

    def presence(self, camera: str) -> Presence:
        """Who stands in front of a camera now."""
        seen = self._from.judge.seen.get(camera)
        now = self._clock.now()
        leave_s = self._loaded().document.visits.leave_s
        fresh = seen is not None and now.mono - seen.frame.at.mono <= leave_s
        faces = seen.look.sightings if seen and fresh else ()
        outcomes = [face.outcome for face in faces]
        return Presence(
            at=instant(now.utc),
            total=sum(outcome is not None for outcome in outcomes),
            known=outcomes.count(Outcome.KNOWN),
            unknown=outcomes.count(Outcome.UNKNOWN),
            undecided=outcomes.count(Outcome.UNDECIDED),
            people=tuple(
                PersonPart(id=face.person.id, customer_person_id=face.person.customer_person_id, name=face.person.name)
                for face in sorted(faces, key=lambda face: face.track)
                if face.person
            ),
        )

    def _camera_health(self, name: str, status: EyeStatus, stages: Mapping[str, Percentiles]) -> CameraHealth:
        return CameraHealth(
            fps=round(status.fps, 1),
            frame_age_s=None if status.frame_age is None else round(status.frame_age, 2),
            dropped=self._from.intake.dropped[name],
            looked=self._from.judge.looked[name],
            still=self._from.judge.still[name],
            stages=_times(stages),
        )

    def _began(self, camera: str, state: CameraState, now: Moment) -> Moment:
        """Since when a camera is in this state."""
        known = self._since.get(camera)
        if known is None or known[0] != state:
            known = self._since[camera] = (state, now)
        return known[1]

    def _watch_disk(self, free_mb: float) -> None:
        if free_mb < _LOW_DISK_MB:
            self._from.conditions.begin(
                "disk",
                Unavailable(
                    f"less than {_LOW_DISK_MB:.0f} MB are free under {self._from.state_dir}",
                    "Free space on that disk; events are still kept while a byte is left",
                ),
            )
        else:
            self._from.conditions.end("disk")


def _times(stages: Mapping[str, Percentiles]) -> dict[str, StageTimes]:
    return {
        name: StageTimes(p50=round(item.p50, 1), p95=round(item.p95, 1), p99=round(item.p99, 1), count=item.count)
        for name, item in stages.items()
    }
