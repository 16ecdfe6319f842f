"""What requests do, each by itself, where a whole daemon would show no more."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import numpy as np
import pytest

from edged.control.doors import Opening
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Image
from edged.domain.person import Person
from edged.gallery.departures import Departures
from edged.runtime.clock import SystemClock
from edged.runtime.deed import Call
from edged.runtime.deeds.machine import DoorDeed, SyncDeed
from edged.runtime.deeds.people import PeopleDeeds
from edged.runtime.deeds.snapshot import encoded
from edged.runtime.reboot import reboot
from edged.runtime.replies import MAX_ANSWER_BYTES
from edged.runtime.stop import Stop
from edged.wire.commands.looking import MAX_JPEG_BYTES
from edged.wire.commands.machine import OpenDoorAsked, SyncAsked
from edged.wire.commands.people import PeopleListAsked
from tests.runtime.test_keeper import Bench
from tests.runtime.test_syncer import Door, door

__all__ = ["door"]

CLOCK = SystemClock()


def call(seconds: float = 10.0, stop: Stop | None = None) -> Call:
    return Call("anna", CLOCK.now().mono + seconds, CLOCK, stop or Stop())


# Pictures


def noise(width: int, height: int) -> Image:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_picture_is_never_too_long_for_a_message() -> None:
    picture, jpeg = encoded(noise(1920, 1080), 1920)
    assert len(jpeg) <= MAX_JPEG_BYTES
    assert 64 <= picture.shape[1] < 1920


def test_a_picture_is_made_smaller_and_never_larger() -> None:
    plain = np.full((1080, 1920, 3), 90, np.uint8)
    assert encoded(plain, 960)[0].shape == (540, 960, 3)
    assert encoded(plain[:120, :160], 960)[0].shape == (120, 160, 3)


# People


def test_pages_of_people_hold_everybody_once_and_fit_into_messages(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for number in range(130):
        bench.gallery.enroll(Person("", f"{number:04}", "ä" * 100, notes="ä" * 4000 if number % 2 else ""), [])
    deeds = PeopleDeeds(bench.keeper, Departures(tmp_path))
    stop = Stop()
    keys: list[str] = []
    after: str | None = ""
    with bench.running(stop):
        while after is not None:
            page = deeds.page(PeopleListAsked(after=after, most=100), call())
            assert page.total == 130
            assert len(page.model_dump_json().encode()) < MAX_ANSWER_BYTES
            keys += [entry.customer_person_id for entry in page.people]
            after = page.next
    assert keys == [f"{number:04}" for number in range(130)]


# Doors


class Front:
    """A device's doors."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, str]] = []

    def open(self, door: str, *, by: str) -> Opening:
        self.opened.append((door, by))
        return Opening(door or "front", 3.0)


def test_a_door_is_opened_for_whom_asks() -> None:
    doors = Front()
    answer = DoorDeed(doors)(OpenDoorAsked(), call())
    assert (answer.door, answer.open_s, doors.opened) == ("front", 3.0, [("", "anna")])
    with pytest.raises(Refused, match="no door"):
        DoorDeed(None)(OpenDoorAsked(), call())


# Sync


def test_sync_wakes_the_one_who_syncs_and_says_how_it_stands(door: Door) -> None:
    stop = Stop()
    deed = SyncDeed(door.syncer, door.conditions)
    waiting = Call("anna", door.clock.now().mono + 100, door.clock, stop)
    assert not deed(SyncAsked(wait_s=0), waiting).followed
    assert not door.syncer._bell.empty()
    door.once(first=True)
    door.site.centre.faults = [Unavailable("the centre is away", "Look at its cable")]
    door.once()
    with pytest.raises(Unavailable, match="the centre is away"):
        deed(SyncAsked(wait_s=0), waiting)
    door.once()
    answer = deed(SyncAsked(wait_s=0), waiting)
    assert (answer.followed, answer.central.stale_s) == (True, 0.0)


# Reboot


def test_whoever_lets_it_is_told_to_start_the_machine_again(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with pytest.raises(Refused) as refused:
        reboot(path)
    assert refused.value.reason == "not_permitted"
    with socket.socket(socket.AF_UNIX) as systemd:
        systemd.bind(str(path))
        systemd.listen(1)
        reboot(path)
        systemd.settimeout(5)
        knocking, _ = systemd.accept()
        knocking.close()


# Giving up


def test_what_takes_too_long_is_given_up_and_so_it_is_at_the_end() -> None:
    with pytest.raises(Unavailable, match="too long"):
        call(0.0).go_on()
    stop = Stop()
    stop.set()
    with pytest.raises(Unavailable, match="stopped"):
        call(10.0, stop).wait(1)
    began = time.monotonic()
    call(0.05).wait(60)
    assert time.monotonic() - began < 30
