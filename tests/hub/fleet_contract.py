"""What every `Fleet` does, beside the `Directory` of the same store: the same tests for every store."""

from __future__ import annotations

import numpy as np
import pytest

from edged.api.directory import Directory, FaceChange, FaceFilter, Fields, GalleryChange
from edged.api.fleet import Fed, Fleet, NewEvent, Place
from edged.domain.person import ModelRef
from tests.api.painted import MODEL, new_face, vector
from tests.hub.site import BY, Site

OTHER_MODEL = ModelRef("other", "8" * 64, 16)


def followed(fleet: Fleet, after: Place = Place(), limit: int = 2, **wanted: list[str]) -> tuple[list[Fed], Place]:  # noqa: B008  frozen
    """Everything behind a place, page by page."""
    items: list[Fed] = []
    while True:
        feed = fleet.changes(after, MODEL, limit, **wanted)
        items += feed.items
        after = feed.items[-1].place if feed.items else after
        assert len(feed.items) <= limit
        if not feed.more:
            return items, after


def roster(items: list[Fed]) -> dict[str, str]:
    """What a device knows that has followed these: id and key of everybody."""
    known: dict[str, str] = {}
    for item in items:
        if item.gone:
            known.pop(item.id, None)
        else:
            known[item.id] = item.key
    return known


class FleetContract:
    """Tests of a store; its class has the fixtures `site` and `fleet`, of one store."""

    @pytest.fixture
    def directory(self, site: Site) -> Directory:
        return site.directory

    def test_the_list_of_an_empty_store_has_an_end(self, fleet: Fleet) -> None:
        feed = fleet.changes(Place(), MODEL, 10)
        assert (feed.items, feed.more) == ((), False)
        assert feed.epoch == fleet.epoch() != ""

    def test_the_newest_revision_is_where_the_list_ends(self, directory: Directory, fleet: Fleet) -> None:
        assert fleet.newest() == (fleet.epoch(), fleet.changes(Place(), MODEL, 10).revision)
        before = fleet.newest()
        directory.enroll("4711", [new_face(1)], by=BY)
        enrolled = fleet.newest()
        directory.delete_person("4711", by=BY)

        assert before[1] < enrolled[1] < fleet.newest()[1]
        assert fleet.newest() == (fleet.epoch(), fleet.changes(Place(), MODEL, 10).revision)

    def test_everybody_is_in_the_list_with_vectors_of_the_model(self, directory: Directory, fleet: Fleet) -> None:
        directory.enroll(
            "4711", [new_face(1), new_face(1, 1)], by=BY, fields=Fields("Anna", "Müller"), galleries=["staff"]
        )
        (item,) = fleet.changes(Place(), MODEL, 10).items

        assert (item.key, item.gone, item.fields.first_name, item.galleries) == ("4711", False, "Anna", ("staff",))
        assert [
            np.array_equal(face.vector, vector(1, day))
            for day, face in enumerate(item.faces)
            if face.vector is not None
        ] == [True, True]
        assert item.faces[0].quality == pytest.approx(0.8)
        assert [face.photo_hash for face in item.faces] == [new_face(1).photo_hash, new_face(1, 1).photo_hash]

    def test_of_another_model_there_are_no_vectors_but_crops(self, directory: Directory, fleet: Fleet) -> None:
        directory.enroll("4711", [new_face(1)], by=BY)
        (item,) = fleet.changes(Place(), OTHER_MODEL, 10).items

        (face,) = item.faces
        assert face.vector is None
        assert fleet.crop(face.number) == new_face(1).seen.crop
        assert fleet.crop(face.number + 1) is None

    def test_pages_miss_nobody_and_repeat_nobody(self, directory: Directory, fleet: Fleet) -> None:
        for who in range(7):
            directory.enroll(f"p{who}", [new_face(who + 1)], by=BY)
        items, _end = followed(fleet)

        assert [item.key for item in items] == [f"p{who}" for who in range(7)]

    def test_who_was_changed_comes_again_later_and_only_once(self, directory: Directory, fleet: Fleet) -> None:
        for who in range(3):
            directory.enroll(f"p{who}", [new_face(who + 1)], by=BY)
        _items, end = followed(fleet)
        directory.update("p1", Fields(first_name="Bea"), by=BY)
        directory.enroll("p1", [new_face(2, 1)], by=BY)
        (item,), _end = followed(fleet, end)

        assert (item.key, item.fields.first_name, len(item.faces)) == ("p1", "Bea", 2)
        assert len(followed(fleet)[0]) == 3

    def test_when_nothing_has_changed_nothing_comes(self, directory: Directory, fleet: Fleet) -> None:
        directory.enroll("4711", [new_face(1)], by=BY)
        _items, end = followed(fleet)
        assert followed(fleet, end) == ([], end)
        assert fleet.changes(end, MODEL, 10).revision == end.revision

    def test_who_is_deleted_is_in_the_list(self, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("4711", [new_face(1)], by=BY)
        _items, end = followed(fleet)
        directory.delete_person("4711", by=BY)
        (item,), _end = followed(fleet, end)

        assert (item.id, item.key, item.gone, item.faces) == (anna.id, "4711", True, ())
        assert roster(followed(fleet)[0]) == {}

    def test_who_is_enrolled_anew_is_another_person(self, directory: Directory, fleet: Fleet) -> None:
        directory.enroll("4711", [new_face(1)], by=BY)
        _items, end = followed(fleet)
        directory.delete_person("4711", by=BY)
        again = directory.enroll("4711", [new_face(1)], by=BY)
        items, _end = followed(fleet, end)

        assert sorted((item.gone, item.id == again.id) for item in items) == [(False, True), (True, False)]

    def test_a_lost_face_is_a_change_of_its_person(self, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("4711", [new_face(1), new_face(1, 1)], by=BY)
        _items, end = followed(fleet)
        directory.delete_face(anna.faces[0].number, by=BY)
        (item,), _end = followed(fleet, end)

        assert [face.number for face in item.faces] == [anna.faces[1].number]

    def test_a_face_that_moves_changes_both_people(self, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("4711", [new_face(1), new_face(1, 1)], by=BY)
        _items, end = followed(fleet)
        directory.change_face(anna.faces[0].number, FaceChange(key="4712"), by=BY)
        items, _end = followed(fleet, end)

        assert {item.key: len(item.faces) for item in items} == {"4711": 1, "4712": 1}

    def test_a_purged_gallery_takes_many_at_once(self, directory: Directory, fleet: Fleet) -> None:
        for who in range(9):
            directory.enroll(f"p{who}", [new_face(who + 1)], by=BY, galleries=["guests"] if who < 7 else [])
        items, end = followed(fleet)
        directory.delete_gallery("guests", purge=True, by=BY)
        later, _end = followed(fleet, end)

        assert len(later) == 7
        assert sorted(roster(items + later).values()) == ["p7", "p8"]

    def test_a_device_of_some_galleries_gets_their_people_only(self, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("4711", [new_face(1)], by=BY, galleries=["staff"])
        directory.enroll("4712", [new_face(2)], by=BY, galleries=["guests"])
        directory.enroll("4713", [new_face(3)], by=BY)
        items, end = followed(fleet, galleries=["staff"])
        assert list(roster(items).values()) == ["4711"]
        assert not [item.fields for item in items if item.gone and item.fields != Fields()]
        assert len(roster(followed(fleet, galleries=["staff", "default"])[0])) == 3

        directory.change_face(anna.faces[0].number, FaceChange(galleries=GalleryChange(remove=("staff",))), by=BY)
        later, _end = followed(fleet, end, galleries=["staff"])
        assert roster(items + later) == {}

    def test_faces_without_a_key_are_people_too(self, directory: Directory, fleet: Fleet) -> None:
        directory.enroll("", [new_face(1)], by=BY)
        directory.enroll("", [new_face(2)], by=BY)
        assert list(roster(followed(fleet)[0]).values()) == ["", ""]
        directory.delete_faces(FaceFilter(key=""), by=BY)
        assert roster(followed(fleet)[0]) == {}

    def test_an_event_is_kept_once_for_each_device(self, fleet: Fleet) -> None:
        fleet.keep_events("door", [("e1", '{"a":1}'), ("e2", '{"a":2}')])
        fleet.keep_events("door", [("e2", '{"a":3}'), ("e3", '{"a":4}')])
        fleet.keep_events("gate", [("e1", '{"a":5}')])

        kept = fleet.events(0, 10)
        assert [(item.device, item.id, item.document) for item in kept] == [
            ("door", "e1", '{"a":1}'),
            ("door", "e2", '{"a":2}'),
            ("door", "e3", '{"a":4}'),
            ("gate", "e1", '{"a":5}'),
        ]
        assert [item.id for item in fleet.events(kept[0].number, 1, "door")] == ["e2"]

    def test_events_of_several_devices_are_kept_together(self, fleet: Fleet) -> None:
        fleet.keep_all([])
        fleet.keep_all([NewEvent("door", "e1", "{}"), NewEvent("gate", "e1", "{}"), NewEvent("door", "e1", '{"a":1}')])
        fleet.keep_all([NewEvent("gate", "e1", '{"a":2}'), NewEvent("gate", "e2", '{"name":"\\u0000 Ä"}')])

        kept = fleet.events(0, 10)
        assert [(item.device, item.id, item.document) for item in kept] == [
            ("door", "e1", "{}"),
            ("gate", "e1", "{}"),
            ("gate", "e2", '{"name":"\\u0000 Ä"}'),
        ]

    def test_a_device_is_known_when_it_has_reported(self, fleet: Fleet) -> None:
        assert fleet.device("door") is None
        fleet.report("door", '{"persons":1}')
        device = fleet.report("door", '{"persons":2}')

        assert (device.galleries, device.report) == (None, '{"persons":2}')
        assert device.seen > 0
        assert fleet.devices() == [device]

    def test_whom_a_device_is_to_know_outlives_its_reports(self, site: Site, fleet: Fleet) -> None:
        assert fleet.assign("door", ["staff", "guests", "staff"], by=BY).seen == 0
        assert fleet.report("door", "{}").galleries == ("guests", "staff")
        assert fleet.assign("door", None, by=BY).galleries is None
        assert site.acts() == ["assign_device", "assign_device"]

    def test_another_assignment_is_news_for_the_device(self, fleet: Fleet) -> None:
        before = fleet.newest()
        fleet.assign("door", ["staff"], by=BY)
        assert fleet.newest()[1] > before[1]

    def test_a_forgotten_device_leaves_its_events(self, site: Site, fleet: Fleet) -> None:
        fleet.report("door", "{}")
        fleet.keep_events("door", [("e1", "{}")])
        assert fleet.forget_device("door", by=BY)
        assert not fleet.forget_device("door", by=BY)
        assert (fleet.device("door"), len(fleet.events(0, 10))) == (None, 1)
        assert site.acts() == ["forget_device"]
