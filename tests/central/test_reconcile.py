"""Whatever happens on both sides and in whatever order it is told: device and centre end with the same people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edged.central.port import Page, RemoteFace, RemotePerson
from edged.central.reconcile import (
    BOTH_CHANGED,
    BOTH_ENROLLED,
    DELETED_HERE,
    DELETED_THERE,
    KEY_PASSED_ON,
    Known,
    Local,
    difference,
    must_ask,
    reconcile,
    shared_fields,
)
from edged.gallery.links import Link
from tests.central.toy import ToyCentre, ToyDevice

KEYS = st.sampled_from(["ada", "bob", "cyd"])
NAMES = st.sampled_from(["", "Ada", "Bob", "Cyd"])
FACES = st.sampled_from(["f1", "f2", "f3", "f4"])
ACTS = st.one_of(
    st.tuples(st.just("centre enrols"), KEYS, NAMES, FACES),
    st.tuples(st.just("centre renames"), KEYS, NAMES),
    st.tuples(st.just("centre adds"), KEYS, FACES),
    st.tuples(st.just("centre drops"), KEYS, FACES),
    st.tuples(st.just("centre deletes"), KEYS),
    st.tuples(st.just("device enrols"), KEYS, NAMES, FACES),
    st.tuples(st.just("device renames"), KEYS, NAMES),
    st.tuples(st.just("device drops"), KEYS, FACES),
    st.tuples(st.just("device deletes"), KEYS),
    st.tuples(st.just("pull"), st.integers(1, 3)),
    st.tuples(st.just("pull again"), st.integers(0, 40), st.integers(1, 3)),
    st.tuples(st.just("push")),
)


@dataclass
class World:
    centre: ToyCentre
    devices: tuple[ToyDevice, ...]

    def do(self, device: ToyDevice, act: tuple[Any, ...]) -> None:  # noqa: C901, PLR0912  one act a case
        centre = self.centre
        at_centre = {person.key: own for own, person in centre.people.items()}
        here = {person.key: person for person in device.people.values()}
        match act:
            case ("centre enrols", key, name, face):
                centre.enrol(key, name, frozenset({face}))
            case ("centre renames", key, name) if key in at_centre:
                centre.change(at_centre[key], name=name)
            case ("centre adds", key, face) if key in at_centre:
                centre.change(at_centre[key], add=face)
            case ("centre drops", key, face) if key in at_centre:
                centre.change(at_centre[key], drop=face)
            case ("centre deletes", key) if key in at_centre:
                centre.delete(at_centre[key])
            case ("device enrols", key, name, face):
                device.enrol(key, name, frozenset({face}))
            case ("device renames", key, name) if key in here:
                here[key].name = name
            case ("device drops", key, face) if key in here:
                here[key].faces -= {face}
            case ("device deletes", key):
                device.delete(key)
            case ("pull", limit):
                self.pull(device, limit)
            case ("pull again", place, limit):
                page = centre.page(min(place, device.cursor), limit)
                if int(page.cursor) <= device.cursor:  # one that it has had: a lost answer, asked for again
                    device.pull(page)
            case ("push",):
                device.push(centre)

    def pull(self, device: ToyDevice, limit: int = 1000) -> None:
        page = self.centre.page(device.cursor, limit)
        device.pull(page)
        device.cursor = int(page.cursor)

    def settle(self) -> None:
        for _round in range(3):
            for device in self.devices:
                self.pull(device)
                device.push(self.centre)
        for device in self.devices:
            self.pull(device)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), ACTS), max_size=40))
def test_any_order_of_changes_and_repeats_ends_at_one_roster(acts: list[tuple[int, tuple[Any, ...]]]) -> None:
    world = World(ToyCentre(), (ToyDevice(), ToyDevice()))
    for which, act in acts:
        world.do(world.devices[which], act)
    world.settle()
    for device in world.devices:
        assert device.roster() == world.centre.roster()
        assert not any(difference(link, device.people[link.person].local()) for link in device.links.values())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.just(0), ACTS), max_size=30), KEYS)
def test_who_is_deleted_at_the_centre_does_not_come_back(acts: list[tuple[int, tuple[Any, ...]]], key: str) -> None:
    world = World(ToyCentre(), (ToyDevice(),))
    for _which, act in acts:
        world.do(world.devices[0], act)
    world.settle()
    world.do(world.devices[0], ("device renames", key, "changed here at the same time"))
    world.do(world.devices[0], ("centre deletes", key))
    world.settle()
    assert key not in world.devices[0].roster()
    assert key not in world.centre.roster()


FACE = RemoteFace("f1", 1.0, None, "")
ADA = RemotePerson("c1", "ada", "Ada", faces=(FACE,))


def known(link: Link | None, here: Local | None) -> Known:
    return Known(
        {link.central: link} if link else {}, {here.id: here} if here else {}, {here.key: here.id} if here else {}
    )


def told(*people: RemotePerson, gone: tuple[str, ...] = ()) -> Page:
    return Page(gone, people, "1", more=False)


LINK = Link("c1", "d1", shared_fields(ADA), frozenset({"f1"}))
HERE = Local("d1", "ada", shared_fields(ADA), frozenset({"f1"}))
CHANGED = Local("d1", "ada", "other", frozenset({"f1", "f9"}))
RENAMED = RemotePerson("c1", "ada", "Adele", faces=(FACE,))


@pytest.mark.parametrize(
    ("page", "link", "here", "conflicts"),
    [
        (told(ADA), LINK, HERE, []),
        (told(RENAMED), LINK, HERE, []),
        (told(ADA), LINK, CHANGED, []),
        (told(RENAMED), LINK, CHANGED, [("c1", BOTH_CHANGED)]),
        (told(ADA), None, HERE, []),
        (told(RENAMED), None, HERE, [("c1", BOTH_ENROLLED)]),
        (told(ADA), LINK, None, []),
        (told(RENAMED), LINK, None, [("c1", DELETED_HERE)]),
        (told(gone=("c1",)), LINK, HERE, []),
        (told(gone=("c1",)), LINK, CHANGED, [("c1", DELETED_THERE)]),
        (told(RemotePerson("c2", "ada", "Ada II")), LINK, HERE, [("c2", KEY_PASSED_ON)]),
    ],
)
def test_each_conflict_is_told_and_nothing_else_is(
    page: Page, link: Link | None, here: Local | None, conflicts: list[tuple[str, str]]
) -> None:
    assert list(reconcile(page, known(link, here), 0).conflicts) == conflicts


def test_somebody_without_a_key_is_nobody_else() -> None:
    nameless = RemotePerson("c7", "", faces=(FACE,))
    (step,) = reconcile(told(nameless), known(None, Local("d1", "", "x", frozenset({"f1"}))), 0).steps
    assert step.person == ""


def test_a_face_that_cannot_be_used_is_neither_asked_for_again_nor_deleted_at_the_centre() -> None:
    link = Link("c1", "d1", shared_fields(ADA), frozenset({"f1", "bad"}), {"bad": "no_face"})
    here = Local("d1", "ada", shared_fields(ADA), frozenset({"f1"}))
    there = RemotePerson("c1", "ada", "Ada", faces=(FACE, RemoteFace("bad", 0.5, None, "")))
    (step,) = reconcile(told(there), known(link, here), 0).steps
    assert step.settled
    assert not step.add
    assert not difference(link, here)
    assert step.link.refused == {"bad": "no_face"}


def test_a_face_that_the_centre_would_not_take_is_not_offered_again() -> None:
    link = Link("c1", "d1", shared_fields(ADA), frozenset({"f1"}), {"f9": "unlike"})
    assert not difference(link, Local("d1", "ada", shared_fields(ADA), frozenset({"f1", "f9"})))


@pytest.mark.parametrize(
    ("marked", "linked", "asks"), [(10, 10, False), (11, 12, True), (20, 100, False), (21, 100, True), (0, 0, False)]
)
def test_many_deletions_at_once_are_for_a_person(marked: int, linked: int, asks: bool) -> None:
    assert must_ask(marked, linked, share=0.2, least=10) is asks


@pytest.mark.parametrize(
    ("agreed", "here", "there", "add", "drop", "tells_add", "tells_forget"),
    [
        ("12", "12", "123", "3", "", "", ""),
        ("12", "12", "1", "", "2", "", ""),
        ("12", "123", "12", "", "", "3", ""),
        ("12", "1", "12", "", "", "", "2"),
        ("12", "1", "123", "3", "", "", "2"),
        ("12", "123", "1", "", "2", "3", ""),
        ("12", "13", "14", "4", "", "3", ""),
        ("1", "12", "12", "", "", "", ""),
    ],
    ids=["came there", "went there", "came here", "went here", "went here, came there", "came here, went there",
         "one replaced on each side", "the same came on both"],
)  # fmt: skip
def test_faces_that_came_on_either_side_are_had_by_both_and_those_that_went_by_neither(
    agreed: str, here: str, there: str, add: str, drop: str, tells_add: str, tells_forget: str
) -> None:
    link = Link("c1", "d1", shared_fields(ADA), frozenset(agreed))
    local = Local("d1", "ada", shared_fields(ADA), frozenset(here))
    remote = RemotePerson("c1", "ada", "Ada", faces=tuple(RemoteFace(name, 1.0, None, "") for name in there))
    (step,) = reconcile(told(remote), known(link, local), 0).steps
    assert (step.add, step.drop) == (frozenset(add), frozenset(drop))
    after = Local("d1", "ada", local.fields, (local.faces | step.add) - step.drop)
    found = difference(step.link, after)
    assert (found.add, found.forget) == (frozenset(tells_add), frozenset(tells_forget))
    assert step.settled == (not found)
