"""What `edged fleet` says to people."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edged.commands.console import Console
from edged.commands.fleet_outcome import ASKED, forecasts_text, outcome_text
from edged.commands.fleet_plan import change_of, planned
from edged.commands.fleet_progress import Narrator
from edged.commands.fleet_table import device_text, fleet_table
from edged.config.field import Cost
from edged.domain.errors import ConfigInvalid, Problem, Refused
from edged.fleet.forecast import Change, Forecast
from edged.fleet.muster import muster
from edged.fleet.rollout import Phase
from edged.wire.payload import instant
from tests.fleet.made_up import EVIL, made_up_census
from tests.fleet.pretend import ROLLOUT, UTC

AT = instant(UTC)


def asked(**options: Any) -> argparse.Namespace:
    """The words of `push`."""
    usual: dict[str, Any] = {
        "file": None,
        "set": [],
        "to": [],
        "group": [],
        "all": False,
        "batches": None,
        "hold": 60.0,
        "patience": 180.0,
        "also_offline": False,
    }
    return argparse.Namespace(**{**usual, **options})


def test_each_device_is_a_line_that_says_what_is_wrong() -> None:
    lines = fleet_table(muster(made_up_census(), AT)).splitlines()
    assert " ".join(lines[0].split()) == "DEVICE GROUPS IS EDGED CONFIG FOLLOWS FPS °C PEOPLE AGE TROUBLE"
    rows = {line.split()[1]: line for line in lines[1:9]}
    assert rows["entrance"].startswith("✓  entrance      doors   ready")
    assert rows["gate"].startswith("!")
    assert rows["gate"].endswith("camera.front, objective.latency, disk")
    assert rows["loading-dock"].startswith("✗")
    assert "1 to come" in rows["loading-dock"]
    assert rows["cellar"].endswith("restart needed")
    assert lines[-1] == (
        "8 devices, 6 online, 2 not following the newest, 4 with something to follow yet, 1 with trouble."
    )
    assert max(map(len, lines)) < 140


def test_one_device_is_told_whole() -> None:
    fleet = muster(made_up_census(), AT)
    words = {device.name: device_text(device, AT) for device in fleet.devices}
    assert "version 4 of 5" in words["office-1"]
    assert "decision.margin: the camera gives no pictures" in words["office-1"]
    assert "→ Look at its cable" in words["gate"]


def test_what_a_device_says_does_nothing_to_the_terminal() -> None:
    fleet = muster(made_up_census(), AT)
    devices = tuple(
        device.model_copy(update={"edged": EVIL, "config": EVIL, "groups": (EVIL,), "fps": {EVIL: 1.0}})
        for device in fleet.devices
    )
    fleet = fleet.model_copy(update={"devices": devices})
    assert "\x1b" not in fleet_table(fleet)
    assert all("\x1b" not in device_text(device, AT) for device in devices)


def test_devices_of_which_the_same_is_to_be_said_are_named_together() -> None:
    change = Change("decision.margin", 0.03, 0.05, Cost.LIVE)
    same = [Forecast(f"d{number}", (change,), (), is_guess=False) for number in range(7)]
    other = Forecast("gate", (replace(change, overruled_by="page"),), (Problem("log", "is wrong"),), is_guess=True)
    text = forecasts_text([*same, other], ROLLOUT)
    assert "d0, d1, d2, d3, d4 and 2 more (7)\n  decision.margin: 0.03 → 0.05  [live]\n" in text
    assert "but page says otherwise there" in text
    assert "✗ log: is wrong" in text
    assert text.endswith("1 of 8 would not take it.")


def test_the_end_is_told_with_what_is_left_open() -> None:
    rollout = ROLLOUT
    back = outcome_text(replace(rollout, phase=Phase.ROLLED_BACK), [])
    assert back.startswith("Rolled back, because:\n  d1: rejected\n1 of 3 had been told it")
    assert "These have not confirmed it:\n  d1: no answer" in back
    assert outcome_text(replace(rollout, why=(ASKED,), open={}), []) == "Taken back; 1 of 3 had been told it."
    done = outcome_text(replace(rollout, phase=Phase.APPLIED), [("d1", ("decision.margin",))])
    assert "Follow when they come: d4." in done
    assert "d1: decision.margin" in done


def test_progress_says_what_is_news_once(capsys: pytest.CaptureFixture[str]) -> None:
    census = made_up_census()
    rollout = replace(ROLLOUT, phase=Phase.ROLLING, batch=0, why=())
    narrator = Narrator(Console(as_json=False), rollout)
    for step in (rollout, rollout, replace(rollout, batch=1), replace(rollout, batch=1)):
        narrator.tell(step, census, "")
    for _ in range(2):
        narrator.tell(replace(rollout, batch=1), census, "the broker hung up")
    narrator.tell(replace(rollout, batch=1, phase=Phase.UNDOING, why=("d2: rejected",)), census, "")
    assert capsys.readouterr().err.splitlines() == [
        "Roll-out 20260101-120000-ab12: 3 devices in batches of 1, 2, watched for 60 s each.",
        "✓ batch 1 of 2: applied and well on 1",
        "the broker hung up; trying again",
        "✗ batch 2 of 2: stopped",
        "    d2: rejected",
        "  taking it back on 1",
    ]


class TestPlan:
    def test_a_change_is_read_from_a_file_and_from_words(self, tmp_path: Path) -> None:
        path = tmp_path / "change.yaml"
        path.write_text("decision: {margin: 0.1, frames: 4}\nlog: null\n")
        words = ["decision.margin=0.05", "control.groups=[a, b]", "mqtt.host=null", "mqtt.username=4711"]
        assert change_of(asked(file=path, set=words)) == {
            "decision": {"margin": 0.05, "frames": 4},
            "log": None,
            "control": {"groups": ["a", "b"]},
            "mqtt": {"host": None, "username": 4711},
        }
        with pytest.raises(ConfigInvalid, match="no such file"):
            change_of(asked(file=tmp_path / "nothing.yaml"))
        with pytest.raises(ConfigInvalid):
            change_of(asked(set=["decision.margin={a: &x 1}"]))

    def test_who_is_away_is_left_out_or_told_at_the_end(self, capsys: pytest.CaptureFixture[str]) -> None:
        out, census = Console(as_json=False), made_up_census()
        rollout = planned({"log": None}, census, asked(all=True), out)
        assert len(rollout.devices) == 6
        assert rollout.later == ()
        assert "Left out, since not online: loading-dock, yard" in capsys.readouterr().err
        rollout = planned({"log": None}, census, asked(all=True, also_offline=True, batches="50%"), out)
        assert [len(batch) for batch in rollout.batches] == [3, 3]
        assert [target.address for target in rollout.later] == ["loading-dock", "yard"]
        assert rollout.before["gate"] == {"camera.front", "objective.latency", "disk"}
        with pytest.raises(Refused, match="--also-offline"):
            planned({"log": None}, census, asked(to=["yard"]), out)

    def test_a_group_is_one_address_or_its_members(self) -> None:
        out, census = Console(as_json=False), made_up_census()
        (batch,) = planned({"log": None}, census, asked(group=["doors"]), out).batches
        assert [(target.address, len(target.devices)) for target in batch] == [("_group/doors", 6)]
        rollout = planned({"log": None}, census, asked(group=["doors"], batches="1,100%"), out)
        assert [len(batch) for batch in rollout.batches] == [1, 5]
