"""Pushes that would leave a device blind, mute or without models: what it does with them, and how soon."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edged.config.document import ModelSettings
from edged.domain.progress import Progress
from edged.measure.control_site import DEVICE, ControlSite
from edged.measure.listener import Listener
from edged.mqtt.outbox_reader import OutboxReader
from edged.runtime.mosquitto import Mosquitto
from edged.vision.manifest import read_embedder

_MOST_EVENTS: Final = 10_000
_SETTLE_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What became of one bad push.

    Attributes:
        what: it would have done; status: in the end; seconds: until then; paths: what the report says was wrong.
        restored: what is in force is what was before.
    """

    what: str
    status: str
    seconds: float
    paths: tuple[str, ...]
    restored: bool


@dataclass(frozen=True, slots=True)
class Faults:
    """All of them.

    Attributes:
        events: accepted by the device meanwhile; lost: of these, never heard at a subscriber.
    """

    faults: tuple[Fault, ...]
    events: int
    lost: int

    @property
    def is_good(self) -> bool:
        return not self.lost and all(fault.restored and fault.status != "applied" for fault in self.faults)


def try_faults(site: ControlSite, models: ModelSettings, photo: Path, progress: Progress) -> Faults:
    """Pushes one after another to a device that is online; somebody comes to its camera again and again meanwhile.

    Blocks for about a minute a push that has to prove itself.
    """
    visits = {"leave_s": 0.5, "reentry_s": 0}
    front = {"kind": "demo", "photo": str(photo), "appear_s": 2.0, "absent_s": 1.5, "folder": None}
    front |= {"loop": None, "interval_s": None}
    with closing(Listener(site.broker.port, f"edged/{DEVICE}/event")) as listener:
        listener.connect()
        site.outcome(site.push({"visits": visits, "cameras": {"front": front}}))
        with Mosquitto(_made(site.folder / "other")) as other:
            pushes: tuple[tuple[str, Mapping[str, Any], Callable[[], None] | None], ...] = (
                ("a camera whose photograph is not there", {"cameras": {"front": {"photo": "/nowhere.png"}}}, None),
                ("another camera that cannot be reached", {"cameras": {"gate": _unreachable()}}, None),
                ("a broker where nobody answers", {"mqtt": {"port": 9}}, None),
                ("a broker that dies once it is proven", {"mqtt": {"port": other.port}}, other.kill),
                ("a model that is not there", {"models": {"embedder": "nobody"}}, None),
                ("a damaged model", {"models": {"directory": str(_damaged(models, site.folder / "models"))}}, None),
            )
            faults = []
            for number, (what, patch, meanwhile) in enumerate(pushes):
                progress(what, number / len(pushes))
                faults.append(_try(site, what, patch, meanwhile))
        time.sleep(_SETTLE_S)
        site.kill()
        listener.collect(_SETTLE_S)
        heard = {json.loads(message.payload)["id"] for message in listener.received}
    with closing(OutboxReader.open(site.state / "events.db")) as reader:
        accepted = {event.record.id for event in reader.recent(_MOST_EVENTS)}
        waiting = {event.record.id for event in reader.pending(limit=_MOST_EVENTS)}
    return Faults(tuple(faults), len(accepted), len(accepted - waiting - heard))


def _try(site: ControlSite, what: str, patch: Mapping[str, Any], meanwhile: Callable[[], None] | None) -> Fault:
    before = site.layers()
    site.forget()
    begun = time.monotonic()
    version = site.push(patch)
    if meanwhile is not None:
        site.await_leaving()  # the proof has been given
        meanwhile()
    report = site.outcome(version)
    seconds = round(time.monotonic() - begun, 1)
    paths = tuple(problem.path for problem in report.problems)
    return Fault(what, str(report.status), seconds, paths, restored=site.holds_again(before))


def _unreachable() -> dict[str, Any]:
    return {"kind": "rtsp", "url": "rtsp://127.0.0.1:9/stream"}


def _damaged(models: ModelSettings, folder: Path) -> Path:
    shutil.copytree(models.directory, folder, ignore=shutil.ignore_patterns("cache"))
    manifest = read_embedder(folder, models.embedder)
    path = folder / manifest.file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
