"""The console's list of people, read beside whoever writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edged.domain.errors import Refused
from edged.domain.person import Person
from edged.gallery.keepsakes import Keepsakes
from edged.gallery.packs import PersonKeys
from edged.gallery.people import KEEPSAKES, People
from edged.gallery.people_search import Order, PeopleQuery, PeopleReader, Place
from edged.gallery.pseudonyms import Pseudonyms
from tests.gallery.sample import MODEL, NOON, VAULT, open_people, template


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    with closing(open_people(tmp_path / "gallery.db")) as people:
        yield people


@pytest.fixture
def reader(people: People) -> PeopleReader:
    keys = PersonKeys(VAULT.seal_for("people"))
    return PeopleReader(people.path, keys, Keepsakes(people.path.parent / KEEPSAKES), MODEL)


def enrol(people: People, key: str, name: str = "", *groups: str) -> Person:
    crop = np.full((160, 160, 3), len(name), np.uint8)
    return people.enroll(Person("", key, name=name, groups=groups), [replace(template(len(key)), crop=crop)], MODEL)


def names(reader: PeopleReader, order: Order = Order.NAME, **query: object) -> list[str]:
    page = reader.page(PeopleQuery(**query), order, limit=100)  # type: ignore[arg-type]
    assert page.found == len(page.people)
    return [summary.person.name or summary.person.customer_person_id for summary in page.people]


def test_they_are_sorted_without_case_and_those_without_a_name_by_their_key(
    people: People, reader: PeopleReader
) -> None:
    for key, name in (("9", "anna"), ("1", "Zoë"), ("carl", ""), ("5", "Ben")):
        enrol(people, key, name)
    assert names(reader) == ["anna", "Ben", "carl", "Zoë"]
    assert names(reader, Order.KEY) == ["Zoë", "Ben", "anna", "carl"]
    assert names(reader, Order.NEWEST) == ["Ben", "carl", "Zoë", "anna"]


@pytest.mark.parametrize("order", list(Order))
def test_pages_follow_each_other_while_people_come(people: People, reader: PeopleReader, order: Order) -> None:
    for number in range(11):
        enrol(people, f"k{number:02}", f"Name {number % 3}")
    seen: list[str] = []
    place: Place | None = None
    while True:
        page = reader.page(PeopleQuery(), order, after=place, limit=3)
        seen += [summary.person.customer_person_id for summary in page.people]
        place = page.next
        if place is None:
            break
    assert sorted(seen) == [f"k{number:02}" for number in range(11)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"text": "MÜLLER"}, ["Eva Müller"]),
        ({"text": "47"}, ["Eva Müller", "Ölaf"]),
        ({"text": "öLAF"}, ["Ölaf"]),
        ({"text": "night"}, ["Ölaf"]),
        ({"text": "%"}, []),
        ({"group": "staff"}, ["Eva Müller", "Ölaf"]),
        ({"group": "sta"}, []),
        ({"ids": ()}, []),
    ],
)
def test_they_are_searched(people: People, reader: PeopleReader, query: dict[str, Any], expected: list[str]) -> None:
    enrol(people, "4711", "Eva Müller", "staff")
    enrol(people, "4712", "Ölaf", "staff", "night")
    enrol(people, "x", "Nobody")
    assert names(reader, **query) == expected
    assert reader.page(PeopleQuery(text="nothing"), Order.NAME, limit=9).everybody == 3
    assert reader.groups() == ["night", "staff"]


def test_one_is_read_with_their_faces(people: People, reader: PeopleReader) -> None:
    eva, other = enrol(people, "4711", "Eva"), enrol(people, "x")
    (face,) = reader.faces(eva.id)
    assert face.kept
    jpeg = reader.face(eva.id, face.photo_hash)
    assert jpeg is not None
    assert jpeg.startswith(b"\xff\xd8")
    assert reader.face(eva.id) == jpeg, "without a hash the best"
    assert reader.face(other.id, face.photo_hash) is None, "nobody else's"
    assert reader.face("nobody", face.photo_hash) is None
    assert set(reader.named([eva.id, "gone"])) == {eva.id}
    assert reader.ids_like("EV") == {eva.id}
    people.delete("4711")
    assert reader.one(eva.id) is None
    assert reader.face(eva.id, face.photo_hash) is None


def test_a_made_up_name_is_kept_beside_visits_until_it_is_taken_back(tmp_path: Path) -> None:
    names = Pseudonyms(tmp_path / "pseudonyms.json", keep_s=100)
    assert names.names() == {}
    assert names.give(["v1", "v2"], "  Blue   Heron ", NOON) == "Blue Heron"
    names.give(["v3"], "Red Kite", NOON + 50)
    names.take_back(["v2"])
    assert Pseudonyms(tmp_path / "pseudonyms.json", 100).names() == {"v1": "Blue Heron", "v3": "Red Kite"}
    names.give(["v4"], "Swift", NOON + 120)
    assert names.names() == {"v3": "Red Kite", "v4": "Swift"}, "those that are too old are gone"
    assert (tmp_path / "pseudonyms.json").stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x00b", "a\u200bb"])
def test_not_everything_is_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused) as refused:
        Pseudonyms(tmp_path / "pseudonyms.json", 100).give(["v1"], name, NOON)
    assert refused.value.reason == "bad_name"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"names": 3}', b'{"names": {"v": "x"}}'])
def test_a_damaged_file_has_no_names(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pseudonyms.json").write_bytes(content)
    assert Pseudonyms(tmp_path / "pseudonyms.json", 100).names() == {}
