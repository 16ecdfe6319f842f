from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edged.domain.errors import Refused
from edged.domain.person import Person
from edged.gallery.people import People
from tests.gallery.sample import MODEL, NOON, OTHER_MODEL, open_people, somebody, template


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    people = open_people(tmp_path / "gallery.db")
    yield people
    people.close()


def test_the_same_id_again_adds_templates_and_updates_what_is_given(people: People) -> None:
    first = people.enroll(somebody("4711", name="Anna", groups=("staff",)), [template(1)], MODEL)
    second = people.enroll(somebody("4711", email="anna@example.org", valid_until=NOON), [template(2)], MODEL)

    assert second == replace(first, email="anna@example.org", valid_until=NOON)
    summary = people.find("4711")
    assert summary is not None
    assert (summary.person, summary.templates, summary.enrolled_at) == (second, 2, NOON)


def test_the_same_photograph_twice_changes_nothing(people: People) -> None:
    people.enroll(somebody("4711", name="Anna"), [template(1), template(1)], MODEL)
    with people.changes(0, MODEL) as changes:
        revision = changes.revision
    people.enroll(somebody("4711"), [template(1)], MODEL)

    with people.changes(0, MODEL) as changes:
        assert (changes.revision, changes.templates) == (revision, 1)


def test_the_same_photograph_may_be_enrolled_for_another_model_and_another_person(people: People) -> None:
    people.enroll(somebody("4711"), [template(1)], MODEL)
    people.enroll(somebody("4711"), [template(1)], OTHER_MODEL)
    people.enroll(somebody("4712"), [template(1)], MODEL)

    with people.changes(0, MODEL) as changes:
        assert changes.templates == 2
    with people.changes(0, OTHER_MODEL) as changes:
        assert changes.templates == 1


def test_an_id_given_by_another_device_is_kept_and_belongs_to_one_person(people: People) -> None:
    stored = people.enroll(Person(id="from-elsewhere", customer_person_id="4711"), [], MODEL)
    assert stored.id == "from-elsewhere"

    with pytest.raises(Refused) as refusal:
        people.enroll(Person(id="from-elsewhere", customer_person_id="4712"), [], MODEL)
    assert refusal.value.reason == "id"
    assert people.find("4712") is None


@pytest.mark.parametrize("own", ["../../etc/passwd", ".hidden", "a/b", "a" * 129, "a b", "a\n"])
def test_an_id_that_could_name_another_file_is_refused(people: People, own: str) -> None:
    with pytest.raises(Refused) as refusal:
        people.enroll(Person(id=own, customer_person_id="4711"), [], MODEL)
    assert refusal.value.reason == "id"


def test_the_id_of_somebody_who_was_deleted_is_never_used_again(people: People) -> None:
    people.enroll(Person(id="from-elsewhere", customer_person_id="4711"), [], MODEL)
    people.delete("4711")

    with pytest.raises(Refused) as refusal:
        people.enroll(Person(id="from-elsewhere", customer_person_id="4712"), [], MODEL)
    assert refusal.value.reason == "id"


def test_deleting(people: People) -> None:
    people.enroll(somebody("4711"), [template(1)], MODEL)

    assert people.delete("4711")
    assert not people.delete("4711")
    assert people.find("4711") is None


@pytest.mark.parametrize(
    "key",
    [
        "李小龍",
        "🧑🏽‍🚀",
        "Zoë",
        "نور",
        "O'Brien; DROP TABLE people",
        "../../etc/passwd",
        "a" * 128,
        "\u202eright to left",
    ],
)
def test_keys_of_every_script_are_found_again(people: People, key: str) -> None:
    people.enroll(somebody(key, name=key), [template(1)], MODEL)

    summary = people.find(key)
    assert summary is not None
    assert summary.person.name == key
    assert people.delete(key)


def test_a_key_is_the_same_however_its_accents_are_written(people: People) -> None:
    people.enroll(somebody("Zoe\u0308"), [template(1)], MODEL)

    summary = people.find("Zo\u00eb")
    assert summary is not None
    assert summary.person.customer_person_id == "Zo\u00eb"


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (somebody(""), "customer_person_id"),
        (somebody(" 4711"), "customer_person_id"),
        (somebody("\u00a04711"), "customer_person_id"),
        (somebody("a" * 129), "customer_person_id"),
        (somebody("a\x00b"), "customer_person_id"),
        (somebody("a\nb"), "customer_person_id"),
        (somebody("\ud800"), "customer_person_id"),
        (somebody("a", name="n" * 257), "name"),
        (somebody("a", name="\x1b[2J"), "name"),
        (somebody("a", email="e" * 255), "email"),
        (somebody("a", phone="0" * 65), "phone"),
        (somebody("a", notes="n" * 4097), "notes"),
        (somebody("a", groups=tuple(map(str, range(65)))), "groups"),
        (somebody("a", groups=("g" * 129,)), "groups"),
        (somebody("a", groups=("two\nlines",)), "groups"),
        (somebody("a", valid_from=float("nan")), "validity"),
        (somebody("a", valid_until=1e300), "validity"),
    ],
)
def test_what_is_unfit_is_refused_and_nothing_is_stored(people: People, person: Person, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        people.enroll(person, [template(1)], MODEL)

    assert refusal.value.reason == reason
    assert refusal.value.remedy
    assert people.count() == 0


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (replace(template(1), vector=np.zeros(16, np.float32)), "template"),
        (replace(template(1), vector=np.full(16, np.nan, np.float32)), "template"),
        (replace(template(1), vector=np.ones(8, np.float32)), "model_mismatch"),
        (replace(template(1), photo_hash="xyz"), "template"),
        (replace(template(1), quality=2.0), "template"),
    ],
)
def test_one_bad_template_refuses_all_of_them(people: People, bad: object, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        people.enroll(somebody("4711"), [template(2), bad], MODEL)  # type: ignore[list-item]  # the point of it

    assert refusal.value.reason == reason
    assert people.find("4711") is None


def test_a_person_has_at_most_64_templates(people: People) -> None:
    people.enroll(somebody("4711"), [template(photo) for photo in range(64)], MODEL)

    with pytest.raises(Refused) as refusal:
        people.enroll(somebody("4711"), [template(64)], MODEL)
    assert refusal.value.reason == "too_many_templates"
    people.enroll(somebody("4711"), [template(63)], MODEL)


def test_pages_hold_everybody_once(people: People) -> None:
    keys = sorted(f"person {number}" for number in range(25))
    for key in reversed(keys):
        people.enroll(somebody(key), [], MODEL)

    pages, after = [], ""
    while page := people.page(after=after, limit=10):
        pages.append([summary.person.customer_person_id for summary in page])
        after = pages[-1][-1]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [key for page in pages for key in page] == keys


def test_only_the_owner_may_read_the_files(people: People, tmp_path: Path) -> None:
    people.enroll(somebody("4711"), [template(1)], MODEL)

    files = sorted(tmp_path.glob("gallery.db*"))
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@settings(max_examples=50, deadline=None)
@given(
    name=st.text(max_size=300),
    notes=st.text(max_size=100),
    groups=st.lists(st.text(max_size=20), max_size=5),
    valid_from=st.none() | st.floats(),
)
def test_a_person_is_stored_as_given_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, notes: str, groups: list[str], valid_from: float | None
) -> None:
    people = open_people(tmp_path_factory.mktemp("people") / "gallery.db")
    given_person = somebody("4711", name=name, notes=notes, groups=tuple(groups), valid_from=valid_from)
    try:
        stored = people.enroll(given_person, [], MODEL)
        summary = people.find("4711")
        assert summary is not None
        assert summary.person == stored
        assert (stored.name, stored.notes, stored.valid_from) == (name, notes, valid_from)
        assert stored.groups == tuple(dict.fromkeys(group for group in groups if group))
    except Refused:
        assert people.count() == 0
    finally:
        people.close()
