from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edged.config.layers import Loaded, load
from edged.config.propose import Accepted, Rejected, propose
from edged.config.text import MAX_BYTES
from tests.config.keeping import keep_pushed


@pytest.fixture
def current(tmp_path: Path) -> Loaded:
    path = tmp_path / "edged.yaml"
    path.write_text(
        f"device: {{state: {tmp_path}}}\ndecision: {{frames: 5}}\ncameras: {{door: {{kind: v4l2}}}}\n"
        "mqtt: {password: hunter2}\n"
    )
    return load(path)


def accepted(current: Loaded, patch: dict[str, Any]) -> Accepted:
    answer = propose(current, patch)
    assert isinstance(answer, Accepted), answer
    return answer


def refused(current: Loaded, patch: dict[str, Any]) -> list[str]:
    answer = propose(current, patch)
    assert isinstance(answer, Rejected)
    return [problem.path for problem in answer.problems]


def test_a_valid_change_is_the_new_document_and_its_plan(current: Loaded) -> None:
    answer = accepted(current, {"cameras": {"door": {"fps": 5}}, "log": {"level": "debug"}})
    assert answer.document.cameras["door"].fps == 5
    assert answer.plan.paths == ("cameras.door.fps", "log.level")
    assert current.document.log.level == "info"
    assert not list(current.document.device.state.glob("*.json"))


def test_null_takes_a_pushed_value_back(current: Loaded) -> None:
    pushed = accepted(current, {"log": {"level": "debug"}}).loaded
    back = accepted(pushed, {"log": {"level": None}})
    assert back.document == current.document
    assert back.plan.paths == ("log.level",)


@pytest.mark.parametrize(
    ("patch", "paths"),
    [
        ({"decision": {"frames": 3, "margin": 0.1}}, ["decision.frames"]),
        ({"decision": "all"}, ["decision"]),
        ({"mqtt": {"password": "x"}}, ["mqtt.password"]),
    ],
)
def test_what_the_owners_file_sets_cannot_be_pushed_over(
    current: Loaded, patch: dict[str, Any], paths: list[str]
) -> None:
    assert refused(current, patch) == paths


@pytest.mark.parametrize(
    "patch", [{"decision": {"frames": None}}, {"decision": None}, {"cameras": {"door": None}}], ids=str
)
def test_a_null_that_stands_on_a_topic_leaves_the_owners_file_alone(current: Loaded, patch: dict[str, Any]) -> None:
    assert accepted(current, patch).document == current.document


def test_saying_what_the_file_says_is_no_conflict(current: Loaded) -> None:
    answer = accepted(current, {"decision": {"frames": 5, "margin": 0.1}, "mqtt": {"password": "hunter2"}})
    assert answer.plan.paths == ("decision.margin",)


def test_a_push_that_the_file_has_overtaken_can_be_taken_back(current: Loaded, tmp_path: Path) -> None:
    pushed = accepted(current, {"visits": {"leave_s": 3}}).loaded
    overtaken = load_with(tmp_path, pushed, "visits: {leave_s: 2}")
    assert refused(overtaken, {"visits": {"leave_s": 4}}) == ["visits.leave_s"]
    assert accepted(overtaken, {"visits": {"leave_s": None}}).plan.paths == ()


def load_with(folder: Path, pushed: Loaded, line: str) -> Loaded:
    keep_pushed(pushed)
    file = folder / "edged.yaml"
    file.write_text(f"{file.read_text()}{line}\n")
    return load(file)


@pytest.mark.parametrize(
    ("patch", "path"),
    [
        ({"device": {"state": "/elsewhere"}}, "device.state"),
        ({"cameras": {"x": {"kind": "command", "argv": ["sh"], "width": 16, "height": 16}}}, "cameras.x.argv"),
        ({"models": {"edgetpu": "/tmp/x.so"}}, "models.edgetpu"),  # noqa: S108  nothing is written there
        ({"mqtt": {"password_file": "/etc/shadow"}}, "mqtt.password_file"),
    ],
)
def test_programs_libraries_and_secret_files_cannot_be_pushed(tmp_path: Path, patch: dict[str, Any], path: str) -> None:
    (tmp_path / "edged.yaml").write_text("log: {level: info}\n")
    assert refused(load(tmp_path / "edged.yaml"), patch) == [path]


def test_every_problem_is_named_at_once(current: Loaded) -> None:
    patch = {
        "decision": {"frames": 3, "margin": 7},
        "cameras": {"gate": {"kind": "stills", "folder": "photos"}},
        "logs": {},
        "visits": {"leave_s": -1},
    }
    assert sorted(refused(current, patch)) == [
        "cameras.gate.folder", "decision.frames", "decision.margin", "logs", "visits.leave_s",
    ]  # fmt: skip


def test_pushes_cannot_grow_beyond_what_is_read_again(current: Loaded) -> None:
    path = "/" + "x" * (MAX_BYTES - 500)
    loaded = accepted(current, {"cameras": {"a": {"kind": "stills", "folder": path}}}).loaded
    answer = propose(loaded, {"cameras": {"b": {"kind": "stills", "folder": path}}})
    assert isinstance(answer, Rejected)
    assert "too large" in str(answer.problems[0])
