from __future__ import annotations

from typing import Any

import pytest

from edged.config.problems import checked
from edged.domain.errors import ConfigInvalid, Problem


def problems(tree: dict[str, Any]) -> dict[str, Problem]:
    with pytest.raises(ConfigInvalid) as caught:
        checked(tree, "test")
    found = {problem.path: problem for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    return found


def test_all_mistakes_are_named_at_once_by_the_paths_that_people_write() -> None:
    of_all_kinds = "min_fps, open_timeout_s, stall_s"
    found = problems(
        {
            "cameras": {
                "door": {"kind": "v4l2", "fps": "fast", "motion": {"hold_s": -1}, "fsp": 3},
                "Bad Name": {"kind": "v4l2"},
                "gate": {},
                "hall": {"kind": "webcam"},
                "lift": 3,
                "yard": {"kind": "command", "argv": [], "width": 1},
                "video": {"kind": "video", "video": 1},
            },
            "models": {"providers": ["cpu", "gpu"], "threads": 0},
            "mqtt": {"protocol": 5, "username": 7},
            "log": {"level": "loud"},
            "decisions": {},
            "visits": None,
        }
    )
    assert {path: (item.message, item.got, item.allowed) for path, item in found.items()} == {
        "cameras.door.fps": ("has the wrong type", '"fast"', "a number above 0 and at most 120"),
        "cameras.door.motion.hold_s": ("is too small", "-1", "a number from 0 to 60"),
        "cameras.door.fsp": ("is not a setting; did you mean fps?", "", ""),
        "cameras.Bad Name": ("is not a fit name", "", "a name that matches `^[a-z0-9][a-z0-9_-]{0,31}$`"),
        "cameras.gate.kind": ("is required", "", "v4l2, rtsp, mjpeg, video, stills, command, demo"),
        "cameras.hall.kind": ("is none of the kinds", '"webcam"', "v4l2, rtsp, mjpeg, video, stills, command, demo"),
        "cameras.lift": ("has the wrong type", "a number", "a section with a `kind`"),
        "cameras.yard.argv": ("is too short", "a list", "a list of text, at least 1 and at most 256 entries"),
        "cameras.yard.width": ("is too small", "1", "a whole number from 16 to 7680"),
        "cameras.yard.height": ("is required", "", "a whole number from 16 to 4320"),
        "cameras.video.path": ("is required", "", "a path"),
        "cameras.video.video": (
            "is not a setting",
            "",
            f"enabled, fps, rotate, mirror, region, motion, target_fpir, {of_all_kinds}, kind, path, paced, loop",
        ),
        "models.providers.1": ("is none of the choices", '"gpu"', '"tensorrt", "cuda", "openvino" or "cpu"'),
        "models.threads": ("is too small", "0", "a whole number from 1 to 64"),
        "mqtt.protocol": ("is none of the choices", "5", '"5" or "3.1.1"'),
        "mqtt.username": (
            "is not text, or text that needs quotes",
            "7",
            "text, at most 256 characters or null",
        ),
        "log.level": ("is none of the choices", '"loud"', '"debug", "info", "warning" or "error"'),
        "decisions": ("is not a setting; did you mean decision?", "", ""),
        "visits": ("has the wrong type", "nothing", "a section with settings below it"),
    }


def test_a_problem_never_quotes_a_secret_nor_what_might_be_one() -> None:
    secret = "hunter2hunter2"
    found = problems(
        {
            "cameras": {
                "a": {"kind": "rtsp", "url": f"http://u:{secret}@host"},
                "b": {"kind": "rtsp", "url": [secret]},
                "c": f"rtsp://u:{secret}@host",
                "d": {"kind": "command", "argv": f"rtsp://u:{secret}@host", "width": 16, "height": 16},
                "e": {"kind": "v4l2", "url": secret},
            },
            "mqtt": {
                "password": secret,
                "password_file": "/x",
                "pasword": secret,
                "host": f"mqtt://u:{secret}@h" + "x" * 300,
            },
            "log": secret,
        }
    )
    assert len(found) == 8
    assert secret not in str(found)
    assert found["cameras.a.url"].got == "********"
    assert found["mqtt.host"].got == '"mqtt://********"'


def test_long_values_are_cut() -> None:
    (found,) = problems({"device": {"name": "x" * 10_000}}).values()
    assert len(found.got) == 60


def test_a_flood_of_mistakes_is_answered_quickly_and_counted() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        checked({f"unknown{number}": 1 for number in range(20_000)}, "test")
    assert len(caught.value.problems) == 101
    assert caught.value.problems[-1].message == "has 19900 more problems"
