"""What is said beforehand is what a round then does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edged.central.account import Hold
from edged.central.preview import Preview, preview
from edged.domain.person import Template
from tests.central.following import Site, site
from tests.central.pretend_centre import face
from tests.gallery.sample import MODEL, somebody

HOLD = Hold(0.2, 10)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Site]:
    found = site(tmp_path / "door")
    for number in range(30):
        found.centre.enrol(f"c{number}", f"p{number}", face(f"face {number}"))
    found.round()
    yield found
    found.gallery.close()


def foreseen(door: Site) -> Preview:
    return preview(door.centre, door.ledger, MODEL, HOLD, push=True)


def enrolled_there(door: Site) -> None:
    door.centre.enrol("new", "newcomer", face("new"))


def renamed_there(door: Site) -> None:
    door.centre.change("c3", first_name="Ada")


def deleted_there(door: Site) -> None:
    door.centre.delete("c3")


def many_deleted_there(door: Site) -> None:
    for number in range(12):
        door.centre.delete(f"c{number}")


def enrolled_here(door: Site) -> None:
    found = face("here")
    assert found.vector is not None
    door.gallery.enroll(somebody("local"), [Template(found.vector, 0.5, found.photo_hash)])


def deleted_here(door: Site) -> None:
    door.gallery.delete("p3")


def renamed_on_both(door: Site) -> None:
    door.gallery.enroll(somebody("p3", name="Bob"), [])
    door.centre.change("c3", first_name="Ada")


def built_anew(door: Site) -> None:
    door.centre.epoch, door.centre.place = "new", 0
    door.centre.people.clear()
    door.centre.places.clear()
    for number in range(29):
        door.centre.enrol(f"other-{number}", f"p{number}", face(f"face {number}"))


DEEDS = [enrolled_there, renamed_there, deleted_there, many_deleted_there, enrolled_here, deleted_here, renamed_on_both,
         built_anew]  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_foreseen_is_what_a_round_does(door: Site, deed: Callable[[Site], None]) -> None:
    deed(door)
    before, there = door.roster(), set(door.centre.people)
    told = len(door.account().conflicts)
    said = foreseen(door)
    assert door.roster() == before
    assert set(door.centre.people) == there
    done = door.round()

    after = door.roster()
    assert set(said.enrol) == after.keys() - before.keys()
    assert (set() if said.waits else set(said.remove)) == before.keys() - after.keys()
    assert said.waits is (done.held > 0)
    changed = {key for key in after.keys() & before.keys() if after[key] != before[key]}
    assert set(said.change) == changed
    assert len(said.tell) + said.withdraw >= done.pushed
    assert sum(said.conflicts.values()) == len(door.account().conflicts) - told


def test_where_nothing_has_changed_nothing_is_foreseen(door: Site) -> None:
    assert foreseen(door) == Preview((), (), (), waits=False, tell=(), withdraw=0, conflicts={})
