"""Whether something moves."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edged.cameras.motion import MotionGate
from edged.config.cameras import MotionSettings
from edged.domain.frame import Image

SIZES = [(640, 480), (1920, 1080), (321, 77)]


def room(width: int = 640, height: int = 480) -> NDArray[np.float32]:
    """Something to look at: shades from dark to light, with edges."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shade = 60 + 70 * x / width + 30 * ((x // 50 + y // 40) % 2)
    return np.repeat(shade[:, :, None], 3, axis=2)


class Sensor:
    """Turns a scene into a picture with noise."""

    def __init__(self, noise: float = 5.0) -> None:
        self._chance = np.random.default_rng(3)
        self._noise = noise

    def take(self, scene: NDArray[np.float32], light: float = 1.0, gamma: float = 1.0) -> Image:
        seen = np.clip(scene * light, 0, 255)
        if gamma != 1:
            seen = 255 * (seen / 255) ** gamma
        noise = self._chance.normal(0, self._noise, (*scene.shape[:2], 1))
        return np.asarray(np.clip(seen + noise, 0, 255), np.uint8)


def with_head(scene: NDArray[np.float32], x: int, width: int, shade: float = 200) -> NDArray[np.float32]:
    scene = scene.copy()
    cv2.ellipse(scene, (x, 200), (width // 2, width * 2 // 3), 0, 0, 360, (shade,) * 3, -1)
    return scene


def settled(pictures: Iterable[Image], gate: MotionGate) -> MotionGate:
    for picture in pictures:
        gate.moved(picture)
    return gate


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_first_picture_counts_and_an_empty_room_does_not(width: int, height: int) -> None:
    gate, sensor, scene = MotionGate(MotionSettings()), Sensor(), room(width, height)
    assert [gate.moved(sensor.take(scene)) for _ in range(8)] == [True] + [False] * 7


@pytest.mark.parametrize("noise", [12.0, 25.0])
def test_the_noise_of_a_dark_room_is_not_motion(noise: float) -> None:
    gate, sensor, scene = MotionGate(MotionSettings()), Sensor(noise), room() * 0.3
    gate.moved(sensor.take(scene))
    assert sum(gate.moved(sensor.take(scene)) for _ in range(20)) == 0


@pytest.mark.parametrize("width", [30, 60, 200, 500])
def test_a_head_that_crosses_the_picture_is_motion_all_the_way(width: int) -> None:
    sensor = Sensor()
    gate = settled((sensor.take(room()) for _ in range(10)), MotionGate(MotionSettings()))
    assert all(gate.moved(sensor.take(with_head(room(), x, width))) for x in range(60, 600, 45))


def test_exposure_that_creeps_is_not_motion_and_a_head_within_it_is() -> None:
    sensor = Sensor()
    light = 1 - 0.02 * np.arange(20)
    gate = settled((sensor.take(room()) for _ in range(5)), MotionGate(MotionSettings()))
    assert not any(gate.moved(sensor.take(room(), float(now))) for now in light)
    assert gate.moved(sensor.take(with_head(room(), 320, 80), float(light[-1])))


@pytest.mark.parametrize(("light", "gamma"), [(0.3, 1.0), (1.6, 1.0), (1.0, 0.5), (1.0, 2.0)])
def test_a_lamp_counts_once_at_most_and_then_its_light_is_normal(light: float, gamma: float) -> None:
    sensor = Sensor()
    gate = settled((sensor.take(room()) for _ in range(10)), MotionGate(MotionSettings()))
    gate.moved(sensor.take(room(), light, gamma))
    assert not any(gate.moved(sensor.take(room(), light, gamma)) for _ in range(10))
    assert gate.moved(sensor.take(with_head(room(), 320, 80, 230), light, gamma))


def test_what_stands_still_fades_and_is_noticed_when_it_goes() -> None:
    sensor = Sensor()
    gate = settled((sensor.take(room()) for _ in range(10)), MotionGate(MotionSettings()))
    standing = with_head(room(), 320, 120)
    assert gate.moved(sensor.take(standing))
    settled((sensor.take(standing) for _ in range(100)), gate)
    assert not gate.moved(sensor.take(standing))
    assert gate.moved(sensor.take(room()))


def test_the_settings_say_how_much_is_motion() -> None:
    scene, faint = room(), with_head(room(), 320, 60, 112)
    for threshold, seen in ((3.0, True), (60.0, False)):
        gate = settled([Sensor(0).take(scene)] * 3, MotionGate(MotionSettings(threshold=threshold)))
        assert gate.moved(Sensor(0).take(faint)) is seen
    for area, seen in ((0.001, True), (0.2, False)):
        gate = settled([Sensor(0).take(scene)] * 3, MotionGate(MotionSettings(area=area)))
        assert gate.moved(Sensor(0).take(faint)) is seen


def test_another_size_is_another_scene() -> None:
    gate = MotionGate(MotionSettings())
    gate.moved(Sensor().take(room(640, 480)))
    assert gate.moved(Sensor().take(room(640, 360)))
