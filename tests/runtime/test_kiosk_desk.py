"""What the screen at a door is told by the daemon: where it stands, and what its camera sees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edged.api.kiosk import Post
from edged.api.port import Closed
from edged.config.document import Document
from edged.domain.frame import Frame, Moment
from edged.domain.passage import Factor
from edged.domain.screen import Screen, Stage
from edged.runtime.kiosk_desk import DoorScreen
from tests.runtime.hand_clock import HandClock

FRAME = Frame("cam", 1, Moment(1.0, 2.0), np.zeros((2, 2, 3), np.uint8))
CAMERA = {"kind": "v4l2", "device": "/dev/video0"}


class Keeper:
    def __init__(self) -> None:
        self.presented: list[tuple[str, Factor, str]] = []

    def screen(self, door: str) -> Screen:
        return Screen(Stage.GUIDE, door=door, number=7)

    def present(self, door: str, factor: Factor, code: str) -> None:
        self.presented.append((door, factor, code))


class Seeing:
    newest: Frame | None = FRAME


def desk(doors: dict[str, Any], keeper: Keeper, *, door: str = "", mirror: bool = False) -> DoorScreen:
    document = Document.model_validate(
        {"cameras": {"cam": {**CAMERA, "mirror": mirror}}, "access": {"doors": doors}, "kiosk": {"door": door}}
    )
    eyes: Any = {"cam": Seeing()}
    return DoorScreen(keeper, lambda: document, lambda: eyes, HandClock())


@pytest.mark.parametrize(
    ("doors", "door", "post"),
    [
        ({"front": {"camera": "cam"}}, "", Post("front")),
        ({"front": {"camera": "cam"}, "back": {}}, "back", Post("back", has_camera=False)),
        ({"front": {"camera": "cam"}, "back": {}}, "front", Post("front")),
    ],
)
def test_it_knows_its_door(doors: dict[str, Any], door: str, post: Post) -> None:
    screen = desk(doors, Keeper(), door=door)
    assert screen.door() == post
    assert (screen.frame(post.door) is FRAME) == post.has_camera
    assert screen.screen(post.door) == Screen(Stage.GUIDE, door=post.door, number=7)


def test_a_camera_that_mirrors_by_itself_is_not_mirrored_again() -> None:
    assert desk({"front": {"camera": "cam"}}, Keeper(), mirror=True).door() == Post("front", mirrored=True)


def test_without_a_door_or_with_several_it_says_what_to_do() -> None:
    none = desk({}, Keeper()).door()
    several = desk({"front": {}, "back": {}}, Keeper()).door()
    assert isinstance(none, Closed)
    assert "access.doors" in none.remedy
    assert isinstance(several, Closed)
    assert "kiosk.door" in several.remedy
    assert desk({}, Keeper()).frame("front") is None


def test_codes_go_to_whoever_keeps_the_door() -> None:
    keeper = Keeper()
    desk({"front": {}}, keeper).present("front", Factor.PIN, "4711")
    assert keeper.presented == [("front", Factor.PIN, "4711")]
