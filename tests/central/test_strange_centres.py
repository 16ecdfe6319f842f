"""The dialects against servers that are not ours: what they may send, and what must never come of it."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edged.central.findface import Findface
from edged.central.hub import Hub
from edged.central.line import Line
from edged.central.miicloud import Miicloud
from edged.central.port import OtherLife, Outgoing, OutgoingFace, RemotePerson
from edged.domain.errors import Refused, Unavailable
from edged.domain.person import ModelRef
from edged.wire.feed import written
from tests.central.stand import Answer, Stand, answer, stand

MODEL = ModelRef("m", "a" * 64, 4)
NONE: frozenset[str] = frozenset()


def spoken(document: Any, status: str = "200 OK") -> bytes:
    return answer(json.dumps(document).encode(), status)


@contextmanager
def line_to(*answers: Answer, base: str = "") -> Iterator[tuple[Line, Stand]]:
    with stand(*answers, tls=None) as site:
        url = f"http://127.0.0.1:{site.port}{base}"
        line = Line(url, "KEY", "Token", now=time.monotonic, sleep=time.sleep)
        try:
            yield line, site
        finally:
            line.close()


def targets(site: Stand) -> list[str]:
    return [" ".join(head.split()[:2]) for head in site.heads]


def listed(number: int, meta: str = "ada", **more: Any) -> dict[str, Any]:
    document = {"id": number, "photo_hash": f"{number:032x}", "x1": 1, "y1": 2, "x2": 30, "y2": 40, "meta": meta}
    return {**document, "photo": f"/photos/{number}.jpg", "thumbnail": "", "galleries": ["default"], **more}


def page(*faces: Mapping[str, Any], following: str | None = None) -> bytes:
    return spoken({"results": [*faces], "next_page": following, "prev_page": None})


def outgoing(*faces: OutgoingFace, **more: Any) -> Outgoing:
    fields = {"id": "", "key": "ada", "first_name": "Ada", "last_name": "", "email": "", "phone": "", "groups": ("g",)}
    rest = {"with_fields": True, "add": faces, "forget": NONE, "known": NONE}
    return Outgoing(request=str(uuid.uuid4()), **{**fields, **rest, **more})


def face(crop: bytes | None = b"\xff\xd8crop", name: str = "1") -> OutgoingFace:
    return OutgoingFace(name * 64, 0.5, (0, 0, 1, 1), np.array([1, 0, 0, 0], np.float32), crop)


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


# FindFace


def told(centre: Findface, cursor: str = "", limit: int = 500) -> tuple[list[RemotePerson], str, bool]:
    """Everybody after a cursor, the cursor after them, and whether a whole list began."""
    people: list[RemotePerson] = []
    began = False
    while True:
        found = centre.changes(cursor, MODEL, limit)
        people, began = ([], True) if found.begins else (people, began)
        people += found.people
        cursor = found.cursor
        if not found.more:
            return people, cursor, began


def test_of_the_address_of_the_next_page_the_host_and_the_path_do_not_matter() -> None:
    following = "https://evil.example/v1/elsewhere?max_id=5&extra=1"
    with line_to(page(listed(9), listed(5), following=following), page(listed(3)), base="/api") as (line, site):
        people, _cursor, _began = told(Findface(line, Clock()))
        assert [len(person.faces) for person in people] == [3]
        assert targets(site) == ["GET /api/v1/faces", "GET /api/v1/faces?max_id=5&extra=1"]


@pytest.mark.parametrize(
    "second",
    [page(listed(9), following="?a=1"), page(listed(5)), page(listed(6)), page(listed(2), listed(3)), page(listed(0))],
    ids=["the same again", "one twice", "not older", "not in order", "no number"],
)
def test_a_list_that_does_not_go_down_is_not_believed(second: bytes) -> None:
    with line_to(page(listed(9), listed(5), following="?max_id=5"), second) as (line, _site):
        centre = Findface(line, Clock())
        with pytest.raises(Unavailable, match="does not answer as a centre should"):
            centre.changes("", MODEL, 10)


def test_half_a_list_removes_nobody() -> None:
    broken = page(listed(3))[:-40]

    def cut(connection: Any) -> None:
        connection.sendall(broken)

    with line_to(page(listed(9), following="?max_id=9"), cut) as (line, _site), pytest.raises(Unavailable):
        Findface(line, Clock()).changes("", MODEL, 10)


def test_more_faces_than_a_device_follows_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edged.central.findface.MOST_FACES", 3)
    with line_to(page(listed(9), listed(8), following="?max_id=8"), page(listed(7), listed(6))) as (line, _site):
        with pytest.raises(Refused, match="more than 3 faces") as raised:
            Findface(line, Clock()).changes("", MODEL, 10)
        assert raised.value.reason == "too_many_faces"


def test_a_list_that_has_changed_while_it_was_given_out_begins_anew() -> None:
    before = [listed(number, f"p{number}") for number in (9, 8, 7)]
    after = [listed(number, f"p{number}") for number in (10, 9, 7)]
    with line_to(page(*before), page(*after)) as (line, _site):
        first = Findface(line, Clock()).changes("", MODEL, 1)
        assert first.begins
        people, _cursor, began = told(Findface(line, Clock()), first.cursor, 2)  # after a restart
        assert began
        assert [person.key for person in people] == ["p10", "p7", "p9"]


def test_while_a_list_is_given_out_it_is_read_once() -> None:
    with line_to(page(*(listed(number, f"p{number}") for number in (9, 8, 7)))) as (line, site):
        told(Findface(line, Clock()), limit=1)
        assert len(site.requests) == 1


def test_a_deletion_among_old_faces_is_noticed_within_five_minutes() -> None:
    clock = Clock()
    first, second = page(listed(9, "new"), following="?max_id=9"), page(listed(3, "old"))
    with line_to(first, second, first, first, page()) as (line, site):
        centre = Findface(line, clock)
        people, cursor, _began = told(centre)
        assert len(people) == 2
        clock.at += 299
        assert told(centre, cursor) == ([], cursor, False)
        assert len(site.requests) == 3
        clock.at += 1
        people, cursor, began = told(centre, cursor)
        assert began
        assert [person.key for person in people] == ["new"]


def test_addresses_of_photographs_that_change_do_not_change_the_list() -> None:
    with line_to(page(listed(9, photo="/a?sig=1")), page(listed(9, photo="/a?sig=2"))) as (line, _site):
        _people, cursor, _began = told(Findface(line, Clock()))
        assert told(Findface(line, Clock()), cursor) == ([], cursor, False)


def test_a_photograph_comes_with_the_box_of_its_face() -> None:
    with line_to(page(listed(9)), answer(b"jpeg")) as (line, site):
        centre = Findface(line, Clock())
        (person,), _cursor, _began = told(centre)
        picture = centre.picture(person.faces[0])
        assert (picture.jpeg, picture.box, picture.is_keepsake) == (b"jpeg", (1, 2, 30, 40), False)
        assert targets(site)[1] == "GET /photos/9.jpg"


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        ("https://elsewhere.example/9.jpg", "foreign_address"),
        ("", "no_picture"),
        ("file:///etc/shadow", "foreign_address"),
    ],
)
def test_a_photograph_elsewhere_is_not_fetched(photo: str, reason: str) -> None:
    with line_to(page(listed(9, photo=photo))) as (line, site):
        centre = Findface(line, Clock())
        (person,), _cursor, _began = told(centre)
        with pytest.raises(Refused) as raised:
            centre.picture(person.faces[0])
        assert raised.value.reason == reason
        assert len(site.requests) == 1


def test_a_person_in_the_way_of_addresses_is_left_out_and_others_are_told() -> None:
    with line_to(page(listed(9, ".."), listed(8, "."), listed(7))) as (line, _site):
        assert [person.key for person in told(Findface(line, Clock()))[0]] == ["ada"]


def test_only_faces_of_the_key_itself_are_deleted_whatever_the_server_lists() -> None:
    with line_to(page(listed(9), listed(8, "bob"), listed(7)), answer(b"", "204 No Content")) as (line, site):
        Findface(line, Clock()).remove("meta:ada")
        assert targets(site)[1:] == ["DELETE /v1/face/id/9", "DELETE /v1/face/id/7"]


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_face_that_was_made_before_is_known_by_either_hash(algorithm: str) -> None:
    crop = b"\xff\xd8crop"
    photo_hash = hashlib.new(algorithm, crop).hexdigest()
    with line_to(page(listed(9, photo_hash=photo_hash, galleries=["default", "g"]))) as (line, site):
        taken = Findface(line, Clock()).push(outgoing(face(crop)), MODEL)
        assert set(taken.renamed) == {face().photo_hash}
        assert targets(site) == ["GET /v1/faces/meta/ada"]


def test_a_person_who_is_not_the_tokens_to_change_does_not_stop_the_others() -> None:
    no = spoken({"code": "AUTH_FAILED", "reason": "not this one"}, "403 Forbidden")
    with line_to(page(), no) as (line, _site), pytest.raises(Refused) as raised:
        Findface(line, Clock()).push(outgoing(face()), MODEL)
    assert raised.value.reason == "out_of_sight"


def test_somebody_of_whom_nothing_was_taken_is_not_there() -> None:
    no = spoken({"code": "NO_FACES", "reason": "No faces found on photo", "param": "photo"}, "400 Bad Request")
    with line_to(page(), no) as (line, _site), pytest.raises(Refused) as raised:
        Findface(line, Clock()).push(outgoing(face(), face(None, "2")), MODEL)
    assert (raised.value.reason, raised.value.what) == ("no_face_taken", "no_faces, no_crop")


# miiCloud


def person(**more: Any) -> dict[str, Any]:
    who = {"miicloud_person_id": "77", "customer_person_id": "ada", "first_name": "Ada", "last_name": ""}
    return {**who, "email": "", "phone": "", "images": [], **more}


FAILED = {"status": "fail", "detail": "There is no person ada"}


def test_nobody_is_gone_who_was_not_said_to_be() -> None:
    with line_to(spoken(FAILED, "404 Not Found"), spoken(FAILED), spoken(person())) as (line, _site):
        found = Miicloud(line).refresh(dict.fromkeys(("77/first", "77/second", "77/ada"), NONE))
        assert found.gone == ("77/first",)
        assert [remote.id for remote in found.people] == ["77/ada"]


def test_who_is_not_there_cannot_be_removed_and_that_is_no_error() -> None:
    with line_to(spoken(FAILED, "404 Not Found")) as (line, site):
        Miicloud(line).remove("77/ada")
        assert targets(site) == ["GET /miicloud/person/ada"]


def test_a_photograph_that_is_refused_with_a_good_status_is_refused() -> None:
    with line_to(spoken(FAILED)) as (line, _site), pytest.raises(Refused) as raised:
        Miicloud(line).push(outgoing(face()), MODEL)
    assert (raised.value.reason, raised.value.what) == ("no_face_taken", "failed")


def test_a_server_that_shows_somebody_else_deletes_nobody() -> None:
    with line_to(spoken(person(customer_person_id="bob"))) as (line, site):
        centre = Miicloud(line)
        for act in (lambda: centre.remove("77/ada"), lambda: centre.refresh({"77/ada": NONE})):
            with pytest.raises(Unavailable):
                act()
        assert {target.split()[0] for target in targets(site)} == {"GET"}


def test_an_image_is_known_by_the_name_of_its_file() -> None:
    image = {"image": f"https://media.example/enroll/{face().photo_hash}_a1B2c3D.jpg", "created": "x"}
    with line_to(spoken(person(images=[image]))) as (line, site):
        taken = Miicloud(line).push(outgoing(face()), MODEL)
        assert taken.faces == {face().photo_hash}
        assert len(site.requests) == 1


@pytest.mark.parametrize(
    ("faces", "match"),
    [
        ([], None),
        ([{"match_status": "unknown", "match_confidence": 0, "customer_person_id": ""}], None),
        ([{"match_status": "known", "match_confidence": 0.9, "customer_person_id": ""}], None),
        ([{"match_status": "known", "match_confidence": 0.9, "customer_person_id": "ada"}], ("ada", 0.9)),
    ],
)
def test_only_somebody_with_a_key_is_a_match(faces: list[Any], match: tuple[str, float] | None) -> None:
    with line_to(spoken({"faces": faces})) as (line, _site):
        found = Miicloud(line).match(b"jpeg")
        assert (found and (found.key, found.confidence)) == match


def test_a_confidence_that_is_none_is_not_believed() -> None:
    odd = {"faces": [{"match_status": "known", "match_confidence": 7, "customer_person_id": "ada"}]}
    with line_to(spoken(odd)) as (line, _site), pytest.raises(Unavailable):
        Miicloud(line).match(b"jpeg")


# the hub's


def changes(*people: Mapping[str, Any], **more: Any) -> bytes:
    document = {"v": 1, "cursor": "e.5.1", "revision": 5, "more": False, "gone": [], "people": [*people]}
    return spoken({**document, **more})


def fed(*faces: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict.fromkeys(("customer_person_id", "first_name", "last_name", "email", "phone"), "")
    return {"id": "c1", **fields, "groups": [], "faces": [*faces]}


def fed_face(**more: Any) -> dict[str, Any]:
    created = "2026-01-01T00:00:00Z"
    return {"number": 3, "photo_hash": "ab" * 32, "created": created, "quality": 0.5, "vector": None, **more}


@pytest.mark.parametrize(
    "vector",
    [
        "AAAA",
        "no base64",
        written(np.zeros(4, np.float32)),
        written(np.full(4, np.nan, np.float32)),
        written(np.array([2, 0, 0, 0], np.float32)),
        written(np.array([1, 0, 0, 0, 0], np.float32)),
    ],
)
def test_a_vector_that_is_none_is_made_from_the_picture(vector: str) -> None:
    with line_to(changes(fed(fed_face(vector=vector)))) as (line, _site):
        (remote,) = Hub(line, "door").changes("", MODEL, 10).people
        assert remote.faces[0].vector is None


def test_a_vector_comes_as_it_was_written() -> None:
    vector = np.array([0.6, 0, 0, 0.8], np.float32)
    with line_to(changes(fed(fed_face(vector=written(vector))))) as (line, _site):
        (remote,) = Hub(line, "door").changes("", MODEL, 10).people
        assert remote.faces[0].vector is not None
        assert np.array_equal(remote.faces[0].vector, vector)
        assert remote.faces[0].vector.dtype == np.float32


@pytest.mark.parametrize(
    "given",
    [
        changes(fed(fed_face(photo_hash="../../etc"))),
        changes(fed(fed_face(quality="high"))),
        changes(v=2),
        changes(cursor="", more=True),
        changes(cursor="e.1.1", more=True),
        changes(ahead=["x" * 65] * 20_001),
    ],
)
def test_an_answer_that_makes_no_sense_is_not_taken_over_in_part(given: bytes) -> None:
    with line_to(given) as (line, _site), pytest.raises(Unavailable):
        Hub(line, "door").changes("e.1.1", MODEL, 10)


def test_a_hub_behind_the_devices_cursor_was_put_back_without_saying_so() -> None:
    with line_to(changes()) as (line, _site), pytest.raises(OtherLife):
        Hub(line, "door").changes("e.6.1", MODEL, 10)


def test_whoever_is_out_of_sight_at_the_hub_is_not_the_devices_to_delete() -> None:
    no = {"error": {"reason": "out_of_sight", "what": "for some groups only", "remedy": ""}}
    with line_to(spoken(no, "403 Forbidden")) as (line, _site):
        centre = Hub(line, "door")
        centre.remove("c1")
        with pytest.raises(Refused) as raised:
            centre.push(outgoing(face()), MODEL)
        assert raised.value.reason == "out_of_sight"


def test_a_person_with_more_faces_than_a_hub_takes_is_pushed_with_those_it_does() -> None:
    names = [f"{number:064x}" for number in range(70)]
    faces = [OutgoingFace(name, 0.5, (0, 0, 1, 1), face().vector, b"\xff\xd8" * 70_000) for name in names]
    faces[:2] = [replace(item, crop=b"\xff\xd8" * 60_000) for item in faces[:2]]
    pushed = {"v": 1, "person": fed(*(fed_face(photo_hash=name) for name in names[:64])), "refused": []}
    with line_to(spoken(pushed)) as (line, site):
        taken = Hub(line, "door").push(outgoing(*faces, forget=frozenset({"f" * 64})), MODEL)
        assert set(taken.refused) == set(names[64:])
        sent = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in site.requests]
    assert [item["photo_hash"] for document in sent for item in document["faces"]] == names[:64]
    crops = [item["crop"] is not None for document in sent for item in document["faces"]]
    assert crops == [True] * 2 + [False] * 62, "too large a crop stays here"
    assert len(sent) > 1
    assert [len(document["forget"]) for document in sent] == [0] * (len(sent) - 1) + [1], "not before the others came"
    assert [document["fields"] is not None for document in sent] == [True] + [False] * (len(sent) - 1)


def test_the_authority_is_not_asked_for_what_is_not_encrypted(tmp_path: Path) -> None:
    line = Line("http://127.0.0.1:1", "KEY", "Token", ca_file=tmp_path / "x", now=time.monotonic, sleep=time.sleep)
    line.close()
