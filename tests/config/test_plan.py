from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from edged.config.field import Cost
from edged.config.plan import plan
from edged.config.problems import checked
from edged.config.secret import revealed
from edged.config.setting import settings
from edged.config.tree import overlay
from edged.domain.errors import ConfigInvalid
from tests.config.full import with_password, with_password_file

CAMERAS = {"door": {"kind": "v4l2"}, "gate": {"kind": "rtsp", "url": "rtsp://a"}}
OTHERS: tuple[Any, ...] = (
    True, False, 0, 1, 90, 0.01, 0.5, 0.9, 0.55, 999, None, "/other", "rtsp://other", "http://other", "YUYV", "other",
    "3.1.1", "udp", "debug", "nv12", ["cuda"], ["other"], ["snapshot"], ["08:00-09:30"],
    "https://other", "hub", "high", "safe", "passive", "GET", "out", "soft", "04:00", "2027-01-01", "Europe/Berlin",
    "de", "dark", "my-v4l2", ["pin"], "gpio", "oldest", ["10.0.0.0/8"],
)  # fmt: skip
"""For every setting at least one of these is another valid value, or one of its neighbours is."""


def is_tried(path: str) -> bool:
    """A camera's kind goes with its other settings; the second door is there to be named by the first."""
    return not (path.startswith("cameras.") and path.endswith(".kind")) and not path.startswith("access.doors.other.")


BASES = [checked(tree(), "test") for tree in (with_password, with_password_file)]
PATHS = sorted({setting.path for base in BASES for setting in settings(base) if is_tried(setting.path)})


def nested(path: str, value: Any) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    return {first: nested(rest, value) if rest else value}


def changed(path: str) -> tuple[Any, Any]:
    """A document, and one that differs from it in this setting only."""
    for base in BASES:
        tree = revealed(base.model_dump())
        former = next(setting.value for setting in settings(base) if setting.path == path)
        numbers = (former + 1, former - 1) if type(former) in {int, float} else ()
        for value in (*OTHERS, *numbers):
            try:
                other = checked(overlay(tree, nested(path, value)), "test")
            except ConfigInvalid:
                continue
            if next(setting.value for setting in settings(other) if setting.path == path) != former:
                return base, other
    pytest.fail(f"no other value found for {path}")


@pytest.mark.parametrize("path", PATHS)
def test_a_change_of_one_setting_is_exactly_that_path_at_its_cost(path: str) -> None:
    base, other = changed(path)
    cost = next(setting.cost for setting in settings(base) if setting.path == path)
    found = plan(base, other)
    assert found.changes == {path: cost}
    assert found.costliest is cost
    assert not found.added | found.removed
    camera = path.split(".")[1] if path.startswith("cameras.") else None
    assert found.cameras == ({camera} if cost is Cost.CAMERA else set())


def test_the_same_document_costs_nothing() -> None:
    for base in BASES:
        found = plan(base, base.model_copy(deep=True))
        assert (found.paths, found.costliest, found.cameras) == ((), None, frozenset())


def test_cameras_that_come_and_go_are_named_and_the_others_left_alone() -> None:
    old = checked({"cameras": CAMERAS}, "test")
    new = checked({"cameras": {"door": CAMERAS["door"], "hall": {"kind": "v4l2"}}}, "test")
    found = plan(old, new)
    assert [set(names) for names in (found.added, found.removed, found.cameras)] == [{"hall"}, {"gate"}, set()]
    assert found.changes == {"cameras.gate": Cost.CAMERA, "cameras.hall": Cost.CAMERA}


def test_a_camera_that_becomes_another_kind_is_opened_anew() -> None:
    old = checked({"cameras": CAMERAS}, "test")
    new = checked({"cameras": {**CAMERAS, "door": {"kind": "rtsp", "url": "rtsp://b"}}}, "test")
    found = plan(old, new)
    assert found.cameras == {"door"}
    assert "cameras.door.kind" in found.paths
    assert {path.split(".")[1] for path in found.paths} == {"door"}


def test_a_new_password_is_a_change_and_is_not_shown() -> None:
    old, new = (checked({"mqtt": {"password": SecretStr(word)}}, "test") for word in ("hunter1", "hunter2"))
    found = plan(old, new)
    assert found.paths == ("mqtt.password",)
    assert "hunter" not in repr(found) + repr(list(settings(new)))


def test_the_costliest_change_counts() -> None:
    old = checked({}, "test")
    live, models, restart = {"log": {"level": "debug"}}, {"models": {"threads": 1}}, {"http": {"port": 1}}
    assert plan(old, checked(live, "test")).costliest is Cost.LIVE
    assert plan(old, checked(live | models, "test")).costliest is Cost.MODELS
    assert plan(old, checked(live | models | restart, "test")).costliest is Cost.RESTART
