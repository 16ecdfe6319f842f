"""Whoever is deleted on either side while the centre's answer about them is lost does not come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from edged.central.port import Outgoing, Taken
from edged.domain.errors import Refused, Unavailable
from edged.domain.person import ModelRef, Person
from tests.central.following import Site, site
from tests.central.pretend_centre import face
from tests.gallery.sample import template


@pytest.fixture
def place(tmp_path: Path) -> Site:
    """The centre has taken over somebody, and the device does not know that."""
    found = site(tmp_path / "device")
    found.gallery.enroll(Person("", "4711"), [template(1)])
    push = found.centre.push

    def cut(person: Outgoing, model: ModelRef) -> Taken:
        push(person, model)
        raise Unavailable("the line was cut", "It is tried again.")

    found.centre.push = cut  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        found.round()
    found.centre.push = push  # type: ignore[method-assign]
    assert len(found.centre.people) == 1
    return found


def test_whoever_is_deleted_here_meanwhile_is_deleted_there(place: Site) -> None:
    place.gallery.delete("4711")
    place.until_quiet()
    assert place.roster() == {}
    assert place.centre.people == {}


def test_whoever_is_deleted_there_meanwhile_is_deleted_here(place: Site) -> None:
    (own,) = place.centre.people
    place.centre.delete(own)
    place.gallery.enroll(Person("", "4711"), [template(2)])  # touched here, which does not bring them back
    place.until_quiet()
    assert place.roster() == {}
    assert place.centre.people == {}


def test_whoever_is_enrolled_anew_here_is_somebody_new_there(place: Site) -> None:
    place.gallery.delete("4711")
    place.gallery.enroll(Person("", "4711"), [template(2)])
    before = set(place.centre.people)
    place.until_quiet()
    ((own, person),) = place.centre.people.items()
    assert own not in before
    assert {face.photo_hash for face in person.faces} == {template(2).photo_hash}
    assert place.digest() == place.centre.roster()


def test_whoever_is_enrolled_there_later_under_the_same_key_stays(place: Site) -> None:
    place.gallery.delete("4711")
    place.until_quiet()
    place.centre.enrol("another", "4711", face("another"))
    place.until_quiet()
    assert list(place.roster()) == ["4711"]
    assert list(place.centre.people) == ["another"]


def test_a_centre_that_says_no_at_once_deletes_nobody(tmp_path: Path) -> None:
    place = site(tmp_path / "device")
    place.gallery.enroll(Person("", "4711"), [template(1)])

    def refuse(person: Outgoing, model: ModelRef) -> Taken:
        raise Refused("deleted_there", "whatever answers there has no such page")

    place.centre.push = refuse  # type: ignore[method-assign]
    for _ in range(3):
        assert place.round().stuck
    assert list(place.roster()) == ["4711"]
