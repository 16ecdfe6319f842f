"""What Home Assistant is told: its own rules, stated again, and ours."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from edged.config.document import Document
from edged.config.problems import checked
from edged.config.secret import revealed
from edged.mqtt.discovery import announcement_topic, components, message
from edged.wire.topics import Topics
from tests.config.full import with_password
from tests.mqtt.home_assistant_rules import MESSAGE, TOPIC, faults_of_units

GOLDEN = Path(__file__).with_name("home-assistant.json")
RULES = Draft202012Validator(MESSAGE)
TOPICS = Topics("edged", "door")
CAMERAS = {"front": {"kind": "v4l2"}, "back-door": {"kind": "v4l2", "enabled": False}}


def told(tree: dict[str, Any], departed: dict[str, str] | None = None) -> dict[str, Any]:
    document = checked(tree, "test")
    whole: dict[str, Any] = json.loads(message(TOPICS, "0.1.0", components(TOPICS, document), departed or {}))
    RULES.validate(whole)
    assert faults_of_units(whole["cmps"]) == []
    return whole


def buttons(tree: dict[str, Any]) -> set[str]:
    return {key for key, item in told(tree)["cmps"].items() if item["p"] == "button"}


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"cameras": CAMERAS},
        {"cameras": CAMERAS, "events": {"publish_image": True}},
        {"control": {"allow": ["restart", "reboot", "open_door", "enroll"]}},
        with_password(),
    ],
    ids=["nothing", "cameras", "images", "buttons", "everything"],
)
def test_every_message_keeps_home_assistants_rules(tree: dict[str, Any]) -> None:
    cmps = told(tree)["cmps"]
    ids = [item["unique_id"] for item in cmps.values()]
    assert len(set(ids)) == len(ids)
    assert re.match(TOPIC, announcement_topic("homeassistant", "door"))


def test_the_message_of_a_device_with_everything_is_the_golden_one() -> None:
    """A changed key or unique_id would leave every installation with dead entities: it has to be seen."""
    tree = {
        "cameras": {"front": {"kind": "v4l2"}},
        "events": {"publish_image": True},
        "central": {"kind": "hub", "url": "https://hub", "token_file": "/token"},
        "control": {"allow": ["sync", "restart", "reboot"]},
    }
    whole = told(tree, {"back.visit": "event"})
    assert json.dumps(whole, ensure_ascii=False, indent=2) + "\n" == GOLDEN.read_text()


def test_the_rules_can_be_broken() -> None:
    good = told({"cameras": CAMERAS})
    for path in (["dev"], ["o"], ["cmps", "front.visit", "unique_id"], ["cmps", "front.visit", "event_types"]):
        bad = json.loads(json.dumps(good))
        part = bad
        for name in path[:-1]:
            part = part[name]
        del part[path[-1]]
        assert not RULES.is_valid(bad), path
    bad = json.loads(json.dumps(good))
    bad["cmps"]["temperature"]["unit_of_measurement"] = "MB"
    assert faults_of_units(bad["cmps"]) == ["temperature: MB for temperature"]


def test_a_button_is_there_only_for_what_the_device_may_be_asked_for() -> None:
    follower = {"central": {"kind": "hub", "url": "https://hub", "token_file": "/token"}}
    assert buttons({}) == {"request.restart"}
    assert buttons(follower) == {"request.restart", "request.sync"}
    assert buttons(follower | {"control": {"allow": ["snapshot", "enroll", "reboot"]}}) == {"request.reboot"}
    assert buttons({"control": {"allow": []}}) == set()


def test_a_door_is_shown_and_opened_only_where_the_device_may_be_asked() -> None:
    doors = {"access": {"doors": {"front": {"contact": {"pin": 3}}, "back": {}}}}
    shown = {key for key in told(doors)["cmps"] if key.startswith("door.")}
    assert shown == {"door.front.lock", "door.front.contact", "door.front.alarm", "door.back.lock", "door.back.alarm"}
    cmps = told(doors | {"control": {"allow": ["open_door"]}})["cmps"]
    assert "'data': {'door': 'front'}" in cmps["door.front.open"]["command_template"]
    assert "door.back.open" in cmps


def test_where_orders_must_be_signed_there_is_no_button_that_cannot_sign() -> None:
    assert buttons({"control": {"keys": "/keys"}}) == set()


def test_a_face_is_announced_only_where_pictures_are_sent() -> None:
    def has_face(**events: bool) -> bool:
        return "front.face" in told({"cameras": CAMERAS, "events": events})["cmps"]

    assert has_face(publish_image=True)
    assert not has_face()
    assert not has_face(publish_image=True, keep_shots=False)


def test_whoever_departed_is_taken_away_with_the_platform_alone() -> None:
    cmps = told({}, {"back.visit": "event", "back.fps": "sensor"})["cmps"]
    assert (cmps["back.visit"], cmps["back.fps"]) == ({"p": "event"}, {"p": "sensor"})


def test_no_secret_and_no_address_is_told() -> None:
    tree = with_password()
    document = checked(tree, "test")
    text = message(TOPICS, "0.1.0", components(TOPICS, document), {}).decode()
    hidden = {value for value in _texts(revealed(document.model_dump())) if "secret" in value or "://" in value}
    assert len(hidden) == 6  # a password or token, and addresses of cameras, of a door's relay and of the centre
    assert not [value for value in hidden if value in text]


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def test_the_document_says_where_it_is_told() -> None:
    assert not Document().homeassistant.enabled
    assert announcement_topic("site/ha", "door") == "site/ha/device/door/edged/config"
