"""A centre's list that holds what no list should: it costs whom it is about, and nobody else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edged.central.account import Hold
from edged.central.follower import Terms
from edged.central.port import Outgoing, RemoteFace, Taken
from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.gallery.face_book import FaceBook
from edged.wire.roster import distinct_hashes
from tests.central.following import Site, site
from tests.central.pretend_centre import PretendCentre, face
from tests.central.test_follower import crowd, enrol_here
from tests.gallery.sample import MODEL


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Site]:
    found = site(tmp_path / "door")
    yield found
    found.gallery.close()


def test_whoever_gets_a_name_that_is_too_long_for_the_device_is_not_taken_for_deleted(door: Site) -> None:
    crowd(door, 3)
    door.centre.change("c0", first_name="n" * 300)
    door.round()
    door.centre.epoch = "b"  # the whole list is read anew
    assert door.round().held == 0
    assert door.names("face 0") == ["p0"]
    assert "name" in door.account().progress.refused["c0"]


def test_one_key_written_in_two_ways_is_one_person(door: Site) -> None:
    enrol_here(door, "ren\u00e9", "here")
    door.centre.enrol("c1", "rene\u0301", face("there"))
    door.centre.enrol("c2", "bob", face("b"))
    door.until_quiet()
    assert door.names("here") == door.names("there") == ["ren\u00e9"]
    assert door.names("b") == ["bob"]


def test_several_people_of_one_key_cost_only_each_other(door: Site) -> None:
    crowd(door, 1)
    for number in range(3):
        door.centre.enrol(f"x{number}", "same", face(f"x{number}"))
        door.centre.enrol(f"y{number}", "p0", face(f"y{number}"))
    door.centre.enrol("c9", "bob", face("b"))
    door.round()
    assert door.names("b") == ["bob"]
    assert [name for number in range(3) for name in door.names(f"x{number}")] == ["same"]


def test_a_picture_that_is_awaited_does_not_keep_anybody_who_is_deleted(door: Site) -> None:
    crowd(door, 1)
    for number in range(3):
        door.centre.enrol(f"n{number}", f"new{number}", face(f"new {number}", with_vector=False))
    door.centre.delete("c0")
    found: list[tuple[str, list[str]]] = []
    door.centre.before = lambda: found.append((door.centre.asked[-1], door.names("face 0")))
    door.round()
    assert {tuple(names) for what, names in found if what == "picture"} == {()}


def test_pictures_that_were_looked_at_before_the_line_broke_are_not_fetched_again(door: Site) -> None:
    for number in range(6):
        door.centre.enrol(f"n{number}", f"new{number}", face(f"new {number}", with_vector=False))
    door.centre.faults = [None, None, None, *[Unavailable("away")] * 3]
    with pytest.raises(Unavailable):
        door.round()
    door.centre.asked.clear()
    door.round()
    assert door.centre.asked.count("picture") == 4
    assert door.names("new 0") == ["new0"]
    assert len(door.roster()) == 6
    assert door.digest() == door.centre.roster()


def test_a_deletion_on_both_sides_has_its_receipt_too(door: Site) -> None:
    crowd(door, 2)
    ada = door.gallery.find("p0")
    assert ada is not None
    door.gallery.delete("p0")
    door.centre.delete("c0")
    door.receipts[ada.person.id] = {"person": ada.person.id}
    door.until_quiet()
    assert door.centre.receipts == [("c0", {"person": ada.person.id})]


def test_whoever_loses_their_key_to_somebody_else_has_a_receipt(door: Site) -> None:
    crowd(door, 1)
    ada = door.gallery.find("p0")
    assert ada is not None
    door.centre.delete("c0")
    door.centre.enrol("c1", "p0", face("other"))
    door.receipts[ada.person.id] = {"person": ada.person.id}
    door.until_quiet()
    assert door.centre.receipts == [("c0", {"person": ada.person.id})]
    assert (door.names("face 0"), door.names("other")) == ([], ["p0"])


def test_names_of_faces_made_to_collide_are_told_apart() -> None:
    first = hashlib.sha256(b"photograph").hexdigest()
    second = distinct_hashes([first, first])[1]
    assert len(set(distinct_hashes([first, first, second]))) == 3
    assert len(set(distinct_hashes([first, second, first]))) == 3


def test_however_many_are_deleted_the_thread_that_writes_is_free_again_after_a_hundred(
    door: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(door, 250)
    removed: list[int] = []
    change = door.gallery.change

    def counted(work: Callable[[FaceBook], Any]) -> Any:
        before = len(door.gallery.people(limit=1000))
        done = change(work)
        removed.append(before - len(door.gallery.people(limit=1000)))
        return done

    for number in range(249):
        door.centre.delete(f"c{number}")
    door.round()
    monkeypatch.setattr(door.gallery, "change", counted)
    assert door.ledger.sweep(None) == 0
    assert removed == [100, 100, 49]


def test_whoever_is_kept_against_the_centres_word_is_told_of_as_somebody_new(
    door: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[str] = []
    push = PretendCentre.push

    def noted(centre: PretendCentre, person: Outgoing, model: ModelRef) -> Taken:
        requests.append(person.request)
        return push(centre, person, model)

    monkeypatch.setattr(PretendCentre, "push", noted)
    enrol_here(door, "ada", "a1")
    door.round()
    (own,) = door.centre.people
    door.centre.delete(own)
    assert door.round(Terms(Hold(0.0, 0))).held == 1
    door.ledger.keep_held()
    door.until_quiet()
    assert len(set(requests)) == 2, "a hub takes the same request for the person whom it has deleted"
    assert [person.key for person in door.centre.people.values()] == ["ada"]


def test_a_template_that_is_none_costs_the_face(door: Site) -> None:
    broken = RemoteFace("a" * 64, 0.5, np.full(MODEL.dimension, np.nan, np.float32), "")
    door.centre.enrol("c1", "ada", broken, face("a"))
    door.centre.enrol("c2", "bob", face("b"))
    door.round()
    assert (door.names("a"), door.names("b")) == (["ada"], ["bob"])
    assert door.account().progress.refused == {"c1": "template"}


def test_whom_a_centre_that_names_its_deletions_has_lost_is_not_removed(door: Site) -> None:
    crowd(door, 3)
    door.report()
    del door.centre.people["c0"], door.centre.places["c0"]
    assert door.report(now=10_000.0), "the rosters differ: the list is read anew"
    assert door.round().held == 1
    assert door.names("face 0") == ["p0"]


def test_a_revision_that_goes_back_is_noticed_wherever_the_list_was_left(door: Site) -> None:
    crowd(door, 3)
    door.centre.place += 5  # something that is about nobody
    door.round()
    door.centre.place -= 4
    del door.centre.people["c0"], door.centre.places["c0"]
    assert door.round().held == 1
    assert door.account().progress.careful
