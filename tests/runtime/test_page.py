"""What the page is told of the device."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from edged.config.document import Document
from edged.gallery.shots import ShotStore
from edged.measure.sample_event import sample_event
from edged.mqtt.outbox import Outbox
from edged.runtime.page import DeviceDesk
from tests.gallery.sample import VAULT


def test_whoever_is_signed_in_reads_events_as_they_are_kept(tmp_path: Path) -> None:
    outbox = Outbox.open(tmp_path / "events.db", "boot", now=time.time())
    outbox.append([replace(sample_event(1), stranger="bafo-miru", stranger_visits=2)])
    nobody = cast("Any", None)
    desk = DeviceDesk(
        Document(),
        pulse=nobody,
        rounds=nobody,
        judge=nobody,
        talker=None,
        eyes=dict,
        outbox=tmp_path / "events.db",
        shots=ShotStore(tmp_path / "shots", VAULT.seal_for("shots")),
    )
    (event,) = desk.events(after=0, limit=10)
    outbox.close()
    assert (event.record.stranger, event.record.stranger_visits) == ("bafo-miru", 2)
    assert event.record.best is not None
