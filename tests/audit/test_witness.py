"""Whatever is done to people is seen, whichever way it was done, and told by id alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edged.domain.person import Person
from edged.gallery.happening import Done, Happening
from edged.gallery.people import People
from tests.gallery.sample import MODEL, open_people, template


@pytest.fixture
def seen() -> list[Happening]:
    return []


@pytest.fixture
def people(tmp_path: Path, seen: list[Happening]) -> Iterator[People]:
    with closing(open_people(tmp_path / "gallery.db")) as opened:
        opened.witness = seen.append
        yield opened


def _told(seen: list[Happening]) -> list[tuple[Done, int, bool, tuple[str, ...], str]]:
    told = [(item.done, item.faces, item.is_new, item.fields, item.by) for item in seen]
    seen.clear()
    return told


def test_enrolling_changing_and_deleting_one_by_one(people: People, seen: list[Happening]) -> None:
    anna = people.enroll(Person("", "4711"), [template(1)], MODEL, by="shell:root")
    assert {item.person for item in seen} == {anna.id}
    assert _told(seen) == [(Done.ENROLLED, 1, True, (), "shell:root")]
    people.enroll(Person("", "4711"), [template(1)], MODEL)
    assert seen == [], "twice is once"
    people.enroll(Person("", "4711", name="Anna", groups=("staff",)), [], MODEL)
    assert _told(seen) == [(Done.CHANGED, 0, False, ("name", "groups"), "")]
    people.enroll(Person("", "4711"), [template(2), template(3)], MODEL)
    assert _told(seen) == [(Done.ENROLLED, 2, False, (), "")]
    assert people.delete("4711", by="shell:root")
    assert _told(seen) == [(Done.DELETED, 0, False, (), "shell:root")]
    assert not people.delete("4711")
    assert seen == []


def test_several_in_one_transaction(people: People, seen: list[Happening]) -> None:
    with people.changing(MODEL, by="sync:hub") as book:
        anna, berta = (book.store(Person("", key), None) for key in ("a", "b"))
        book.add(anna, [template(1), template(2)])
    assert _told(seen) == [(Done.ENROLLED, 2, True, (), "sync:hub"), (Done.ENROLLED, 0, True, (), "sync:hub")]
    with people.changing(MODEL) as book:
        book.store(replace(berta, name="Berta"), None)
        book.store(anna, None)
        book.strip(anna.id, [template(1).photo_hash])
    assert _told(seen) == [(Done.CHANGED, 0, False, ("name",), ""), (Done.CHANGED, -1, False, (), "")]
    with people.changing(MODEL) as book:
        book.remove_person(anna.id)
        clara = book.store(Person("", "c"), None)
        book.remove_person(clara.id)
    assert [(item.done, item.person) for item in seen] == [(Done.DELETED, anna.id)], "Clara came and went in one"


def _cut_off(people: People) -> None:
    with people.changing(MODEL) as book:
        book.store(Person("", "a"), None)
        raise RuntimeError


def test_what_came_to_nothing_is_not_told(people: People, seen: list[Happening]) -> None:
    with pytest.raises(RuntimeError):
        _cut_off(people)
    assert seen == []
