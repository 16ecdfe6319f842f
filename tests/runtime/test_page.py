"""What the page is told of the device."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from edged.config.document import Document, HttpSettings
from edged.gallery.shots import ShotStore
from edged.measure.sample_event import sample_event
from edged.mqtt.outbox import Outbox
from edged.runtime.page import DeviceDesk
from tests.gallery.sample import VAULT


@pytest.mark.parametrize(("listen", "word"), [("127.0.0.1", "bafo-miru"), ("0.0.0.0", "")])
def test_the_word_for_a_stranger_is_not_shown_to_other_machines(tmp_path: Path, listen: str, word: str) -> None:
    outbox = Outbox.open(tmp_path / "events.db", "boot", now=time.time())
    outbox.append([replace(sample_event(1), stranger="bafo-miru", stranger_visits=2)])
    nobody = cast("Any", None)
    desk = DeviceDesk(
        Document(http=HttpSettings(listen=listen)),
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
    assert event.record.stranger == word
    assert event.record.stranger_visits == (2 if word else 0)
    assert event.record.best is not None
