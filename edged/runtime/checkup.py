"""What `edged doctor` looks at: each check is tried for real, and says in words what is wrong and what to do."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from edged.cameras.capture import Ended
from edged.cameras.kinds import open_capture
from edged.config.cameras import CameraSettings
from edged.config.document import Document
from edged.control.keyring import Keyring
from edged.domain.errors import EdgedError
from edged.mqtt.outbox_reader import OutboxReader
from edged.runtime import machine
from edged.runtime.broker_checkup import broker_findings
from edged.runtime.door_checkup import door_findings
from edged.runtime.finding import Finding, Mark
from edged.runtime.state_dir import StateDir
from edged.vision.manifest import read_embedder
from edged.vision.sight import Sight, open_sight

_FRAMES: Final = 3
_LOW_DISK_MB: Final = 200.0
_DARK: Final = 12.0


def examine(document: Document) -> Iterator[Finding]:
    """Tries everything the daemon needs, one after the other; yields each finding as soon as it is there.

    Blocks: a camera that is away takes its `open_timeout_s`. Needs no daemon and disturbs none, but a camera that the
    daemon has open may answer that it is busy.
    """
    yield _tried("system", _system)
    yield _tried("clock", _clock)
    yield _tried("state", lambda: _state(document))
    yield _tried("privacy", lambda: _privacy(document))
    yield _tried("gallery and models", lambda: _models(document))
    if not document.cameras:
        yield Finding("cameras", Mark.WARN, "no camera is configured", "Add one under `cameras:` in the configuration")
    for name, settings in document.cameras.items():
        yield _tried(f"camera.{name}", partial(_camera, name, settings))
    yield from door_findings(document)
    if document.mqtt.enabled:
        yield from broker_findings(document)
        if document.mqtt.acknowledged_by == "hub":
            yield _events(document)
        yield signers_finding(document.control.keys)
    else:
        yield Finding("broker", Mark.WARN, "MQTT is switched off: events are kept, but nobody hears of them")
    if document.central.kind != "none":
        yield _tried("central", lambda: _central(document))


def signers_finding(keys: Path | None) -> Finding:
    """Whose orders the daemon follows; `keys`: the folder that the document names, if it names one."""
    if keys is None:
        return Finding("control", Mark.OK, "orders need no signature: the broker's access list says who may give them")
    found = Keyring(keys).now()
    names = ", ".join(sorted(signer.name for signer in found.signers.values()))
    if found.problems:
        return Finding("control", Mark.FAIL, "; ".join(found.problems), "edged control key list")
    if not names:
        return Finding("control", Mark.FAIL, f"nobody's orders are followed: {keys} holds no key", "edged control key")
    return Finding("control", Mark.OK, f"orders are followed that are signed by {names}")


def _tried(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except EdgedError as error:
        return Finding(name, Mark.FAIL, error.what, error.remedy)


def _system() -> Finding:
    text = f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    if sys.maxsize < 2**32:
        return Finding("system", Mark.FAIL, f"{text}: a 32-bit system", "Install a 64-bit system")
    return Finding("system", Mark.OK, text)


def _clock() -> Finding:
    synchronised = machine.clock_synchronised()
    now = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    if synchronised is False:
        return Finding(
            "clock", Mark.WARN, f"{now}, not synchronised: times in events may be wrong", "timedatectl set-ntp true"
        )
    return Finding("clock", Mark.OK, f"{now}, {'synchronised' if synchronised else 'the kernel does not say more'}")


def _state(document: Document) -> Finding:
    state = StateDir.of(document)
    free = machine.disk_free_mb(state.root)
    pending = 0
    if state.events.exists():
        reader = OutboxReader.open(state.events)
        pending = reader.counters().pending
        reader.close()
    waiting = f"{pending} event(s) waiting for the {document.mqtt.acknowledged_by}"
    text = f"{state.root}: writable, {free:,.0f} MB free, {waiting}"
    if free < _LOW_DISK_MB:
        return Finding("state", Mark.FAIL, text, f"Free at least {_LOW_DISK_MB:.0f} MB on that disk")
    return Finding("state", Mark.OK, text)


def _privacy(document: Document) -> Finding:
    """Where the key lies, whether there is a backup, and whether everybody who was deleted is forgotten."""
    state = StateDir.of(document)
    source = state.open_vault(document).source
    with closing(state.open_people(document)) as people:
        backups, waiting = people.backups.all(), people.departures.pending()
    kept = f"the newest of {len(backups)} backups has revision {backups[0].revision}" if backups else "no backup yet"
    text = f"key in {source}; {kept}"
    if waiting:
        remedy = "Start the daemon: it removes them within a minute"
        return Finding("privacy", Mark.FAIL, f"{text}; traces of {len(waiting)} deleted people remain", remedy)
    if source is not None and source.is_relative_to(state.root):
        remedy = "Let systemd or a medium of its own hold it: docs/design/privacy.md"
        return Finding("privacy", Mark.WARN, f"{text}, beside what it locks: a stolen card can be read", remedy)
    return Finding("privacy", Mark.OK, text)


def _models(document: Document) -> Finding:
    """Loads both models, verifies their hashes and runs each once: an import proves nothing."""
    sight = open_sight(document.models)
    begun = time.perf_counter()
    side = document.models.detect_long_side
    sight.detect(np.full((side * 3 // 4, side, 3), 127, np.uint8))
    detected = time.perf_counter()
    _embed_something(sight)
    done = time.perf_counter()
    gallery = StateDir.of(document).open_gallery(document, sight.model)
    snapshot = gallery.snapshot()
    gallery.close()
    text = f"{document.models.detector} {(detected - begun) * 1000:.0f} ms, "
    text += f"{sight.model.name} {(done - detected) * 1000:.0f} ms; "
    text += f"{snapshot.persons} people with {snapshot.templates} templates"
    if sight.notes:
        return Finding(
            "models", Mark.WARN, f"{text}; {'; '.join(sight.notes)}", "Change models.providers or install it"
        )
    return Finding("models", Mark.OK, text)


def _embed_something(sight: Sight) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (112, 112, 3), dtype=np.uint8)
    sight.embed([noise])


def _camera(name: str, settings: CameraSettings) -> Finding:
    check = f"camera.{name}"
    if not settings.enabled:
        return Finding(check, Mark.WARN, "switched off in the configuration")
    begun = time.monotonic()
    capture = open_capture(settings, clock=time.monotonic, wait=time.sleep)
    try:
        opened = time.monotonic()
        for _ in range(_FRAMES):
            capture.grab()
        image = capture.retrieve()
        seconds = time.monotonic() - opened
    except Ended:
        return Finding(check, Mark.OK, "a file that has fewer frames than are asked for here")
    finally:
        capture.close()
    height, width = image.shape[:2]
    text = f"{width}×{height}, opened in {opened - begun:.1f} s, {_FRAMES / max(seconds, 1e-3):.0f} frames/s"
    if float(image.mean()) < _DARK:
        return Finding(check, Mark.WARN, f"{text}, almost black", "Take the cover off the lens, or switch a light on")
    return Finding(check, Mark.OK, text)


def _events(document: Document) -> Finding:
    """Who is to acknowledge events: whether a hub does is seen in the daemon's conditions only."""
    text = "events are kept until a hub acknowledges them"
    if document.central.kind != "hub":
        remedy = "The hub on this broker must have mqtt.events: true in its hub.yaml, or events stay here"
        return Finding("events", Mark.WARN, f"{text}, and this device follows none (central.kind)", remedy)
    return Finding("events", Mark.OK, f"{text}: mqtt.events: true in its hub.yaml")


def _central(document: Document) -> Finding:
    """Asks the centre for the beginning of its list, as the daemon would: address, certificate, token and right."""
    from edged.central.dialects import open_centre  # noqa: PLC0415  a device without a centre has no use for httpx

    model = read_embedder(document.models.directory, document.models.embedder).model
    centre = open_centre(document.central, document.device.name, now=time.monotonic, sleep=time.sleep)
    with closing(centre):
        begun = time.monotonic()
        page = centre.changes("", model, 1) if centre.lists else centre.refresh({"nobody/nobody": frozenset()})
        seconds = time.monotonic() - begun
    text = f"{document.central.url} ({document.central.kind}) answered in {seconds * 1000:.0f} ms"
    if page.revision:
        text += f", its revision is {page.revision}"
    return Finding("central", Mark.OK, text)
