"""What `edged doctor` says of the doors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edged.config.problems import checked
from edged.runtime.checkup import examine
from edged.runtime.door_checkup import door_findings
from edged.runtime.finding import Finding, Mark

RELAY = {"kind": "mqtt", "topic": "shed/relay"}
GUARDED: dict[str, Any] = {"camera": "porch", "relay": RELAY, "second_factor": ["pin"]}


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    """A machine without pins."""
    return tmp_path


def found(devices: Path, **doors: dict[str, Any]) -> dict[str, Finding]:
    tree = {"cameras": {"porch": {"kind": "v4l2"}, "yard": {"kind": "v4l2"}}, "access": {"doors": doors}}
    return {finding.name: finding for finding in door_findings(checked(tree, "test"), devices)}


def test_the_doctor_looks_at_doors_too(tmp_path: Path) -> None:
    tree = {
        "device": {"state": str(tmp_path / "state")},
        "models": {"directory": str(tmp_path)},
        "access": {"doors": {"cellar": {"code_alone": ["pin"]}}},
    }
    assert "door.cellar" in {finding.name for finding in examine(checked(tree, "test"))}


def test_a_door_that_works_and_is_guarded_is_fine(devices: Path) -> None:
    finding = found(devices, front=GUARDED)["door.front"]
    assert (finding.mark, finding.remedy) == (Mark.OK, "")
    assert "a face and pin" in finding.what
    assert "nobody" in found(devices, cellar={"relay": RELAY})["door.cellar"].what
    assert found(devices, cellar={"relay": RELAY, "code_alone": ["card"]})["door.cellar"].what.endswith("by card")


def test_it_is_said_that_a_photograph_would_do(devices: Path) -> None:
    finding = found(devices, front={"camera": "porch", "relay": RELAY})["door.front"]
    assert finding.mark is Mark.WARN
    assert "photograph" in finding.what
    assert "edged liveness test --door front" in finding.remedy
    challenged = found(devices, front={"camera": "porch", "relay": RELAY, "liveness": "challenge"})
    assert challenged["door.front"].mark is Mark.OK


def test_two_doors_of_one_camera_open_together_and_both_say_so(devices: Path) -> None:
    both = found(devices, front=GUARDED, back=GUARDED, yard=GUARDED | {"camera": "yard"})
    assert [both[name].mark for name in ("door.front", "door.back", "door.yard")] == [Mark.WARN, Mark.WARN, Mark.OK]
    assert "opens back as well" in both["door.front"].what
    codes = {"relay": RELAY, "code_alone": ["pin"]}
    assert {item.mark for item in found(devices, one=codes, two=codes).values()} == {Mark.OK}, "they share no camera"


def test_what_cannot_work_is_a_failure_whatever_else_is_weak(devices: Path) -> None:
    pins = GUARDED | {"relay": {"kind": "gpio", "pin": 17}}
    assert found(devices, front=pins)["door.front"].mark is Mark.FAIL
    (devices / "gpiochip0").touch()
    assert found(devices, front=pins)["door.front"].mark is Mark.OK
    passive = found(devices, front={"camera": "porch", "liveness": "passive"})["door.front"]
    assert passive.mark is Mark.FAIL
    assert "nobody gets in" in passive.what
    assert "no relay" in passive.what
