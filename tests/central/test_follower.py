"""A device's people after rounds of sync: the real gallery, and a centre that does what it is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edged.central.account import Hold
from edged.central.follower import Terms
from edged.central.port import Picture
from edged.domain.errors import Refused, Unavailable
from edged.domain.person import Template
from tests.central.following import TERMS, Site, site
from tests.central.pretend_centre import face
from tests.gallery.sample import MODEL, open_gallery, somebody


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Site]:
    found = site(tmp_path / "door")
    yield found
    found.gallery.close()


def crowd(door: Site, count: int) -> None:
    for number in range(count):
        door.centre.enrol(f"c{number}", f"p{number}", face(f"face {number}"))
    door.round()


def enrol_here(door: Site, key: str, *names: str, name: str = "") -> None:
    found = [face(item) for item in names]
    templates = [Template(item.vector, 0.5, item.photo_hash) for item in found if item.vector is not None]
    door.gallery.enroll(somebody(key, name=name), templates)


def test_whoever_is_enrolled_at_the_centre_is_recognised_with_all_that_is_known(door: Site) -> None:
    door.centre.enrol(
        "c1", "ada", face("a"), face("b"), first_name="Ada", last_name="King", email="a@b", groups=("staff",)
    )
    assert door.round().people == 1
    assert door.names("a") == door.names("b") == ["ada"]
    ada = door.gallery.find("ada")
    assert ada is not None
    assert (ada.person.name, ada.person.email, ada.person.groups) == ("Ada King", "a@b", ("staff",))
    assert door.digest() == door.centre.roster()


def test_a_second_round_asks_once_and_writes_nothing(door: Site) -> None:
    crowd(door, 3)
    door.centre.asked.clear()
    before = (door.folder / "gallery.db-wal").stat().st_size
    assert door.round().people == 0
    assert door.centre.asked == ["changes"]
    assert (door.folder / "gallery.db-wal").stat().st_size == before


def test_whoever_is_deleted_at_the_centre_is_gone_and_the_centre_gets_a_receipt(door: Site) -> None:
    crowd(door, 2)
    ada = door.gallery.find("p0")
    assert ada is not None
    door.centre.delete("c0")
    door.round()
    assert door.gallery.find("p0") is None
    assert door.names("face 0") == []
    assert not door.centre.receipts, "its traces are not removed yet"
    door.receipts[ada.person.id] = {"person": ada.person.id}
    door.round()
    door.round()
    assert door.centre.receipts == [("c0", {"person": ada.person.id})]


def test_receipts_that_the_centre_does_not_take_stop_nothing(door: Site) -> None:
    crowd(door, 2)
    ada = door.gallery.find("p0")
    assert ada is not None
    door.centre.delete("c0")
    door.round()
    door.receipts[ada.person.id] = {}
    door.centre.faults = [None, Refused("other_key", "no")]
    assert door.round().owed == 1
    door.centre.enrol("c5", "new", face("new"))
    assert door.round().people == 1
    assert len(door.centre.receipts) == 1


def test_deletions_far_down_the_list_come_before_the_people(door: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(door, 1)
    for number in range(1200):
        door.centre.enrol(f"n{number}", f"new{number}")
    door.centre.delete("c0")
    found = []
    door.centre.before = lambda: found.append(door.names("face 0"))
    door.round()
    assert found == [["p0"], [], []]


def test_whoever_is_enrolled_here_is_told_to_the_centre_once(door: Site) -> None:
    enrol_here(door, "bob", "b1", "b2", name="Bob Ross")
    assert door.round().pushed == 1
    assert door.round().pushed == 0
    (bob,) = door.centre.people.values()
    assert (bob.key, bob.first_name, bob.last_name) == ("bob", "Bob", "Ross")
    assert {item.photo_hash for item in bob.faces} == {face("b1").photo_hash, face("b2").photo_hash}
    assert door.digest() == door.centre.roster()


def test_a_lost_answer_makes_nobody_twice(door: Site) -> None:
    enrol_here(door, "bob", "b1")

    def cut() -> None:
        if door.centre.asked[-1] == "push" and door.centre.asked.count("push") == 1:
            door.centre.before = lambda: None
            door.centre.enrol("c1", "bob", face("b1"))
            raise Unavailable("the answer was lost")

    door.centre.before = cut
    with pytest.raises(Unavailable):
        door.round()
    door.until_quiet()
    assert list(door.centre.people) == ["c1"]
    assert door.roster() == {"bob": ("", frozenset({face("b1").photo_hash}))}


def test_a_deletion_here_is_told_and_does_not_come_back(door: Site) -> None:
    crowd(door, 2)
    door.gallery.delete("p0")
    door.centre.change("c0", first_name="Changed there")
    door.until_quiet()
    assert list(door.centre.people) == ["c1"]
    assert door.gallery.find("p0") is None
    assert [item.what for item in door.account().conflicts] == ["deleted here and changed at the centre: deleted"]


def test_where_nothing_may_be_told_a_deletion_here_stays_one(door: Site) -> None:
    crowd(door, 2)
    door.gallery.delete("p0")
    enrol_here(door, "bob", "b1")
    door.round(replace(TERMS, push=False))
    door.centre.change("c0", first_name="Changed there")
    door.round(replace(TERMS, push=False))
    assert door.gallery.find("p0") is None
    assert set(door.centre.people) == {"c0", "c1"}
    assert door.account().queued == 2


def test_both_sides_enrol_one_key_and_it_is_one_person(door: Site) -> None:
    enrol_here(door, "ada", "a1", name="Ada Here")
    door.centre.enrol("c1", "ada", face("a2"), first_name="Ada", last_name="There")
    door.until_quiet()
    both = frozenset({face("a1").photo_hash, face("a2").photo_hash})
    assert door.roster() == {"ada": ("Ada There", both)}
    assert {item.photo_hash for item in door.centre.people["c1"].faces} == both
    assert len(door.account().conflicts) == 1


def test_faces_that_go_on_either_side_go_on_both(door: Site) -> None:
    door.centre.enrol("c1", "ada", face("a1"), face("a2"), face("a3"))
    door.round()
    door.centre.change("c1", faces=(face("a1"), face("a2")))
    ada = door.gallery.find("ada")
    assert ada is not None
    door.gallery.change(lambda book: book.strip(ada.person.id, [face("a2").photo_hash]))
    door.until_quiet()
    assert door.roster() == {"ada": ("", frozenset({face("a1").photo_hash}))}
    assert [item.photo_hash for item in door.centre.people["c1"].faces] == [face("a1").photo_hash]
    assert door.names("a2") == []


def test_faces_without_vectors_are_looked_at_here(door: Site) -> None:
    door.centre.enrol("c1", "ada", face("a1", with_vector=False), face("a2"))
    door.round()
    assert door.names("a1") == door.names("a2") == ["ada"]
    door.centre.change("c1", first_name="Ada")
    door.centre.asked.clear()
    door.round()
    assert "picture" not in door.centre.asked


@pytest.mark.parametrize("fault", ["no face", "no picture"])
def test_a_photograph_that_is_none_costs_only_its_own_face(door: Site, fault: str) -> None:
    door.centre.enrol("c1", "ada", face("bad", with_vector=False), face("a2"))
    door.centre.enrol("c2", "bob", face("b"))

    def blind(_picture: Picture, _photo_hash: str) -> Template:
        raise Refused("no_face", "there is no face in it")

    if fault == "no picture":
        door.centre.pictures["bad"] = Refused("not_found", "gone")
    door.follower(blind).round(TERMS)
    door.centre.asked.clear()
    door.centre.change("c1", first_name="Ada")
    door.follower(blind).round(TERMS)
    assert "picture" not in door.centre.asked, "it is not looked at again"
    assert door.names("a2") == ["ada"]
    assert door.names("b") == ["bob"]
    assert door.account().progress.refused == {"c1": "no_face" if fault == "no face" else "not_found"}
    assert door.digest() == door.centre.roster(), "both know of it"
    assert len(door.centre.people["c1"].faces) == 2


def test_a_picture_that_is_away_for_once_comes_later_and_holds_nobody_up(door: Site) -> None:
    door.centre.enrol("c1", "ada", face("slow", with_vector=False))
    door.centre.enrol("c2", "bob", face("b"))
    door.centre.pictures["slow"] = Unavailable("away")
    door.round()
    assert door.names("b") == ["bob"]
    assert door.digest() != door.centre.roster()
    door.centre.pictures.clear()
    assert door.report(now=1e9), "the rosters differ"
    door.round()
    assert door.names("slow") == ["ada"]
    assert door.digest() == door.centre.roster()
    assert not door.report(now=2e9)


def test_a_face_that_the_centre_does_not_take_is_not_offered_again(door: Site) -> None:
    door.centre.enrol("c1", "ada", face("a1"))
    door.round()
    enrol_here(door, "ada", "odd")
    door.centre.unlike.add(face("odd").photo_hash)
    assert door.round().pushed == 1
    assert door.round().pushed == 0
    assert len(door.centre.people["c1"].faces) == 1
    assert door.names("odd") == ["ada"], "here it stays"


def test_somebody_whom_the_centre_refuses_does_not_stop_the_others(door: Site) -> None:
    enrol_here(door, "ada", "a1")
    enrol_here(door, "bob", "b1")
    door.centre.faults = [None, Refused("too_large", "no")]
    done = door.round()
    assert done.pushed == 1
    assert [why for _person, why in done.stuck] == ["too_large"]


def test_whom_the_centre_refuses_is_not_sent_again_every_round_but_when_something_has_changed(door: Site) -> None:
    follower = door.follower()
    enrol_here(door, "ada", "a1")
    door.centre.faults = [None, Refused("too_large", "no")]
    follower.round(TERMS)
    door.centre.asked.clear()
    for _round in range(5):
        assert [why for _person, why in follower.round(TERMS).stuck] == ["too_large"]
    assert "push" not in door.centre.asked
    enrol_here(door, "ada", "a2")
    assert follower.round(TERMS).pushed == 1


def test_a_hub_that_was_built_anew_takes_nothing_from_the_people_here(door: Site) -> None:
    door.centre.enrol("c1", "ada", face("a1"), first_name="Ada")
    door.round()
    enrol_here(door, "ada", "only here")
    door.centre.epoch, door.centre.place = "new", 0
    door.centre.people.clear()
    door.centre.places.clear()
    door.centre.enrol("other-id", "ada", face("a9"), first_name="Ada")
    door.until_quiet()
    faces = frozenset(face(name).photo_hash for name in ("a1", "a9", "only here"))
    assert door.roster() == {"ada": ("Ada", faces)}
    assert {item.photo_hash for item in door.centre.people["other-id"].faces} == faces


def test_a_deletion_that_the_centre_refuses_does_not_stop_the_others(door: Site) -> None:
    crowd(door, 3)
    door.gallery.delete("p0")
    door.gallery.delete("p1")
    door.centre.faults = [None, Refused("out_of_sight", "no")]
    done = door.round()
    assert done.pushed == 1
    assert [why for _person, why in done.stuck] == ["out_of_sight"]
    door.until_quiet()
    assert set(door.centre.people) == {"c2"}


def test_a_wrong_token_stops_the_round(door: Site) -> None:
    enrol_here(door, "ada", "a1")
    door.centre.faults = [None, Refused("bad_token", "no")]
    with pytest.raises(Refused):
        door.round()
    assert door.account().queued == 1


def test_many_deletions_wait_for_a_person_who_says_yes(door: Site) -> None:
    crowd(door, 30)
    for number in range(11):
        door.centre.delete(f"c{number}")
    assert door.round().held == 11
    assert door.round().held == 11
    assert door.names("face 3") == ["p3"]
    assert set(door.account().pending) == {f"c{number}" for number in range(11)}
    assert door.ledger.sweep(None) == 0
    assert len(door.roster()) == 19


def test_many_deletions_wait_for_a_person_who_says_no(door: Site) -> None:
    crowd(door, 30)
    for number in range(11):
        door.centre.delete(f"c{number}")
    door.round()
    assert door.ledger.keep_held() == 11
    door.until_quiet()
    assert len(door.roster()) == 30
    assert {person.key for person in door.centre.people.values()} == set(door.roster())
    assert door.digest() == door.centre.roster()


def test_a_server_put_back_from_an_old_backup_removes_nobody_by_itself(door: Site) -> None:
    crowd(door, 3)
    old = dict(door.centre.people), dict(door.centre.places), door.centre.place
    door.centre.enrol("c9", "late", face("late"))
    door.round()
    door.centre.people, door.centre.places, door.centre.place = old
    door.centre.epoch = "b"
    assert door.round().held == 1
    assert door.names("late") == ["late"]
    door.centre.enrol("c10", "newer", face("newer"))
    assert door.round().held == 1
    assert door.names("newer") == ["newer"], "sync goes on meanwhile"
    door.ledger.keep_held()
    door.until_quiet()
    assert {person.key for person in door.centre.people.values()} == {"p0", "p1", "p2", "late", "newer"}


def test_a_server_whose_revision_goes_back_within_one_life_does_neither(door: Site) -> None:
    crowd(door, 3)
    old = dict(door.centre.people), dict(door.centre.places), door.centre.place
    door.centre.enrol("c9", "late", face("late"))
    door.round()
    door.centre.people, door.centre.places, door.centre.place = old
    assert door.round().held == 1
    assert door.names("late") == ["late"]


def test_a_centre_that_names_no_deletions_is_compared_whole(door: Site) -> None:
    door.centre.tells_deletions = False
    crowd(door, 30)
    door.centre.epoch = "b"
    door.centre.people.pop("c3")
    door.centre.places.pop("c3")
    site_progress = door.ledger.progress()
    door.ledger.keep(replace(site_progress, cursor="", careful=False))
    door.round()
    assert door.gallery.find("p3") is None
    assert len(door.roster()) == 29


def test_outside_its_hours_only_deletions_are_fetched(door: Site) -> None:
    crowd(door, 2)
    door.centre.delete("c0")
    door.centre.enrol("c5", "new", face("new"))
    enrol_here(door, "bob", "b1")
    door.round(replace(TERMS, only_gone=True))
    assert door.gallery.find("p0") is None
    assert door.gallery.find("new") is None
    assert door.account().queued == 1
    door.round()
    assert door.names("new") == ["new"]


def test_what_a_damaged_database_has_lost_comes_back_and_is_deleted_nowhere(door: Site) -> None:
    crowd(door, 4)
    door.gallery.close()
    with closing(sqlite3.connect(door.folder / "gallery.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM people WHERE customer_person_id = 'p0'")
        connection.execute(
            "DELETE FROM packs WHERE person = (SELECT number FROM people WHERE customer_person_id = 'p1')"
        )
    door.gallery = open_gallery(door.folder / "gallery.db")
    assert door.names("face 0") == door.names("face 1") == []
    door.round()
    assert len(door.centre.people) == 4
    assert door.report(now=1e9)
    door.round()
    assert door.names("face 0") == ["p0"]
    assert door.names("face 1") == ["p1"]
    assert door.digest() == door.centre.roster()


def test_another_assignment_is_followed_and_whoever_left_it_goes(door: Site) -> None:
    crowd(door, 3)
    door.report()
    door.centre.groups = ("staff",)
    door.centre.delete("c0")  # as a hub tells of those whom the device is not to know
    door.centre.delete("c2")
    assert door.report()
    door.round()
    assert list(door.roster()) == ["p1"]
    assert not door.report()


def test_another_centre_is_followed_from_the_beginning_and_nobody_is_lost(door: Site) -> None:
    crowd(door, 2)
    enrol_here(door, "bob", "b1")
    door.centre.name = "pretend https://elsewhere"
    door.centre.epoch = "of another centre"
    door.centre.people.clear()
    door.centre.places.clear()
    door.until_quiet()
    assert set(door.roster()) == {"p0", "p1", "bob"}
    assert {person.key for person in door.centre.people.values()} == {"p0", "p1", "bob"}


def test_the_same_centre_under_another_address_is_recognised_and_who_was_deleted_there_stays_so(door: Site) -> None:
    crowd(door, 3)
    door.centre.delete("c0")
    door.centre.name = "pretend https://another-name"
    door.until_quiet()
    assert set(door.roster()) == {"p1", "p2"}
    assert {person.key for person in door.centre.people.values()} == {"p1", "p2"}
    assert door.ledger.progress().centre == door.centre.name


def test_a_token_that_may_only_listen_does_not_keep_the_device_from_listening(door: Site) -> None:
    crowd(door, 2)
    enrol_here(door, "bob", "b1")
    door.centre.delete("c0")
    door.centre.faults = [None, Refused("no_right", "no")]
    done = door.round()
    assert done.denied is not None
    assert door.gallery.find("p0") is None
    assert door.account().queued == 1


def test_much_to_tell_is_told_in_rounds_between_which_deletions_come(door: Site) -> None:
    crowd(door, 1)
    for number in range(120):
        enrol_here(door, f"n{number}")
    done = door.round()
    assert (done.pushed, done.more) == (50, True)
    door.centre.delete("c0")
    assert door.round().more
    assert door.gallery.find("p0") is None
    assert not door.round().more
    assert len(door.centre.people) == 120


def test_somebody_without_a_key_comes_from_the_centre_but_is_not_told_to_it(door: Site) -> None:
    door.centre.enrol("c1", "", face("a1"))
    door.round()
    (key,) = door.names("a1")
    assert key.startswith("face:")
    door.centre.change("c1", first_name="Nobody")
    door.until_quiet()
    assert door.digest() == door.centre.roster()
    assert len(door.roster()) == 1


def test_an_interrupted_round_goes_on_where_it_was(door: Site) -> None:
    for number in range(1300):
        door.centre.enrol(f"c{number}", f"p{number}", face(f"face {number}"))
    door.centre.faults = [None, None, Unavailable("cut")]
    with pytest.raises(Unavailable):
        door.round()
    assert len(door.roster()) == 1000
    assert door.round().people == 300
    assert door.digest() == door.centre.roster()
    assert door.gallery.snapshot().model == MODEL


def test_whoever_is_in_nobodys_way_is_never_held(door: Site) -> None:
    crowd(door, 5)
    for number in range(5):
        door.centre.delete(f"c{number}")
    assert door.round(Terms(Hold(0.2, 10))).held == 0
    assert not door.roster()


def test_a_full_disk_costs_nobody_anything_but_time(door: Site) -> None:
    for number in range(400):
        door.centre.enrol(f"c{number}", f"p{number}", face(f"face {number}"))
    connection = door.gallery._people._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(Unavailable):
        door.round()
    assert len(door.roster()) < 400
    connection.execute("PRAGMA max_page_count = 1000000")
    door.until_quiet()
    assert len(door.roster()) == 400
    assert door.digest() == door.centre.roster()


def test_a_clock_that_is_years_off_removes_nobody_and_stops_nothing(door: Site) -> None:
    crowd(door, 3)
    door.ledger.keep(replace(door.ledger.progress(), followed=4e9, repaired=4e9))
    door.centre.enrol("c9", "new", face("new"))
    door.centre.delete("c0")
    door.round()
    assert set(door.roster()) == {"p1", "p2", "new"}
    assert not door.report(now=0.0)
    assert door.digest() == door.centre.roster()
