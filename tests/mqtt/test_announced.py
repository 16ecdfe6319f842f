"""What is remembered of what Home Assistant was told."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from edged.domain.errors import Unavailable
from edged.mqtt.announced import MOST_KEPT, Announced

TOPIC = "homeassistant/device/door/edged/config"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home-assistant.json"


def test_who_left_is_named_again_after_a_restart_until_they_are_back(path: Path) -> None:
    assert Announced(path).departed(TOPIC, {"front.visit": "event", "back.visit": "event"}) == {}
    assert Announced(path).departed(TOPIC, {"front.visit": "event"}) == {"back.visit": "event"}
    assert Announced(path).departed(TOPIC, {"front.visit": "event"}) == {"back.visit": "event"}
    assert Announced(path).departed(TOPIC, {"front.visit": "event", "back.visit": "event"}) == {}


def test_what_stands_elsewhere_is_known_until_it_is_forgotten(path: Path) -> None:
    announced = Announced(path)
    announced.departed(TOPIC, {"cpu": "sensor"})
    announced.departed("ha/device/door/edged/config", {"cpu": "sensor"})
    assert Announced(path).elsewhere("ha/device/door/edged/config") == (TOPIC,)
    announced.forget([TOPIC])
    assert Announced(path).elsewhere("") == ("ha/device/door/edged/config",)


def test_it_does_not_grow_without_end(path: Path) -> None:
    announced = Announced(path)
    for number in range(3):
        announced.departed(TOPIC, {f"{number}-{index}.visit": "event" for index in range(MOST_KEPT // 2)})
    departed = announced.departed(TOPIC, {"cpu": "sensor"})
    assert len(departed) == MOST_KEPT - 1
    assert "2-0.visit" in departed
    assert "0-0.visit" not in departed


def test_nothing_is_announced_that_cannot_be_remembered(tmp_path: Path) -> None:
    announced = Announced(tmp_path / "missing" / "home-assistant.json")
    with pytest.raises(Unavailable):
        announced.departed(TOPIC, {"cpu": "sensor"})
    assert announced.elsewhere("") == ()


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"announced": 7}', b'{"announced": {"t": ["x"]}}', b"\xff"])
def test_a_damaged_file_counts_as_none_and_is_written_anew(
    path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        announced = Announced(path)
    assert "damaged" in caplog.text
    assert announced.departed(TOPIC, {"cpu": "sensor"}) == {}
    assert Announced(path).elsewhere("") == (TOPIC,)
