"""What every dialect of a centre does, as far as its interface allows, against a real hub over real HTTPS."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from edged.central.line import Line
from edged.central.port import Centre, Outgoing, OutgoingFace, Page, RemotePerson, Standing
from edged.central.reconcile import shared_fields
from edged.domain.errors import Refused
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.gallery.keepsakes import encode_keepsake
from edged.vision.sight import Sight


@dataclass
class Site:
    """Attributes: open: a centre with a token of its own choice; admin: asks the hub as a person does."""

    open: Callable[[str], Centre]
    token: str
    admin: httpx.Client
    model: ModelRef
    sight: Sight
    image: Image

    def __post_init__(self) -> None:
        while faces := self.admin.get("/v1/faces").json()["results"]:  # of the test before
            for face in faces:
                self.admin.delete(f"/v1/face/id/{face['id']}")
        self.centre = self.open(self.token)

    def photo(self, number: int) -> Image:
        """Another photograph of the same woman for each number."""
        return np.clip(self.image.astype(np.int16) + 3 * number, 0, 255).astype(np.uint8)

    def face(self, number: int) -> OutgoingFace:
        """Of such a photograph, as a device keeps it."""
        image = self.photo(number)
        (found,) = self.sight.detect(image)
        kept = encode_keepsake(self.sight.keepsake(image, found))
        vector = self.sight.embed([self.sight.crop(image, found)])[0]
        return OutgoingFace(uuid.uuid5(uuid.NAMESPACE_OID, str(number)).hex * 2, 0.75, (1, 2, 3, 4), vector, kept)

    def outgoing(self, key: str, *faces: OutgoingFace, **more: Any) -> Outgoing:
        fields = {"first_name": "Eileen", "last_name": "Collins", "email": "e@c", "phone": "1", "groups": ("crew",)}
        none: frozenset[str] = frozenset()
        plain = Outgoing(str(uuid.uuid4()), "", key, **fields, with_fields=True, add=faces, forget=none, known=none)  # type: ignore[arg-type]  # a dict of several kinds
        return replace(plain, **more)

    def enrol(self, key: str, *numbers: int, galleries: str = "crew") -> None:
        """As an administrator does, at the hub."""
        for number in numbers:
            _flag, encoded = cv2.imencode(".png", self.photo(number))
            files = {"photo": ("p.png", encoded.tobytes(), "image/png")}
            answer = self.admin.post("/v1/face", data={"meta": key, "galleries": galleries}, files=files)
            assert answer.status_code == 200, answer.text

    def describe(self, key: str, **fields: str) -> None:
        assert self.admin.put(f"/miicloud/person/{key}", data=fields).status_code == 200

    def faces_at_hub(self, key: str) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = self.admin.get(f"/v1/faces/meta/{key}").json()["results"]
        return results

    def person_at_hub(self, key: str) -> dict[str, Any]:
        person: dict[str, Any] = self.admin.get(f"/miicloud/person/{key}").json()
        return person

    def followed(self, cursor: str = "", limit: int = 500) -> tuple[list[Page], str]:
        """All pages after a cursor, and the cursor after them."""
        pages: list[Page] = []
        while not pages or pages[-1].more:
            pages.append(self.centre.changes(cursor, self.model, limit))
            assert len(pages[-1].people) <= limit
            cursor = pages[-1].cursor
        return pages, cursor

    def told(self, key: str) -> RemotePerson | None:
        pages, _cursor = self.followed()
        return next((person for page in pages for person in page.people if person.key == key), None)

    @property
    def line(self) -> Line:
        line = self.centre._line  # type: ignore[attr-defined]
        assert isinstance(line, Line)
        return line


class CentreContract:
    """Derive, and provide `site`."""

    def test_whoever_is_pushed_is_there_with_all_that_the_centre_keeps(self, site: Site) -> None:
        one, two = site.face(1), site.face(2)
        taken = site.centre.push(site.outgoing("pushed", one, two), site.model)
        assert taken.refused == {}
        assert len(taken.faces) == 2
        assert {taken.renamed.get(face.photo_hash, face.photo_hash) for face in (one, two)} == taken.faces
        faces = site.faces_at_hub("pushed")
        assert len(faces) == 2
        if "groups" in site.centre.keeps:
            assert all(set(face["galleries"]) == {"default", "crew"} for face in faces)
        if "name" in site.centre.keeps:
            person = site.person_at_hub("pushed")
            assert [person[name] for name in ("first_name", "last_name", "email", "phone")] == [
                "Eileen",
                "Collins",
                "e@c",
                "1",
            ]

    def test_to_push_twice_does_what_once_does(self, site: Site) -> None:
        outgoing = site.outgoing("twice", site.face(1), site.face(2))
        first = site.centre.push(outgoing, site.model)
        again = site.centre.push(replace(outgoing, id=first.id, known=first.faces), site.model)
        assert (again.id, again.fields, again.faces) == (first.id, first.fields, first.faces)
        assert len(site.faces_at_hub("twice")) == 2

    def test_a_push_whose_answer_was_lost_makes_no_second_face(self, site: Site) -> None:
        outgoing = site.outgoing("lost", site.face(1), site.face(2))
        site.centre.push(replace(outgoing, add=outgoing.add[:1]), site.model)  # so far it came, and nobody was told
        taken = site.open(site.token).push(outgoing, site.model)
        assert len(taken.faces) == 2
        assert len(site.faces_at_hub("lost")) == 2

    def test_fields_that_changed_take_the_place_of_those_there(self, site: Site) -> None:
        first = site.centre.push(site.outgoing("renamed", site.face(1)), site.model)
        other = {"first_name": "Ei", "last_name": "", "email": "", "phone": "2", "groups": ("ground",)}
        changed = site.outgoing("renamed", id=first.id, known=first.faces, **other)
        taken = site.centre.push(changed, site.model)
        assert taken.faces == first.faces
        assert taken.fields != first.fields
        person = site.person_at_hub("renamed")
        if "name" in site.centre.keeps:
            assert (person["first_name"], person["last_name"], person["email"]) == ("Ei", "", "")
        if "groups" in site.centre.keeps:
            assert set(site.faces_at_hub("renamed")[0]["galleries"]) == {"default", "ground"}

    def test_a_face_more_leaves_the_fields_of_the_centre_alone(self, site: Site) -> None:
        first = site.centre.push(site.outgoing("more", site.face(1)), site.model)
        other = {"with_fields": False, "first_name": "Wrong", "groups": ("wrong",)}
        more = site.outgoing("more", site.face(2), id=first.id, known=first.faces, **other)
        taken = site.centre.push(more, site.model)
        assert taken.fields == first.fields
        assert len(taken.faces) == 2
        if "name" in site.centre.keeps:
            assert site.person_at_hub("more")["first_name"] == "Eileen"
        if "groups" in site.centre.keeps:
            assert all(set(face["galleries"]) == {"default", "crew"} for face in site.faces_at_hub("more"))

    def test_somebody_removed_is_gone_and_may_be_removed_again(self, site: Site) -> None:
        taken = site.centre.push(site.outgoing("removed", site.face(1)), site.model)
        site.centre.remove(taken.id)
        site.centre.remove(taken.id)
        assert site.faces_at_hub("removed") == []

    def test_whom_the_centre_has_deleted_cannot_be_pushed_by_the_old_id(self, site: Site) -> None:
        outgoing = site.outgoing("deleted", site.face(1))
        taken = site.centre.push(outgoing, site.model)
        site.admin.delete("/v1/faces/meta/deleted")
        with pytest.raises(Refused) as raised:
            site.centre.push(site.outgoing("deleted", site.face(2), id=taken.id, known=taken.faces), site.model)
        assert raised.value.reason == "not_found"
        assert site.faces_at_hub("deleted") == []

    def test_a_face_that_the_centre_cannot_use_is_told_and_the_others_are_taken(self, site: Site) -> None:
        blind = replace(site.face(2), crop=encode_keepsake(np.zeros((160, 160, 3), np.uint8)))
        blind = replace(blind, vector=blind.vector * np.float32(0.5))  # of no use in any dialect
        good = site.face(1)
        taken = site.centre.push(site.outgoing("blind", good, blind), site.model)
        assert set(taken.refused) == {blind.photo_hash}
        assert all(reason.isidentifier() for reason in taken.refused.values())
        assert len(site.faces_at_hub("blind")) == 1

    def test_a_wrong_token_is_refused_in_words_and_not_repeated(self, site: Site) -> None:
        wrong = "edged_aaaaaaaa_" + "b" * 40
        with pytest.raises(Refused) as raised:
            site.open(wrong).push(site.outgoing("nobody", site.face(1)), site.model)
        assert raised.value.reason == "bad_token"
        assert wrong not in str(raised.value)

    def test_a_report_and_receipts_may_always_be_given(self, site: Site) -> None:
        standing = Standing("", "0" * 64, 1, 2, 0, 0, (), ())
        orders = site.centre.report(standing, site.model)
        assert orders is None or orders.groups is None
        site.centre.hand_in([])


class ListedContract(CentreContract):
    """What those do that tell whom they have."""

    def test_somebody_enrolled_at_the_centre_is_told_with_fields_groups_and_faces(self, site: Site) -> None:
        site.enrol("told", 1, 2)
        site.describe("told", first_name="Eileen", last_name="Collins", email="e@c", phone="1")
        person = site.told("told")
        assert person is not None
        assert person.groups == ("crew",)
        assert len({face.photo_hash for face in person.faces}) == 2
        assert all(len(bytes.fromhex(face.photo_hash)) == 32 for face in person.faces)
        if "name" in site.centre.keeps:
            assert (person.first_name, person.last_name, person.email, person.phone) == (
                "Eileen",
                "Collins",
                "e@c",
                "1",
            )
        else:
            assert (person.first_name, person.last_name, person.email, person.phone) == ("", "", "", "")

    def test_the_same_photograph_twice_is_two_faces_with_two_names(self, site: Site) -> None:
        site.enrol("same", 1, 1, 1)
        person = site.told("same")
        assert person is not None
        assert len({face.photo_hash for face in person.faces}) == 3

    def test_what_was_pushed_is_told_as_the_push_was_answered(self, site: Site) -> None:
        taken = site.centre.push(site.outgoing("round", site.face(1), site.face(2)), site.model)
        person = site.told("round")
        assert person is not None
        assert person.id == taken.id
        assert frozenset(face.photo_hash for face in person.faces) == taken.faces
        assert shared_fields(person) == taken.fields

    def test_pages_of_one_tell_the_same_as_one_page(self, site: Site) -> None:
        for number in range(3):
            site.enrol(f"page {number}", number)
        whole, _cursor = site.followed()
        pages, _cursor = site.followed(limit=1)
        assert len(pages) >= 3
        assert sum(page.begins for page in pages) == sum(page.begins for page in whole) == 1
        assert pages[0].begins
        assert [person.id for page in pages for person in page.people] == [
            person.id for page in whole for person in page.people
        ]

    def test_a_list_is_gone_on_with_after_a_restart(self, site: Site) -> None:
        site.enrol("restart a", 1)
        site.enrol("restart b", 2)
        whole = [person.id for page in site.followed()[0] for person in page.people]
        first = site.centre.changes("", site.model, 1)
        site.centre = site.open(site.token)
        rest, _cursor = site.followed(first.cursor)
        assert not any(page.begins for page in rest)
        assert [person.id for page in (first, *rest) for person in page.people] == whole

    def test_where_nothing_has_changed_one_request_says_so(self, site: Site) -> None:
        site.enrol("quiet", 1)
        _pages, cursor = site.followed()
        before = site.line.traffic.requests
        page = site.centre.changes(cursor, site.model, 500)
        assert (page.people, page.gone, page.more, page.cursor, page.begins) == ((), (), False, cursor, False)
        assert site.line.traffic.requests == before + 1

    def test_who_is_new_after_a_cursor_is_told(self, site: Site) -> None:
        _pages, cursor = site.followed()
        site.enrol("later", 1)
        pages, _cursor = site.followed(cursor)
        assert "later" in [person.key for page in pages for person in page.people]

    def test_who_is_deleted_is_told_or_missing_in_a_whole_list(self, site: Site) -> None:
        site.enrol("parting", 1)
        site.enrol("staying", 2)
        person = site.told("parting")
        assert person is not None
        _pages, cursor = site.followed()
        site.admin.delete("/v1/faces/meta/parting")
        site.enrol("arriving", 3)
        pages, _cursor = site.followed(cursor)
        if site.centre.tells_deletions:
            assert person.id in pages[0].gone
        else:
            assert pages[0].begins
            there = {other.key for page in pages for other in page.people}
            assert "staying" in there
            assert "parting" not in there

    def test_a_face_deleted_on_the_device_is_deleted_there_and_the_last_one_stays(self, site: Site) -> None:
        one, two = site.face(1), site.face(2)
        first = site.centre.push(site.outgoing("face", one, two), site.model)
        gone = first.renamed.get(one.photo_hash, one.photo_hash)
        forget = site.outgoing("face", id=first.id, known=first.faces, forget=frozenset({gone}), with_fields=False)
        taken = site.centre.push(forget, site.model)
        assert taken.faces == first.faces - {gone}
        assert site.centre.push(forget, site.model).faces == taken.faces
        assert len(site.faces_at_hub("face")) == 1
        with pytest.raises(Refused) as raised:
            site.centre.push(replace(forget, forget=first.faces), site.model)
        assert raised.value.reason == "last_face"
        assert len(site.faces_at_hub("face")) == 1

    def test_a_person_can_be_removed_as_the_list_named_them(self, site: Site) -> None:
        site.enrol("by list", 1, 2)
        site.enrol("neighbour", 3)
        person = site.told("by list")
        assert person is not None
        site.centre.remove(person.id)
        assert site.faces_at_hub("by list") == []
        assert len(site.faces_at_hub("neighbour")) == 1

    def test_with_a_limit_of_none_nobody_is_told_and_the_cursor_stays(self, site: Site) -> None:
        first = site.centre.changes("", site.model, 1)
        site.enrol("unseen", 1)
        page = site.centre.changes(first.cursor, site.model, 0)
        assert (page.people, page.cursor, page.more) == ((), first.cursor, False)
