"""A device's figures for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from edged.api.port import BrokerPart, BrokerState
from edged.api.server import Server
from edged.domain.event import Outcome
from edged.domain.face import Box
from edged.measure.sample_event import ANNA, sample_event
from edged.wire.device import CentralPart, LifeState
from tests.api.asking import ask
from tests.api.exposition import Exposition, read_exposition
from tests.api.pretend_device import Face, PretendDevice, serving


@pytest.fixture
def device() -> PretendDevice:
    return PretendDevice("front", "back")


@pytest.fixture
def server(device: PretendDevice) -> Iterator[Server]:
    with serving(device) as server:
        yield server


def metrics(server: Server) -> Exposition:
    answer = ask(server, "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return read_exposition(answer.body)


def test_they_are_those_of_the_state(device: PretendDevice, server: Server) -> None:
    device.take_away("back", "no frame for 5 s", "Look at its cable")
    device.change_health(central=CentralPart(revision=41, stale_s=12.5, shared=120, queued=1, held=0, roster="ab" * 32))
    found = metrics(server)
    assert found.value("edged_info", device="entrance", version="0.1.0") == 1
    assert found.value("edged_config_info", digest="cd" * 32, schema="ef" * 32) == 1
    assert found.value("edged_ready") == 1
    assert found.value("edged_broker_connected") == 1
    assert (found.value("edged_camera_up", camera="front"), found.value("edged_camera_up", camera="back")) == (1, 0)
    assert found.value("edged_camera_frames_per_second", camera="front") == 14.9
    assert found.value("edged_camera_frame_age_seconds", camera="back") == 95
    assert found.value("edged_camera_frames_dropped_total", camera="front") == 3
    assert found.value("edged_camera_frames_looked_total", camera="front") == 4210
    assert found.value("edged_camera_frames_still_total", camera="front") == 51_330
    assert found.value("edged_stage_seconds", stage="decide", quantile="0.95") == pytest.approx(0.2365)
    assert found.value("edged_stage_seconds_count", stage="decide") == 1873
    assert found.value("edged_camera_stage_seconds", camera="front", stage="look", quantile="0.5") == pytest.approx(
        0.0284
    )
    assert found.value("edged_condition", name="camera.back") == 1
    assert found.value("edged_events_pending") == 0
    assert found.value("edged_events_dropped_total") == 0
    assert found.value("edged_faces_refused_total", reason="too_small") == 214
    assert found.value("edged_processor_temperature_celsius") == 51.5
    assert found.value("edged_disk_free_bytes") == 20_480e6
    assert found.value("edged_clock_synchronised") == 1
    assert (found.value("edged_persons"), found.value("edged_templates")) == (250, 1000)
    assert found.value("edged_index_version") == 12
    assert found.value("edged_central_stale_seconds") == 12.5
    assert found.value("edged_process_resident_memory_bytes") > 1e6
    assert found.value("edged_process_cpu_seconds_total") > 0


def test_what_is_not_known_or_not_there_is_absent(device: PretendDevice, server: Server) -> None:
    off = BrokerPart(state=BrokerState.OFF, address="")
    device.state_now = device.state_now.model_copy(update={"broker": off})
    device.change_health(temperature_c=None, clock_synchronised=None, state=LifeState.STARTING)
    found = metrics(server)
    assert found.value("edged_ready") == 0
    absent = ("broker", "temperature", "clock", "central", "condition{")
    assert [word for word in absent if f"edged_{word}" in found.text] == []


def test_they_tell_of_nobody(device: PretendDevice, server: Server) -> None:
    device.faces = (Face(1, Box(250, 100, 350, 230), Outcome.KNOWN, "Anna Müller"),)
    event = replace(sample_event(1, outcome=Outcome.KNOWN), stranger="bafo-miru")
    device.keep(event)
    text = metrics(server).text
    for word in ("Anna", "anna", ANNA.id, event.id, event.visit, "bafo-miru"):
        assert word not in text


def test_as_many_lines_as_there_are_cameras_whatever_happens(device: PretendDevice, server: Server) -> None:
    before = len(metrics(server).values)
    for number in range(200):
        device.keep(sample_event(number))
    assert len(metrics(server).values) == before
    assert before < 250


def test_a_camera_with_a_hostile_name_breaks_no_line(device: PretendDevice, server: Server) -> None:
    device.complain('camera."}\nedged_ready 7\\', "x", "y")  # no document has such a name
    found = metrics(server)
    assert found.value("edged_ready") == 1
    assert found.value("edged_condition", name='camera."}\nedged_ready 7\\') == 1


def test_another_web_site_cannot_read_them(server: Server) -> None:
    assert ask(server, "/metrics", Sec_Fetch_Site="cross-site").status == 403
    assert ask(server, "/metrics", Host="evil.example").status == 421
    assert ask(server, "/metrics", "POST").status == 403
