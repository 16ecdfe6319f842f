"""A device's gallery, kept by a real keeper, for the contract of directories."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from edged.api.directory import Directory
from edged.config.document import Document, GallerySettings
from edged.domain.audit import AuditEntry
from edged.domain.curve import Curve
from edged.gallery.gallery import Gallery
from edged.gallery.shots import ShotStore
from edged.mqtt.outbox import Outbox
from edged.runtime.alarm import Alarm
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.device_directory import DeviceDirectory
from edged.runtime.face_reader import FaceReader
from edged.runtime.keeper import Keeper
from edged.runtime.state_dir import new_id
from edged.runtime.stop import Stop
from tests.api.painted import MODEL
from tests.gallery.sample import VAULT
from tests.hub.site import Site

_OPEN: dict[str, Directory] = {}


@contextmanager
def open_directory(address: str) -> Iterator[Directory]:
    """A `tests.hub.site.Opener`. A device has one daemon and one directory: everybody is given that."""
    yield _OPEN[address]


@contextmanager
def device_site(folder: Path) -> Iterator[Site]:
    clock = SystemClock()
    stop = Stop()
    path = folder / "gallery.db"
    gallery = Gallery.open(path, GallerySettings(), MODEL, VAULT, now=time.time, new_id=lambda: new_id(clock.now()))
    keeper = Keeper(
        Outbox.open(folder / "events.db", "boot", now=time.time()),
        gallery,
        ShotStore(folder / "shots", VAULT.seal_for("shots")),
        Document(),
        curve=Curve(((1e-2, 0.5), (1e-3, 0.6)), 30.0, -15.0),
        clock=clock,
        conditions=Conditions(clock),
        changed=lambda: None,
        alarm=Alarm(stop),
    )
    reader = FaceReader(path, MODEL, gallery.snapshot)
    thread = Thread(target=keeper.run, args=(stop,))
    thread.start()
    directory = _OPEN[str(path)] = DeviceDirectory(keeper, reader)

    def audit() -> list[AuditEntry]:
        found = reader.audit(10**6)
        return [AuditEntry(one.number, one.at, one.by, one.name, one.act, one.about) for one in found]

    try:
        yield Site(directory, f"{__name__}:{open_directory.__name__}", str(path), audit)
    finally:
        del _OPEN[str(path)]
        stop.set()
        thread.join()
