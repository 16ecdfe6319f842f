"""What the console is told of the configuration, and what becomes of what it asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edged.wire.reported import ReportStatus
from tests.api.pretend_rooms import DOCUMENT, PUSHED, PretendSteward, loaded_of


def test_the_state_says_where_each_value_comes_from_and_shows_no_secret() -> None:
    state = PretendSteward(loaded_of(DOCUMENT, PUSHED)).desk().state()
    assert state.provenance["decision.margin"] == "page"
    assert state.provenance["cameras.front.fps"] == "file"
    assert state.provenance["decision.frames"] == "default"
    assert state.hidden == ("cameras.front.url", "mqtt.password")
    told = state.encoded().decode()
    assert "hunter22" not in told
    assert "swordfish" not in told
    assert state.source == "/e/edged.yaml"


def test_it_says_which_entries_can_be_removed_here() -> None:
    pushed = {
        "group:doors": {"access": {"holidays": {"may": {"first": "2026-05-01"}}}},
        "device": {"access": {"holidays": {"may": {"yearly": True}, "june": {"first": "2026-06-01"}}}},
        "page": {"access": {"holidays": {"june": {"yearly": True}, "july": {"first": "2026-07-01"}}}},
    }
    document = {**DOCUMENT, "control": {"groups": ["doors"]}}
    state = PretendSteward(loaded_of(document, pushed)).desk().state()
    assert state.names["cameras.front"] == "file"
    assert state.names["access.schedules.office"] == "file"
    assert {name: origin for name, origin in state.names.items() if "holidays" in name} == {
        "access.holidays.may": "pushed",
        "access.holidays.june": "pushed",
        "access.holidays.july": "page",
    }


def test_a_forecast_says_what_would_change_and_what_that_costs() -> None:
    desk = PretendSteward(loaded_of(DOCUMENT, PUSHED)).desk()
    seen = desk.forecast(
        {"decision": {"margin": None, "frames": 5}, "mqtt": {"keepalive_s": 60, "password": "new-one"}}
    )
    assert seen.problems == ()
    assert [(change.path, change.apply) for change in seen.changes] == [
        ("decision.frames", "live"),
        ("decision.margin", "live"),
        ("mqtt.keepalive_s", "restart"),
        ("mqtt.password", "restart"),
    ]
    assert seen.costliest == "restart"
    margin = seen.changes[1]
    assert (margin.before, margin.after, margin.origin) == (0.05, 0.03, "default")
    assert "new-one" not in seen.encoded().decode()


@pytest.mark.parametrize(
    ("patch", "path", "words"),
    [
        ({"decision": {"margin": 2}}, "decision.margin", "is too large"),
        ({"decision": {"margin": "much"}}, "decision.margin", "has the wrong type"),
        ({"cameras": {"front": {"fps": 3}}}, "cameras.front.fps", "is set by the device's own file"),
        ({"control": {"allow": ["reboot"]}}, "control.allow", "can be set in the device's own file only"),
        ({"cameras": {"yard": {"kind": "rtsp"}}}, "cameras.yard.url", "is required"),
        ({"mqtt": {"password": "********"}}, "mqtt.password", "stands for a secret"),
        ({"models": {"providers": ["********"]}}, "models.providers", "stands for a secret"),
    ],
)
def test_what_is_wrong_is_said_at_its_path_before_and_when_it_is_asked_for(
    patch: dict[str, Any], path: str, words: str
) -> None:
    steward = PretendSteward(loaded_of(DOCUMENT, PUSHED))
    before = steward.loaded
    for problems in (steward.desk().forecast(patch).problems, steward.desk().propose(patch, "ines").problems):
        (problem,) = problems
        assert problem.path == path
        assert words in problem.message
    assert steward.loaded is before


def test_an_order_is_the_page_s_and_bears_the_name_of_whoever_gave_it() -> None:
    steward = PretendSteward(loaded_of(DOCUMENT, PUSHED))
    report = steward.desk().propose({"decision": {"frames": 5}}, "ines")
    assert (report.status, report.source, report.by) == (ReportStatus.APPLIED, "page", "ines")
    assert steward.loaded.document.decision.frames == 5
    assert steward.loaded.pushed.layers["page"]["decision"] == {"margin": 0.05, "frames": 5}
    assert steward.desk().report().status is ReportStatus.APPLIED


def test_a_secret_that_is_not_sent_stays_as_it_is() -> None:
    steward = PretendSteward(loaded_of(DOCUMENT, PUSHED))
    steward.desk().propose({"mqtt": {"port": 8883}}, "ines")
    password = steward.loaded.document.mqtt.password
    assert password is not None
    assert password.get_secret_value() == "swordfish"
    assert json.loads(steward.report)["effective"]["mqtt"]["password"] == "********"
