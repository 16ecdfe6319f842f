"""Turned, mirrored and cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edged.cameras.view import view
from edged.config.cameras import DemoCamera
from tests.cameras.pictures import corners, quartered


def settings(**changes: Any) -> DemoCamera:
    return DemoCamera.model_validate({"kind": "demo", "photo": "/x.png", **changes})


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({}, ["blue", "green", "red", "white"]),
        ({"rotate": 90}, ["red", "blue", "white", "green"]),
        ({"rotate": 180}, ["white", "red", "green", "blue"]),
        ({"rotate": 270}, ["green", "white", "blue", "red"]),
        ({"mirror": True}, ["green", "blue", "white", "red"]),
        ({"rotate": 90, "mirror": True}, ["blue", "red", "green", "white"]),
        ({"rotate": 90, "mirror": True, "region": {"x2": 0.5}}, ["blue", "blue", "green", "green"]),
        ({"region": {"x1": 0.5, "y1": 0.5}}, ["white"] * 4),
    ],
)
def test_turns_then_mirrors_then_cuts(changes: dict[str, Any], seen: list[str]) -> None:
    assert corners(view(quartered(), settings(**changes))) == seen


def test_changes_the_size_as_asked() -> None:
    assert view(quartered(64, 48), settings(rotate=90)).shape == (64, 48, 3)
    assert view(quartered(64, 48), settings(region={"x1": 0.25, "y2": 0.5})).shape == (24, 48, 3)


def test_a_narrow_region_of_a_small_picture_still_has_pixels() -> None:
    assert view(quartered(16, 16), settings(region={"x1": 0.95, "y1": 0.95})).size > 0


def test_a_cut_picture_keeps_nothing_else_alive() -> None:
    image = quartered()
    cut = view(image, settings(region={"x2": 0.5}))
    assert cut.base is None
    assert not np.shares_memory(cut, image)
