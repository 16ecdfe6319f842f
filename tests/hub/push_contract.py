"""What every `Fleet` does with what devices push, beside the `Directory` of the same store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from edged.api.directory import Directory, Fields, NewFace
from edged.api.fleet import Aim, Enrolled, Fleet, Place, Push
from edged.domain.errors import Refused
from edged.wire.feed import MOST_AHEAD
from edged.wire.roster import distinct_hashes
from tests.api.painted import MODEL, new_face
from tests.hub.site import BY, Site

REQUEST = "0198c0de-0000-7000-8000-000000000001"
NOBODY = "0198c0de-0000-7000-8000-00000000dead"


def pushed(fleet: Fleet, *faces: NewFace, aim: Aim = Aim("", REQUEST, "4711"), **more: Any) -> Enrolled:  # noqa: B008  frozen
    """What came of a push about whom it means just now."""
    told = {"fields": None, "galleries": None, "within": None, "forget": (), **more}
    done = fleet.push(Push(aim, fleet.meant(aim), faces=faces, model=MODEL, **told), by=BY)
    assert done is not None
    return done


def hashes(fleet: Fleet, person: str) -> list[str]:
    known = fleet.standing(person)
    assert known is not None
    return list(distinct_hashes([face.photo_hash for face in known.faces]))


class PushContract:
    """Tests of a store; its class has the fixtures `site`, `directory` and `fleet`, of one store."""

    def test_a_push_makes_a_person_as_the_list_tells_of_them(self, site: Site, fleet: Fleet) -> None:
        fields = Fields("Anna", "Müller", "a@example.org", "1")
        made = pushed(fleet, new_face(1), fields=fields, galleries=("staff", "default")).person

        (listed,) = fleet.changes(Place(), MODEL, 10).items
        assert (listed.id, listed.key, listed.fields, listed.galleries) == (made.id, "4711", fields, ("staff",))
        assert listed.faces[0].photo_hash == new_face(1).photo_hash == made.faces[0].photo_hash
        assert (made.place, made.faces[0].vector) == (listed.place, None)
        assert made.faces[0].quality == pytest.approx(0.8)
        (entry,) = site.audit()
        assert (entry.act, REQUEST in entry.about, "Anna" in entry.about) == ("push", True, False)

    def test_sent_twice_it_does_what_sending_it_once_does(self, site: Site, fleet: Fleet) -> None:
        told: dict[str, Any] = {"fields": Fields("Anna"), "galleries": ("staff",)}
        first = pushed(fleet, new_face(1), new_face(1, 1), **told)
        before = fleet.changes(Place(), MODEL, 10).revision
        again = pushed(fleet, new_face(1), new_face(1, 1), **told)

        assert (again.person.id, again.person.place) == (first.person.id, first.person.place)
        assert len(again.person.faces) == 2
        assert fleet.changes(Place(), MODEL, 10).revision == before
        assert site.acts() == ["push"]

    def test_somebody_without_a_key_is_made_once_for_a_request(self, fleet: Fleet) -> None:
        first = pushed(fleet, new_face(1), aim=Aim("", REQUEST, ""))
        again = pushed(fleet, new_face(1), aim=Aim("", REQUEST, ""))
        other = pushed(fleet, new_face(1), aim=Aim("", REQUEST.replace("1", "2"), ""))
        assert again.person.id == first.person.id != other.person.id

    @pytest.mark.parametrize("key", ["4711", ""])
    def test_of_many_at_once_only_one_makes_the_person(self, directory: Directory, fleet: Fleet, key: str) -> None:
        aim = Aim("", REQUEST, key)
        push = Push(aim, "", None, None, None, (new_face(1),), (), MODEL)
        with ThreadPoolExecutor(8) as pool:
            made = [done for done in pool.map(lambda _at: fleet.push(push, by=BY), range(8)) if done is not None]
        assert (len(made), directory.people()) == (1, 1)

    def test_of_many_at_once_only_one_adds_the_face(self, directory: Directory, fleet: Fleet) -> None:
        directory.enroll("4711", [new_face(1)], by=BY)
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _at: pushed(fleet, new_face(1, 1)), range(8)))
        assert {len(done.person.faces) for done in made} == {2}

    def test_who_was_deleted_is_not_brought_back(self, directory: Directory, fleet: Fleet) -> None:
        anna = pushed(fleet, new_face(1)).person
        directory.delete_person("4711", by=BY)
        for aim in (Aim(anna.id, REQUEST, "4711"), Aim("", REQUEST, "4711"), Aim(NOBODY, REQUEST, "")):
            with pytest.raises(Refused) as error:
                fleet.meant(aim)
            assert error.value.reason == "not_found"
            with pytest.raises(Refused):
                fleet.push(Push(aim, anna.id, None, None, None, (new_face(1),), (), MODEL), by=BY)
        assert directory.person("4711") is None

    def test_who_has_become_somebody_else_meanwhile_is_asked_for_again(
        self, directory: Directory, fleet: Fleet
    ) -> None:
        directory.enroll("4711", [new_face(1)], by=BY)
        late = Push(Aim("", REQUEST, "4711"), "", None, None, None, (new_face(2),), (), MODEL)
        assert fleet.push(late, by=BY) is None
        assert len(hashes(fleet, fleet.meant(late.aim))) == 1

    def test_fields_and_galleries_are_left_or_replaced(self, directory: Directory, fleet: Fleet) -> None:
        directory.enroll("4711", [new_face(1)], by=BY, fields=Fields("Anna", "Müller"), galleries=["staff"])
        more = pushed(fleet, new_face(1, 1)).person
        assert (more.fields, more.galleries) == (Fields("Anna", "Müller"), ("staff",))
        face = directory.face(more.faces[1].number)
        assert face is not None
        assert face.galleries == ("default", "staff")

        changed = pushed(fleet, fields=Fields("Bea"), galleries=("guests",)).person
        assert (changed.fields, changed.galleries) == (Fields("Bea"), ("guests",))
        known = directory.person("4711")
        assert known is not None
        assert [face.galleries for face in known.faces] == [("default", "guests")] * 2

    def test_who_may_touch_some_galleries_leaves_the_others_as_they_are(
        self, directory: Directory, fleet: Fleet
    ) -> None:
        directory.enroll("4711", [new_face(1)], by=BY, galleries=["staff", "board"])
        told = pushed(fleet, galleries=("vault",), within=("guests", "staff")).person
        assert told.galleries == ("board", "staff")
        told = pushed(fleet, galleries=("guests", "vault"), within=("guests", "staff")).person
        assert told.galleries == ("board", "guests")

    @pytest.mark.parametrize("galleries", [None, (), ("vault",)])
    def test_whoever_would_be_out_of_sight_joins_the_first(
        self, fleet: Fleet, galleries: tuple[str, ...] | None
    ) -> None:
        made = pushed(fleet, new_face(1), galleries=galleries, within=("guests", "staff"))
        assert made.person.galleries == ("guests",)

    def test_a_face_is_forgotten_by_its_hash_but_not_the_last(self, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("4711", [new_face(1), new_face(1, 1)], by=BY)
        one, two = new_face(1).photo_hash, new_face(1, 1).photo_hash
        assert [face.photo_hash for face in pushed(fleet, forget=(one,)).person.faces] == [two]
        assert [face.photo_hash for face in pushed(fleet, forget=(one,)).person.faces] == [two]
        with pytest.raises(Refused) as error:
            pushed(fleet, forget=(two,))
        assert error.value.reason == "last_face"
        assert [face.photo_hash for face in pushed(fleet, new_face(1), forget=(two,)).person.faces] == [one]
        assert hashes(fleet, anna.id) == [one]

    def test_one_of_several_faces_of_a_photograph_is_forgotten_once(self, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("4711", [new_face(1)] * 3, by=BY)
        first, second, third = hashes(fleet, anna.id)
        for _repeated in range(2):
            pushed(fleet, forget=(first,))
            assert hashes(fleet, anna.id) == [second, third]

    def test_faces_beyond_64_are_named(self, directory: Directory, fleet: Fleet) -> None:
        directory.enroll("4711", [new_face(1, day) for day in range(63)], by=BY)
        done = pushed(fleet, new_face(1, 100), new_face(1, 101))
        assert (len(done.person.faces), done.crowded) == (64, (new_face(1, 101).photo_hash,))

    def test_what_is_refused_changes_nothing(self, site: Site, fleet: Fleet) -> None:
        before = fleet.changes(Place(), MODEL, 10).revision
        for wrong in ({"galleries": ("no such/name",)}, {"fields": Fields("a\0b")}):
            with pytest.raises(Refused):
                pushed(fleet, new_face(1), **wrong)
        assert (fleet.changes(Place(), MODEL, 10).revision, site.acts()) == (before, [])

    def test_somebody_is_removed_by_id_once(self, site: Site, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("", [new_face(1)], by=BY)
        assert fleet.remove(anna.id, by=BY)
        assert not fleet.remove(anna.id, by=BY)
        assert not fleet.remove("a\0b", by=BY)
        (item,) = fleet.changes(Place(), MODEL, 10).items
        assert (item.id, item.gone) == (anna.id, True)
        assert site.acts() == ["delete_person", "enroll"]

    def test_somebody_is_found_by_id_alive_or_deleted(self, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("4711", [new_face(1)], by=BY, galleries=["staff"])
        alive = fleet.standing(anna.id)
        assert alive is not None
        assert (alive.gone, alive.galleries, alive.place) == (
            False,
            ("staff",),
            fleet.changes(Place(), MODEL, 1).items[0].place,
        )
        directory.delete_person("4711", by=BY)
        gone = fleet.standing(anna.id)
        assert gone is not None
        assert (gone.gone, gone.place) == (True, fleet.changes(Place(), MODEL, 1).items[0].place)
        assert fleet.standing(NOBODY) is fleet.standing("a\0b") is None

    # deletions that come first

    def test_who_is_deleted_later_in_the_list_is_told_at_once(self, directory: Directory, fleet: Fleet) -> None:
        people = [directory.enroll(f"p{who}", [new_face(who + 1)], by=BY) for who in range(6)]
        for who in (1, 4):
            directory.delete_person(f"p{who}", by=BY)
        page = fleet.changes(Place(), MODEL, 2)
        assert ([item.key for item in page.items], page.ahead) == (["p0", "p2"], (people[1].id, people[4].id))
        nothing = fleet.changes(Place(), MODEL, 0)
        assert (nothing.items, nothing.more, nothing.ahead) == ((), True, page.ahead)
        whole = fleet.changes(Place(), MODEL, 10)
        assert (len(whole.items), whole.more, whole.ahead) == (6, False, ())
        assert fleet.changes(whole.items[4].place, MODEL, 0).ahead == (people[4].id,)
        assert fleet.changes(whole.items[4].place, MODEL, 0, ["staff"]).ahead == (people[4].id,)
        end = fleet.changes(whole.items[5].place, MODEL, 0)
        assert (end.more, end.ahead) == (False, ())

    def test_not_more_are_told_than_one_answer_holds(
        self, directory: Directory, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert MOST_AHEAD == 20_000
        for who in range(3):
            directory.enroll(f"p{who}", [new_face(who + 1)], by=BY)
            directory.delete_person(f"p{who}", by=BY)
        monkeypatch.setattr(f"{self.feed}.MOST_AHEAD", 2)
        assert len(fleet.changes(Place(), MODEL, 0).ahead) == 2

    feed: str
    """The module that reads the list."""

    # receipts

    def test_receipts_are_kept_for_each_person_and_device(self, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("4711", [new_face(1)], by=BY)
        fleet.keep_receipts("door", "aa", [(anna.id, '{"n":0}')])
        directory.delete_person("4711", by=BY)
        fleet.keep_receipts("gate", "bb", [(anna.id, '{"n":1}'), (NOBODY, "{}"), ("a\0b", "{}")])
        fleet.keep_receipts("door", "aa", [(anna.id, '{"n":2}')])

        gone = fleet.standing(anna.id)
        assert gone is not None
        assert [(kept.device, kept.document) for kept in fleet.receipts(anna.id)] == [
            ("door", '{"n":2}'),
            ("gate", '{"n":1}'),
        ]
        assert all(kept.revision >= gone.place.revision for kept in fleet.receipts(anna.id))
        assert fleet.receipts(NOBODY) == fleet.receipts("a\0b") == []

    def test_a_device_signs_with_one_key_until_it_is_forgotten(self, directory: Directory, fleet: Fleet) -> None:
        anna = directory.enroll("4711", [new_face(1)], by=BY)
        directory.delete_person("4711", by=BY)
        fleet.keep_receipts("door", "aa", [])
        with pytest.raises(Refused) as error:
            fleet.keep_receipts("door", "bb", [(anna.id, "{}")])
        assert error.value.reason == "other_key"
        assert fleet.receipts(anna.id) == []
        assert fleet.forget_device("door", by=BY)
        fleet.keep_receipts("door", "bb", [(anna.id, "{}")])
        assert len(fleet.receipts(anna.id)) == 1

    def test_the_deleted_are_listed_the_newest_first(self, directory: Directory, fleet: Fleet) -> None:
        people = [directory.enroll(f"p{who}", [new_face(who + 1)], by=BY) for who in range(3)]
        for who in range(3):
            directory.delete_person(f"p{who}", by=BY)
        fleet.keep_receipts("door", "aa", [(people[1].id, "{}")])

        newest, middle = fleet.departures(None, 2)
        assert [newest.id, middle.id] == [people[2].id, people[1].id]
        assert (dict(newest.receipts), list(middle.receipts)) == ({}, ["door"])
        assert middle.at > 0
        (oldest,) = fleet.departures(middle.number, 10)
        standing = fleet.standing(people[0].id)
        assert standing is not None
        assert (oldest.id, oldest.place) == (people[0].id, standing.place)
