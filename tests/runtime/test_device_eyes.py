"""Photographs are looked at with the models of the cameras, which go on all the while."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytest

from edged.api.directory import Looked, SeenPhoto
from edged.config.cameras import DemoCamera, MotionSettings
from edged.config.document import Document
from edged.domain.errors import Refused
from edged.domain.frame import Frame, Image, Moment
from edged.domain.identity import uuid7
from edged.domain.rect import Rect
from edged.gallery.roll import Roll
from edged.gallery.snapshot import Snapshot
from edged.recognition.recognizer import Recognizer
from edged.runtime.clock import SystemClock
from edged.runtime.device_eyes import DeviceEyes
from edged.runtime.intake import Intake
from edged.runtime.judge import Judge, Standing
from edged.runtime.stages import Stages
from edged.vision.photo import decode_photo
from edged.vision.sight import Sight

_T = TypeVar("_T")
CAMERA = "door"
FRAME = np.zeros((360, 640, 3), np.uint8)


def everyone(boxes: Sequence[Rect]) -> Sequence[int]:
    return range(len(boxes))


class Device:
    """A judge before a camera that always has a new frame; this thread is the judge's."""

    def __init__(self, sight: Sight) -> None:
        snapshot = Snapshot(sight.model, Roll.empty(sight.model.dimension))
        camera = DemoCamera(kind="demo", photo=Path("/nowhere.png"), motion=MotionSettings(enabled=False))
        self.intake = Intake()
        self.judge = Judge(
            Recognizer(sight, lambda at: uuid7(at.utc, os.urandom(10)), lambda: bytes(32)),
            Standing.of(Document().model_copy(update={"cameras": {CAMERA: camera}}), "c"),
            gallery=lambda: snapshot,
            intake=self.intake,
            heed=lambda _seen: None,
            keep=lambda _events: None,
            clock=SystemClock(),
            stages=Stages(),
        )
        self.eyes = DeviceEyes(sight, self.judge)

    def judge_until(self, asked: Future[_T]) -> tuple[_T, int]:
        """What was asked for, and how many frames were judged until it was there."""
        before = self.judge.looked[CAMERA]
        while not asked.done():
            now = SystemClock().now()
            self.intake.put(Frame(CAMERA, 0, Moment(now.mono, now.utc), FRAME))
            self.judge.run_once(0.05)
        return asked.result(), self.judge.looked[CAMERA] - before


@pytest.fixture(scope="module")
def device(sight: Sight) -> Device:
    return Device(sight)


def _look(device: Device, photo: bytes) -> tuple[Looked, int]:
    with ThreadPoolExecutor(1) as pool:
        return device.judge_until(pool.submit(device.eyes.look, photo, everyone))


def _see_all(device: Device, photo: bytes, *sides: int) -> tuple[SeenPhoto, int]:
    with ThreadPoolExecutor(1) as pool:
        return device.judge_until(pool.submit(device.eyes.see_all, photo, sides))


def test_everybody_in_an_albums_photograph_is_found_while_the_cameras_frames_are_judged(
    device: Device, astronaut: Image
) -> None:
    hall = np.full((2400, 3600, 3), 100, np.uint8)
    hall[-512:, -512:] = astronaut
    hall[:180, :180] = cv2.resize(astronaut, (180, 180), interpolation=cv2.INTER_AREA)
    seen, frames = _see_all(device, cv2.imencode(".jpg", hall)[1].tobytes(), 1600, 320)
    assert (seen.width, seen.height) == (3600, 2400)
    assert [max(decode_photo(picture).shape) for picture in seen.pictures] == [1600, 320]
    large, small = seen.faces
    assert large.box.top > 1800
    assert small.box.top < 100
    assert float(large.vector @ small.vector) > 0.4
    assert frames >= 9, "six tiles, the whole twice, the faces"


def test_a_photograph_of_one_person_is_seen_the_same_in_both_ways(device: Device, astronaut: Image) -> None:
    photo = cv2.imencode(".png", astronaut)[1].tobytes()
    (looked, _), (seen, _) = _look(device, photo), _see_all(device, photo, 100)
    (one,), (other,) = looked.chosen, seen.faces
    for edge, again in zip(astuple(one.box), astuple(other.box), strict=True):
        assert again == pytest.approx(edge, abs=6)
    assert float(one.vector @ other.vector) > 0.95
    assert one.crop
    assert not other.crop


def test_a_photograph_of_nobody_has_nobody_and_what_is_none_is_refused_unseen(device: Device) -> None:
    seen, _frames = _see_all(device, cv2.imencode(".png", FRAME)[1].tobytes(), 64)
    assert (seen.faces, len(seen.pictures)) == ((), 1)
    with pytest.raises(Refused) as refusal:
        device.eyes.see_all(b"MZ", (64,))
    assert refusal.value.reason == "not_an_image"
