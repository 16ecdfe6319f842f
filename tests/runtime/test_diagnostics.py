"""A bundle of everything, of a document full of secrets."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from edged.config.cameras import MjpegCamera, RtspCamera
from edged.config.layers import Loaded
from edged.config.problems import checked
from edged.config.pushed import Pushed
from edged.config.secret import MASK, secrets_of, without_secrets
from edged.mqtt.outbox import Outbox
from edged.mqtt.outbox_reader import Counters
from edged.runtime.clock import SystemClock
from edged.runtime.deed import Call
from edged.runtime.deeds.diagnostics import DiagnosticsDeed
from edged.runtime.log_ring import LogRing
from edged.runtime.replies import MAX_ANSWER_BYTES
from edged.runtime.stop import Stop
from edged.wire.commands.machine import Diagnostics, DiagnosticsAsked
from edged.wire.device import ConditionPart, Health
from edged.wire.payload import instant
from tests.config.full import with_password
from tests.runtime.test_talker import Still

CLOCK = SystemClock()


class Telltale(Still):
    """A device with a fault whose words hold a secret: no part of ours writes such a thing."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.secret = secret

    def health(self, counters: Counters, queues: Mapping[str, int]) -> Health:
        fault = ConditionPart(name="camera", what=f"no answer to {self.secret}", remedy="", since=instant(0))
        return super().health(counters, queues).model_copy(update={"conditions": (fault,)})


@pytest.fixture
def loaded() -> Loaded:
    document = checked(with_password(), "test")
    return Loaded(document, {"mqtt.password": "file"}, "0123456789ab", Path("/etc/edged/edged.yaml"), {}, Pushed())


def bundle(folder: Path, loaded: Loaded, secret: str, lines: list[str]) -> Diagnostics:
    ring = LogRing(lambda text: without_secrets(text, secrets_of(loaded.document)))
    log = logging.getLogger("edged.runtime.test_of_the_bundle")
    log.addHandler(ring)
    try:
        for line in lines:
            log.warning("%s", line)
    finally:
        log.removeHandler(ring)
        ring.close()
    with closing(Outbox.open(folder / "events.db", "b1", now=CLOCK.now().utc)):
        deed = DiagnosticsDeed(
            ring,
            Telltale(secret),
            dict,
            outbox=folder / "events.db",
            state=folder,
            loaded=lambda: loaded,
            clock=CLOCK,
        )
        return deed(DiagnosticsAsked(lines=1000), Call("anna", CLOCK.now().mono + 60, CLOCK, Stop()))


def _written(value: Any) -> list[str]:
    match value:
        case SecretStr():
            return [value.get_secret_value()]
        case dict():
            return [text for below in value.values() for text in _written(below)]
        case list() | tuple():
            return [text for below in value for text in _written(below)]
    return []


def test_no_secret_of_the_document_is_in_it_wherever_it_was_written(tmp_path: Path, loaded: Loaded) -> None:
    secrets = _written(loaded.document.model_dump())
    cameras = [item for item in loaded.document.cameras.values() if isinstance(item, RtspCamera | MjpegCamera)]
    assert len(secrets) >= 2 + len(cameras) >= 4
    secrets.append("password@192.168.1.20")  # of an example's address
    for secret in secrets:
        found = bundle(tmp_path, loaded, secret, [f"and {one} in the log" for one in secrets])
        text = found.model_dump_json()
        for other in secrets:
            assert other not in text
        assert MASK in found.health.conditions[0].what
        assert found.config.effective["mqtt"]["password"] == MASK
        assert len(found.log) == len(secrets)


def test_it_fits_into_a_message_with_the_newest_lines(tmp_path: Path, loaded: Loaded) -> None:
    found = bundle(tmp_path, loaded, "nothing secret", [f"{number} " + "ä" * 900 for number in range(1000)])
    assert len(found.model_dump_json().encode()) < MAX_ANSWER_BYTES
    assert 50 < len(found.log) < 1000
    assert found.log[-1].message.startswith("999 ")


def test_threads_are_told_by_name_and_place_and_without_values(tmp_path: Path, loaded: Loaded) -> None:
    own_secret = "of-a-local-variable"
    found = bundle(tmp_path, loaded, "nothing secret", [])
    stack = next(lines for name, lines in found.threads.items() if name.startswith("MainThread"))
    assert stack[-1].startswith("edged/runtime/deeds/diagnostics.py:")
    assert own_secret not in found.model_dump_json()
    assert str(Path(__file__).parents[2]) not in " ".join(stack)
