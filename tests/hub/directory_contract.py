"""What every `Directory` does, sentence by sentence of `edged.api.directory`: the same tests for every store.

A module of tests makes a class of `DirectoryContract` and gives it a fixture `site`.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from edged.api.directory import (
    MAX_FACE,
    Directory,
    FaceChange,
    FaceFilter,
    FacePage,
    Fields,
    GalleryChange,
    NewFace,
    SeenFace,
)
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from tests.api.painted import MODEL, new_face, seen, vector
from tests.hub.directory_model import DEEDS, Deed, ModelDirectory, compare, empty
from tests.hub.site import BY, Site, start

ANNA = Fields("Anna", "Müller", "anna@example.org", "+49 30 1")


class DirectoryContract:
    """Tests of a store."""

    @pytest.fixture
    def directory(self, site: Site) -> Directory:
        return site.directory

    # enroll

    def test_a_new_key_makes_a_person(self, directory: Directory) -> None:
        person = directory.enroll("4711", [new_face(1)], by=BY, fields=ANNA)

        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", person.id)
        assert (person.key, person.fields, len(person.faces)) == ("4711", ANNA, 1)
        assert same(directory.person("4711"), person)
        assert same(directory.person_by_id(person.id), person)

    def test_a_known_key_adds_faces_to_the_person(self, directory: Directory) -> None:
        first = directory.enroll("4711", [new_face(1)], by=BY)
        second = directory.enroll("4711", [new_face(1, 1)], by=BY)

        assert second.id == first.id
        assert second.faces[1:] == first.faces

    def test_without_a_key_each_enrolment_is_somebody_of_their_own(self, directory: Directory) -> None:
        one, two = (directory.enroll("", [new_face(1)], by=BY) for _ in range(2))

        assert one.id != two.id
        assert (one.key, one.faces[0].key, one.faces[0].person) == ("", "", one.id)
        assert directory.person("") is None
        assert same(directory.person_by_id(two.id), two)
        assert directory.face(one.faces[0].number) == one.faces[0]

    def test_an_empty_field_keeps_its_value(self, directory: Directory) -> None:
        directory.enroll("4711", [], by=BY, fields=ANNA)
        directory.enroll("4711", [], by=BY)
        person = directory.enroll("4711", [], by=BY, fields=Fields(last_name="Meier"))

        assert person.fields == Fields("Anna", "Meier", ANNA.email, ANNA.phone)

    def test_somebody_may_be_without_faces(self, directory: Directory) -> None:
        person = directory.enroll("4711", [], by=BY)

        assert person.faces == ()
        assert same(directory.person("4711"), person)
        assert (directory.people(), directory.metas()) == (0, [])

    def test_galleries_that_do_not_exist_are_made(self, directory: Directory) -> None:
        person = directory.enroll("4711", [new_face(1)], by=BY, galleries=["vip", "Staff", "default"])

        assert person.faces[0].galleries == ("Staff", "default", "vip")
        assert directory.galleries() == ["default", "Staff", "vip"]

    def test_the_faces_that_were_just_added_come_first_in_the_order_given_reversed(self, directory: Directory) -> None:
        directory.enroll("4711", [new_face(1)], by=BY)
        faces = [new_face(1, 1), new_face(1, 2), new_face(1, 3)]
        person = directory.enroll("4711", faces, by=BY)

        assert [face.photo_hash for face in person.faces[:3]] == [face.photo_hash[:32] for face in reversed(faces)]
        numbers = [face.number for face in person.faces]
        assert numbers == sorted(numbers, reverse=True)

    def test_the_same_photograph_again_is_another_face(self, directory: Directory) -> None:
        """FindFace answers each POST with a face of a new id, and miiCloud adds an image each time."""
        directory.enroll("4711", [new_face(1)], by=BY)
        person = directory.enroll("4711", [new_face(1)], by=BY)

        assert len({face.number for face in person.faces}) == 2
        assert len({face.photo_hash for face in person.faces}) == 1

    @pytest.mark.parametrize("there", [0, 63])
    def test_nobody_has_more_than_64_faces(self, site: Site, there: int) -> None:
        directory = site.directory
        before = directory.enroll("4711", [new_face(1)] * there, by=BY)
        with pytest.raises(Refused) as error:
            directory.enroll("4711", [new_face(1)] * (65 - there), by=BY, fields=ANNA, galleries=["new"])

        assert error.value.reason == "too_many_faces"
        assert same(directory.person("4711"), before)
        assert directory.galleries() == ["default"]
        assert len(site.acts()) == 1
        assert len(directory.enroll("4711", [new_face(1)] * (64 - there), by=BY).faces) == 64

    @pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "x" * 49, "a\n", "a,b", "a\0"])
    def test_a_gallery_has_a_plain_name(self, directory: Directory, name: str) -> None:
        face = directory.enroll("1", [new_face(1)], by=BY).faces[0]
        changes: list[Callable[[], object]] = [
            lambda: directory.create_gallery(name, by=BY),
            lambda: directory.enroll("4711", [new_face(1)], by=BY, galleries=["good", name]),
            lambda: directory.change_face(face.number, FaceChange(galleries=GalleryChange(add=(name,))), by=BY),
            lambda: directory.change_face(face.number, FaceChange(galleries=GalleryChange(exactly=(name,))), by=BY),
        ]
        for change in changes:
            with pytest.raises(Refused) as error:
                change()
            assert error.value.reason == "bad_gallery"
        assert directory.person("4711") is None
        assert directory.galleries() == ["default"]

    @pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 2000])
    def test_a_text_that_cannot_be_stored_is_refused_and_equals_nobody_s(self, directory: Directory, text: str) -> None:
        face = directory.enroll("4711", [new_face(1)], by=BY).faces[0]
        changes: list[Callable[[], object]] = [
            lambda: directory.enroll(text, [new_face(1)], by=BY),
            lambda: directory.enroll("4711", [], by=BY, fields=Fields(email=text)),
            lambda: directory.update("4711", Fields(first_name=text), by=BY),
            lambda: directory.change_face(face.number, FaceChange(key=text), by=BY),
        ]
        for change in changes:
            with pytest.raises(Refused) as error:
                change()
            assert error.value.reason == "bad_text"
        assert (directory.person(text), directory.person_by_id(text)) == (None, None)
        assert directory.update(text, Fields(), by=BY) is None
        assert directory.delete_person(text, by=BY) is None
        for wanted in (FaceFilter(key=text), FaceFilter(person=text), FaceFilter(gallery=text)):
            assert directory.faces(wanted) == FacePage((), older=False, newer=False)
            assert directory.people(wanted) == 0
            assert directory.nearest(MODEL, vector(1), 5, wanted) == []
        assert directory.metas(text) == []
        assert directory.delete_gallery(text, purge=True, by=BY) is False

    def test_a_key_is_the_customer_s_own(self, directory: Directory) -> None:
        """Whatever it is: case, spaces, quotes and other alphabets count."""
        keys = ["a", "A", " a", "a'; DROP TABLE people", "小明", "é", "e\u0301", "%", "_", "👍", '{"id": 1}', "a/b?c"]
        people = [directory.enroll(key, [new_face(1)], by=BY) for key in keys]

        assert [person.key for person in people] == keys
        assert len({person.id for person in people}) == len(keys)
        assert [meta.key for meta in directory.metas()] == sorted(keys)
        for key in keys:
            assert [face.key for face in directory.faces(FaceFilter(key=key)).faces] == [key]

    def test_a_face_tells_what_was_sent_and_when(self, directory: Directory) -> None:
        box = Rect(-12, -3, 400, 1_000_000)
        sent = NewFace(seen(1, 0, box), MODEL, "ab" * 16 + "cd" * 16, "IMG_4711", "PNG")
        before = time.time()
        face = directory.enroll("4711", [sent], by=BY).faces[0]

        assert 1 <= face.number <= MAX_FACE
        assert (face.key, face.box, face.photo_hash, face.galleries) == ("4711", box, "ab" * 16, ("default",))
        assert before - 0.001 <= face.created <= time.time() + 0.001
        assert round(face.created, 6) == face.created
        assert re.fullmatch(r"enroll/IMG_4711_[A-Za-z0-9]{7}\.png", face.image)
        assert directory.face(face.number) == face

    @pytest.mark.parametrize(
        ("stem", "suffix"),
        [("../../etc/passwd", "/x"), ("", ""), ("a" * 5000, "b" * 50), ("ü\0\n", "jp g"), ("..", ".")],
    )
    def test_the_name_of_an_image_is_harmless(self, directory: Directory, stem: str, suffix: str) -> None:
        face = directory.enroll("4711", [new_face(1, 0, stem, suffix)], by=BY).faces[0]

        assert re.fullmatch(r"enroll/[A-Za-z0-9_-]{1,64}_[A-Za-z0-9]{7}\.[a-z0-9]{1,8}", face.image)

    def test_no_number_is_used_twice(self, directory: Directory) -> None:
        numbers = []
        for _round in range(3):
            numbers += [face.number for face in directory.enroll("4711", [new_face(1), new_face(2)], by=BY).faces]
            directory.delete_person("4711", by=BY)

        assert len(set(numbers)) == 6

    # update

    def test_an_update_replaces_every_field_and_keeps_the_faces(self, directory: Directory) -> None:
        before = directory.enroll("4711", [new_face(1)], by=BY, fields=ANNA)
        after = directory.update("4711", Fields(last_name="Meier"), [new_face(1, 1)], by=BY)

        assert after is not None
        assert (after.id, after.fields) == (before.id, Fields(last_name="Meier"))
        assert after.faces[1:] == before.faces
        assert len(after.faces) == 2
        assert same(directory.person("4711"), after)

    def test_an_update_of_nobody_makes_nobody(self, site: Site) -> None:
        assert site.directory.update("4711", ANNA, [new_face(1)], by=BY) is None
        assert site.directory.update("", ANNA, by=BY) is None
        assert site.directory.person("4711") is None
        assert site.acts() == []

    def test_an_update_adds_no_65th_face(self, directory: Directory) -> None:
        before = directory.enroll("4711", [new_face(1)] * 64, by=BY, fields=ANNA)
        with pytest.raises(Refused) as error:
            directory.update("4711", Fields(), [new_face(1)], by=BY)

        assert error.value.reason == "too_many_faces"
        assert same(directory.person("4711"), before)

    # delete_person

    def test_whoever_is_deleted_is_gone_with_all_faces(self, directory: Directory) -> None:
        directory.enroll("other", [new_face(2)], by=BY)
        person = directory.enroll("4711", [new_face(1), new_face(1, 1)], by=BY, fields=ANNA, galleries=["vip"])
        assert directory.nearest(MODEL, vector(1), 1)[0].face.key == "4711"

        assert same(directory.delete_person("4711", by=BY), person)
        assert (directory.person("4711"), directory.person_by_id(person.id)) == (None, None)
        assert [directory.face(face.number) for face in person.faces] == [None, None]
        assert [face.key for face in directory.faces().faces] == ["other"]
        assert [match.face.key for match in directory.nearest(MODEL, vector(1), 9)] == ["other"]
        assert directory.delete_person("4711", by=BY) is None

    def test_whoever_is_enrolled_anew_gets_a_new_id_and_none_of_the_old_fields(self, directory: Directory) -> None:
        old = directory.enroll("4711", [new_face(1)], by=BY, fields=ANNA)
        directory.delete_person("4711", by=BY)
        new = directory.enroll("4711", [new_face(1)], by=BY)

        assert new.id != old.id
        assert new.fields == Fields()

    def test_the_empty_key_deletes_nobody(self, directory: Directory) -> None:
        directory.enroll("", [new_face(1)], by=BY)

        assert directory.delete_person("", by=BY) is None
        assert directory.people() == 1

    # faces

    @pytest.mark.parametrize("number", [0, -1, 1, MAX_FACE, MAX_FACE + 1, 10**30, -(10**30)])
    def test_there_is_no_such_face(self, directory: Directory, number: int) -> None:
        assert directory.face(number) is None
        assert directory.delete_face(number, by=BY) is False
        assert directory.change_face(number, FaceChange(key="x"), by=BY) is None
        assert directory.person("x") is None

    def test_faces_come_the_newest_first(self, directory: Directory) -> None:
        numbers = fill(directory, 5)

        assert numbers_of(directory.faces()) == numbers[::-1]
        assert directory.faces() == FacePage(directory.faces().faces, older=False, newer=False)

    def test_pages_towards_the_older_ones_have_every_face_once(self, directory: Directory) -> None:
        numbers = fill(directory, 7)
        found, below, flags = [], None, []
        for _page in range(3):
            page = directory.faces(FaceFilter(below=below), limit=3)
            found += numbers_of(page)
            flags.append((page.older, page.newer))
            below = page.faces[-1].number

        assert found == numbers[::-1]
        assert flags == [(True, False), (True, True), (False, True)]

    def test_pages_towards_the_newer_ones_have_every_face_once(self, directory: Directory) -> None:
        numbers = fill(directory, 7)
        pages, least = [], numbers[0]
        for _page in range(3):
            page = directory.faces(FaceFilter(least=least), limit=3)
            pages.append(page)
            least = page.faces[0].number + 1

        assert [numbers_of(page) for page in pages] == [numbers[2::-1], numbers[5:2:-1], numbers[6:]]
        assert [(page.older, page.newer) for page in pages] == [(False, True), (True, True), (True, False)]

    def test_between_two_bounds_the_newest_come_first_and_older_ones_end_at_the_lower(
        self, directory: Directory
    ) -> None:
        numbers = fill(directory, 9)
        wanted = FaceFilter(least=numbers[2], below=numbers[7])
        first = directory.faces(wanted, limit=3)
        second = directory.faces(FaceFilter(least=numbers[2], below=first.faces[-1].number), limit=3)

        assert (numbers_of(first), first.older, first.newer) == (numbers[6:3:-1], True, True)
        assert (numbers_of(second), second.older, second.newer) == (numbers[3:1:-1], False, True)

    def test_below_is_exclusive_and_least_is_not(self, directory: Directory) -> None:
        numbers = fill(directory, 3)

        assert numbers_of(directory.faces(FaceFilter(below=numbers[1]))) == numbers[:1]
        assert numbers_of(directory.faces(FaceFilter(least=numbers[1]))) == numbers[:0:-1]
        assert numbers_of(directory.faces(FaceFilter(least=numbers[1], below=numbers[1]))) == []

    def test_bounds_may_be_any_number(self, directory: Directory) -> None:
        numbers = fill(directory, 3)

        assert numbers_of(directory.faces(FaceFilter(least=-(10**30), below=10**30))) == numbers[::-1]
        assert numbers_of(directory.faces(FaceFilter(least=10**30))) == []
        assert numbers_of(directory.faces(FaceFilter(below=-(10**30)))) == []

    def test_an_empty_page_tells_whether_there_are_others(self, directory: Directory) -> None:
        assert directory.faces() == FacePage((), older=False, newer=False)
        numbers = fill(directory, 2)

        assert directory.faces(FaceFilter(below=numbers[0])) == FacePage((), older=False, newer=True)
        assert directory.faces(FaceFilter(least=numbers[1] + 1)) == FacePage((), older=True, newer=False)

    def test_filters_fit_together(self, directory: Directory) -> None:
        a = directory.enroll("a", [new_face(1), new_face(1, 1)], by=BY, galleries=["x"])
        b = directory.enroll("b", [new_face(2)], by=BY, galleries=["x", "y"])
        nobody = directory.enroll("", [new_face(3)], by=BY, galleries=["y"])
        one, two, three, four = (a.faces[1].number, a.faces[0].number, b.faces[0].number, nobody.faces[0].number)
        cases = {
            FaceFilter(): [four, three, two, one],
            FaceFilter(gallery="default"): [four, three, two, one],
            FaceFilter(gallery="x"): [three, two, one],
            FaceFilter(gallery="nowhere"): [],
            FaceFilter(key="a"): [two, one],
            FaceFilter(key="nobody"): [],
            FaceFilter(key=""): [four],
            FaceFilter(key="", gallery="x"): [],
            FaceFilter(person=nobody.id): [four],
            FaceFilter(person="nobody"): [],
            FaceFilter(person=b.id, gallery="y", key="b"): [three],
            FaceFilter(person=b.id, key="a"): [],
            FaceFilter(gallery="x", below=three): [two, one],
            FaceFilter(gallery="x", key="a", least=two): [two],
        }
        for wanted, numbers in cases.items():
            assert numbers_of(directory.faces(wanted)) == numbers, wanted
        page = directory.faces(FaceFilter(gallery="y", below=four), limit=1)
        assert (numbers_of(page), page.older, page.newer) == ([three], False, True)
        page = directory.faces(FaceFilter(key="a", below=three))
        assert page.newer is False, "the newer ones are not of this key"

    # change_face

    def test_another_key_moves_a_face_to_that_person(self, directory: Directory) -> None:
        mover = directory.enroll("a", [new_face(1), new_face(1, 1)], by=BY, galleries=["x"]).faces[0]
        heir = directory.enroll("b", [new_face(2)], by=BY)
        moved = directory.change_face(mover.number, FaceChange(key="b"), by=BY)

        assert moved is not None
        assert (moved.number, moved.key, moved.person) == (mover.number, "b", heir.id)
        assert (moved.photo_hash, moved.image, moved.galleries) == (mover.photo_hash, mover.image, mover.galleries)
        assert owners(directory) == {"a": 1, "b": 2}
        best = directory.nearest(MODEL, vector(1, 1), 1, FaceFilter(key="b"))
        assert [(match.face.number, match.face.key) for match in best] == [(mover.number, "b")]

    def test_another_key_makes_the_person_where_there_is_none(self, directory: Directory) -> None:
        person = directory.enroll("a", [new_face(1), new_face(1, 1)], by=BY, fields=ANNA)
        moved = directory.change_face(person.faces[0].number, FaceChange(key="b"), by=BY)
        made = directory.person("b")

        assert moved is not None
        assert made is not None
        assert made.id == moved.person != person.id
        assert made.fields == Fields()

    def test_whoever_lost_the_last_face_to_another_is_deleted(self, directory: Directory) -> None:
        person = directory.enroll("a", [new_face(1)], by=BY)
        directory.change_face(person.faces[0].number, FaceChange(key="b"), by=BY)

        assert (directory.person("a"), directory.person_by_id(person.id)) == (None, None)

    def test_a_face_without_a_key_can_get_one_and_lose_it(self, directory: Directory) -> None:
        face = directory.enroll("", [new_face(1)], by=BY).faces[0]
        keyed = directory.change_face(face.number, FaceChange(key="a"), by=BY)
        assert keyed is not None
        again = directory.change_face(face.number, FaceChange(key=""), by=BY)

        assert keyed.key == "a"
        assert again is not None
        assert again.key == ""
        assert len({face.person, keyed.person, again.person}) == 3
        assert directory.person("a") is None
        assert directory.people() == 1

    def test_the_same_key_changes_nothing(self, directory: Directory) -> None:
        person = directory.enroll("a", [new_face(1)], by=BY, fields=ANNA)

        assert directory.change_face(person.faces[0].number, FaceChange(key="a"), by=BY) == person.faces[0]
        assert same(directory.person("a"), person)

    def test_no_face_moves_to_somebody_with_64(self, directory: Directory) -> None:
        directory.enroll("full", [new_face(1)] * 64, by=BY)
        face = directory.enroll("a", [new_face(2)], by=BY).faces[0]
        change = FaceChange(key="full", galleries=GalleryChange(add=("x",)))
        with pytest.raises(Refused) as error:
            directory.change_face(face.number, change, by=BY)

        assert error.value.reason == "too_many_faces"
        assert directory.face(face.number) == face
        assert directory.galleries() == ["default"]

    @pytest.mark.parametrize(
        ("change", "galleries"),
        [
            (GalleryChange(add=("c", "a")), ("a", "b", "c", "default")),
            (GalleryChange(remove=("b",)), ("a", "default")),
            (GalleryChange(remove=("default", "nowhere", "not a name")), ("a", "b", "default")),
            (GalleryChange(add=("c",), remove=("a",)), ("b", "c", "default")),
            (GalleryChange(exactly=("c", "b")), ("b", "c", "default")),
            (GalleryChange(exactly=()), ("default",)),
            (GalleryChange(), ("a", "b", "default")),
        ],
    )
    def test_galleries_change_but_default_stays(
        self, directory: Directory, change: GalleryChange, galleries: tuple[str, ...]
    ) -> None:
        face = directory.enroll("4711", [new_face(1)], by=BY, galleries=["a", "b"]).faces[0]
        changed = directory.change_face(face.number, FaceChange(galleries=change), by=BY)

        assert changed is not None
        assert (changed.key, changed.galleries) == ("4711", galleries)
        assert directory.face(face.number) == changed
        assert set(directory.galleries()) == {"a", "b", "default"} | set(galleries), "those that were left stay"

    # delete_faces, delete_face

    def test_faces_that_fit_are_deleted_and_whoever_has_none_left(self, directory: Directory) -> None:
        both = directory.enroll("both", [new_face(1)], by=BY, galleries=["x"])
        directory.enroll("both", [new_face(1, 1)], by=BY)
        directory.enroll("only", [new_face(2), new_face(2, 1)], by=BY, galleries=["x"])

        assert directory.delete_faces(FaceFilter(gallery="x"), by=BY) == 3
        assert owners(directory) == {"both": 1}
        assert directory.person("only") is None
        assert directory.person_by_id(both.id) is not None
        assert directory.delete_faces(FaceFilter(gallery="x"), by=BY) == 0

    def test_bounds_count_when_faces_are_deleted(self, directory: Directory) -> None:
        numbers = fill(directory, 5)

        assert directory.delete_faces(FaceFilter(least=numbers[1], below=numbers[3]), by=BY) == 2
        assert numbers_of(directory.faces()) == [numbers[4], numbers[3], numbers[0]]

    def test_without_a_filter_nobody_is_deleted(self, directory: Directory) -> None:
        fill(directory, 2)
        with pytest.raises(ValueError, match="everybody"):
            directory.delete_faces(FaceFilter(), by=BY)
        assert directory.people() == 2

    def test_one_face_is_deleted_and_the_person_with_the_last(self, directory: Directory) -> None:
        person = directory.enroll("4711", [new_face(1), new_face(1, 1)], by=BY)
        new, old = person.faces

        assert directory.delete_face(new.number, by=BY) is True
        assert directory.delete_face(new.number, by=BY) is False
        left = directory.person("4711")
        assert left is not None
        assert left.faces == (old,)
        assert directory.delete_face(old.number, by=BY) is True
        assert directory.person("4711") is None

    # metas, galleries

    def test_metas_are_all_keys_with_their_count_and_newest_face(self, directory: Directory) -> None:
        directory.enroll("b", [new_face(1)], by=BY, galleries=["x"])
        b = directory.enroll("b", [new_face(1, 1)], by=BY)
        a = directory.enroll("a", [new_face(2)], by=BY, galleries=["x"])
        directory.enroll("", [new_face(3)], by=BY, galleries=["x"])
        directory.enroll("without", [], by=BY)

        found = [(meta.key, meta.count, meta.newest) for meta in directory.metas()]
        assert found == [("a", 1, a.faces[0]), ("b", 2, b.faces[0])]
        found = [(meta.key, meta.count, meta.newest) for meta in directory.metas("x")]
        assert found == [("a", 1, a.faces[0]), ("b", 1, b.faces[1])]
        assert len(directory.metas("default")) == 2
        assert directory.metas("nowhere") == []

    def test_a_gallery_is_made_once(self, directory: Directory) -> None:
        assert directory.galleries() == ["default"]
        assert directory.create_gallery("zoo", by=BY) is True
        assert directory.create_gallery("zoo", by=BY) is False
        assert directory.create_gallery("Zoo", by=BY) is True
        assert directory.create_gallery("x" * 48, by=BY) is True
        assert directory.create_gallery("default", by=BY) is False
        assert directory.galleries() == ["default", "Zoo", "x" * 48, "zoo"]

    def test_a_gallery_is_deleted_without_its_faces(self, directory: Directory) -> None:
        face = directory.enroll("4711", [new_face(1)], by=BY, galleries=["x", "y"]).faces[0]

        assert directory.delete_gallery("x", purge=False, by=BY) is True
        assert directory.delete_gallery("x", purge=False, by=BY) is False
        assert directory.galleries() == ["default", "y"]
        left = directory.face(face.number)
        assert left is not None
        assert left.galleries == ("default", "y")
        directory.create_gallery("x", by=BY)
        assert directory.faces(FaceFilter(gallery="x")).faces == (), "a new gallery of the same name is empty"

    def test_a_gallery_is_deleted_with_its_faces(self, directory: Directory) -> None:
        directory.enroll("in", [new_face(1)], by=BY, galleries=["x"])
        directory.enroll("out", [new_face(2)], by=BY, galleries=["y"])

        assert directory.delete_gallery("x", purge=True, by=BY) is True
        assert directory.galleries() == ["default", "y"]
        assert owners(directory) == {"out": 1}
        assert directory.person("in") is None
        assert [match.face.key for match in directory.nearest(MODEL, vector(1), 5)] == ["out"]

    @pytest.mark.parametrize("purge", [False, True])
    def test_default_stays(self, directory: Directory, purge: bool) -> None:
        fill(directory, 1)
        with pytest.raises(Refused) as error:
            directory.delete_gallery("default", purge=purge, by=BY)

        assert error.value.reason == "default_gallery"
        assert directory.people() == 1

    # nearest, people

    def test_the_most_similar_come_first_with_their_exact_cosine(self, directory: Directory) -> None:
        enrolled = {
            face.number: vector(who, day)
            for who in range(1, 30)
            for day in range(2)
            for face in directory.enroll(str(who), [new_face(who, day)], by=BY).faces[:1]
        }
        probe = vector(7, 9)
        truth = sorted(((float(probe @ other), number) for number, other in enrolled.items()), reverse=True)
        for count in (1, 2, 10, 58, 100):
            matches = directory.nearest(MODEL, probe, count)
            assert [match.face.number for match in matches] == [number for _cosine, number in truth[:count]]
            assert [match.similarity for match in matches] == pytest.approx(
                [cosine for cosine, _number in truth[:count]], abs=2e-6
            )
        assert matches[0].face == directory.face(truth[0][1])

    def test_a_similarity_is_never_beyond_one(self, directory: Directory) -> None:
        directory.enroll("same", [new_face(1)], by=BY)
        opposite = SeenFace(Rect(0, 0, 1, 1), -vector(1), 1.0, b"crop")
        directory.enroll("opposite", [NewFace(opposite, MODEL, "0" * 64)], by=BY)

        matches = directory.nearest(MODEL, vector(1), 2)
        assert [match.similarity for match in matches] == pytest.approx([1, -1], abs=1e-6)
        assert all(-1 <= match.similarity <= 1 for match in matches)

    def test_nobody_resembles_anybody_in_an_empty_directory(self, directory: Directory) -> None:
        assert directory.nearest(MODEL, vector(1), 5) == []
        assert directory.people() == 0

    def test_only_faces_that_fit_are_compared(self, directory: Directory) -> None:
        """Also where hundreds of others are more like the probe."""
        for round_ in range(4):
            directory.enroll(f"alike {round_}", [new_face(1, day) for day in range(60)], by=BY, galleries=["crowd"])
        a = directory.enroll("a", [new_face(2)], by=BY, galleries=["x"])
        nobody = directory.enroll("", [new_face(3)], by=BY, galleries=["x", "crowd"])

        def found(wanted: FaceFilter, count: int = 5) -> set[str]:
            return {match.face.person for match in directory.nearest(MODEL, vector(1), count, wanted)}

        assert found(FaceFilter(gallery="x")) == {a.id, nobody.id}
        assert found(FaceFilter(gallery="x"), 1) < {a.id, nobody.id}
        assert found(FaceFilter(key="a")) == {a.id}
        assert found(FaceFilter(key="")) == {nobody.id}
        assert found(FaceFilter(person=nobody.id)) == {nobody.id}
        assert found(FaceFilter(person=nobody.id, gallery="x")) == {nobody.id}
        assert found(FaceFilter(key="a", gallery="crowd")) == set()
        assert found(FaceFilter(gallery="nowhere")) == set()
        assert len(directory.nearest(MODEL, vector(1), 300, FaceFilter(gallery="crowd"))) == 241
        assert len(directory.nearest(MODEL, vector(1), 300, FaceFilter(gallery="default"))) == 242

    def test_bounds_do_not_matter_to_likeness(self, directory: Directory) -> None:
        fill(directory, 3)

        assert len(directory.nearest(MODEL, vector(1), 5, FaceFilter(least=10**6, below=1))) == 3

    def test_vectors_of_different_models_are_never_compared(self, directory: Directory) -> None:
        other = ModelRef("other", "8" * 64, 8)
        unit = np.eye(8, dtype=np.float32)[0]
        directory.enroll("painted", [new_face(1)], by=BY)
        face = NewFace(SeenFace(Rect(0, 0, 1, 1), unit, 1.0, b"crop"), other, "0" * 64)
        directory.enroll("other", [face], by=BY)

        assert [match.face.key for match in directory.nearest(MODEL, vector(1), 5)] == ["painted"]
        assert [match.face.key for match in directory.nearest(other, unit, 5)] == ["other"]
        assert directory.nearest(ModelRef("third", "7" * 64, 8), unit, 5) == []
        assert directory.people() == 2, "people count, whatever their vectors"

    def test_people_are_counted_once_and_those_without_a_key_too(self, directory: Directory) -> None:
        directory.enroll("a", [new_face(1), new_face(1, 1)], by=BY, galleries=["x"])
        nobody = directory.enroll("", [new_face(2)], by=BY, galleries=["x"])
        directory.enroll("b", [new_face(3)], by=BY)
        directory.enroll("without", [], by=BY)

        assert directory.people() == 3
        assert directory.people(FaceFilter(gallery="x")) == 2
        assert directory.people(FaceFilter(gallery="default")) == 3
        assert directory.people(FaceFilter(key="a")) == 1
        assert directory.people(FaceFilter(key="")) == 1
        assert directory.people(FaceFilter(person=nobody.id)) == 1
        assert directory.people(FaceFilter(gallery="nowhere")) == 0
        directory.delete_person("a", by=BY)
        assert directory.people() == 2

    # audit

    def test_each_change_leaves_one_entry_that_names_the_holder(self, site: Site) -> None:
        directory = site.directory
        first = directory.enroll("4711", [new_face(1), new_face(1, 1)], by=BY, fields=ANNA).faces[0].number
        directory.update("4711", ANNA, by=BY)
        directory.create_gallery("x", by=BY)
        directory.change_face(first, FaceChange(key="b", galleries=GalleryChange(add=("x",))), by=BY)
        directory.delete_face(first, by=BY)
        directory.delete_faces(FaceFilter(key="4711"), by=BY)
        directory.enroll("c", [new_face(1)], by=BY)
        directory.delete_person("c", by=BY)
        directory.delete_gallery("x", purge=True, by=BY)
        directory.note("identify", "4711 among 3", by=BY)

        assert site.acts()[::-1] == [
            *("enroll", "update", "create_gallery", "change_face", "delete_face", "delete_faces"),
            *("enroll", "delete_person", "delete_gallery", "identify"),
        ]
        entries = site.audit()
        assert {(entry.by, entry.name) for entry in entries} == {(BY.id, BY.name)}
        assert abs(entries[0].at - time.time()) < 60
        assert entries[0].about == "4711 among 3"
        assert "4711" in entries[-1].about
        assert str(first) in entries[-1].about
        for entry in entries:
            assert "Anna" not in entry.about
            assert ANNA.email not in entry.about

    def test_what_changed_nothing_leaves_no_entry(self, site: Site) -> None:
        directory = site.directory
        directory.delete_person("nobody", by=BY)
        directory.delete_face(1, by=BY)
        directory.delete_faces(FaceFilter(key="nobody"), by=BY)
        directory.change_face(1, FaceChange(key="x"), by=BY)
        directory.delete_gallery("nowhere", purge=True, by=BY)
        with pytest.raises(Refused):
            directory.enroll("4711", [new_face(1)], by=BY, galleries=["not good"])

        assert site.audit() == []

    # everything

    @given(deeds=DEEDS)
    @settings(
        max_examples=60,
        # every store inherits this one function, and each runs all of its examples
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    def test_whatever_is_done_it_answers_as_a_few_dictionaries_do(self, site: Site, deeds: list[Deed]) -> None:
        empty(site.directory)
        model = ModelDirectory()
        with site.again() as other:
            for at, deed in enumerate(deeds):
                deed.do((site.directory, other)[at % 2], model)
            compare(site.directory, model)
            compare(other, model)

    # several at once

    def test_another_process_sees_every_change_with_its_next_call(self, site: Site) -> None:
        with site.again() as other:
            assert other.nearest(MODEL, vector(1), 5) == []
            for who in range(1, 6):
                site.directory.enroll(str(who), [new_face(who), new_face(who, 1)], by=BY)
                assert other.nearest(MODEL, vector(who), 1)[0].face.key == str(who)
                assert other.people() == who
            site.directory.delete_person("1", by=BY)
            assert "1" not in {match.face.key for match in other.nearest(MODEL, vector(1), 50)}
            other.delete_faces(FaceFilter(key="2"), by=BY)
            assert "2" not in {match.face.key for match in site.directory.nearest(MODEL, vector(2), 50)}
            assert site.directory.people() == other.people() == 3
            first = site.directory.faces(FaceFilter(key="3")).faces[0]
            site.directory.change_face(first.number, FaceChange(key="moved"), by=BY)
            assert "moved" in {match.face.key for match in other.nearest(MODEL, vector(3), 2)}

    def test_threads_that_enrol_one_key_make_one_person(self, site: Site) -> None:
        def enrol(day: int) -> str:
            return site.directory.enroll("4711", [new_face(1, day)], by=BY).id

        with ThreadPoolExecutor(8) as threads:
            ids = set(threads.map(enrol, range(40)))

        person = site.directory.person("4711")
        assert person is not None
        assert ids == {person.id}
        assert len(person.faces) == 40
        assert len(site.acts()) == 40

    def test_processes_that_enrol_one_key_make_one_person(self, site: Site) -> None:
        script = "for day in range(10):\n    directory.enroll(arguments[0], [new_face(1, day)], by=BY)"
        processes = [start(site, script, "4711") for _ in range(3)]
        assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]

        person = site.directory.person("4711")
        assert person is not None
        assert len(person.faces) == 30
        assert len(site.directory.metas()) == 1
        assert len(site.directory.nearest(MODEL, vector(1), 50)) == 30

    def test_many_look_while_somebody_writes_and_nobody_sees_half_of_it(self, site: Site) -> None:
        """Everybody has two faces or is not there; whoever was there all the time is always found."""
        directory = site.directory
        directory.enroll("steady", [new_face(99)], by=BY)
        stop = threading.Event()

        def write() -> int:
            rounds = 0
            while not stop.is_set():
                who = rounds % 7 + 1
                directory.enroll(str(who), [new_face(who), new_face(who, 1)], by=BY, galleries=["x"])
                directory.delete_person(str(who), by=BY)
                rounds += 1
            return rounds

        def look(seed: int) -> None:
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                faces = directory.faces(FaceFilter(gallery="x")).faces
                counts = [sum(face.person == other.person for other in faces) for face in faces]
                assert set(counts) <= {2}
                person = directory.person(str(seed))
                assert person is None or len(person.faces) == 2
                best = directory.nearest(MODEL, vector(99), 1)[0]
                assert best.face.key == "steady"
                assert best.similarity == pytest.approx(1, abs=1e-5)
                for match in directory.nearest(MODEL, vector(seed), 5, FaceFilter(gallery="x")):
                    truth = [vector(int(match.face.key), day) @ vector(seed) for day in range(2)]
                    assert min(abs(match.similarity - cosine) for cosine in truth) < 1e-5

        with ThreadPoolExecutor(5) as threads:
            writer = threads.submit(write)
            lookers = [threads.submit(look, seed) for seed in range(1, 5)]
            try:
                for looker in lookers:
                    looker.result()
            finally:
                stop.set()
            assert writer.result() > 3


def fill(directory: Directory, people: int) -> list[int]:
    """Enrols some, one face each; the numbers of the faces, the oldest first."""
    return [directory.enroll(f"p{who}", [new_face(who + 1)], by=BY).faces[0].number for who in range(people)]


def numbers_of(page: FacePage) -> list[int]:
    return [face.number for face in page.faces]


def owners(directory: Directory) -> dict[str, int]:
    return {meta.key: meta.count for meta in directory.metas()}


def same(one: object, other: object) -> bool:
    """Whether two people, who are compared by identity, are alike."""
    return repr(one) == repr(other)
