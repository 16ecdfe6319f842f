"""What a device pushes over HTTP: people enrolled and changed, and deletions."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from edged.api.access import Cost, Grant, Right
from edged.api.directory import Choose, KnownPerson, Looked
from edged.domain.rect import Rect
from edged.wire.feed import read_vector, written
from tests.api.native.hub import CHIEF, Hub
from tests.api.painted import MODEL, PaintedEyes, new_face, paint, seen, vector
from tests.hub.site import BY

_RIGHTS = frozenset({Right.DEVICE, Right.ENROLL})
GATE = {"authorization": "Bearer gate-token"}
"""A device that may enrol."""
STAFF = {"authorization": "Bearer staff-token"}
"""A token that is bound to a gallery."""


@pytest.fixture(autouse=True)
def tokens(hub: Hub) -> None:
    hub.gate.tokens["gate-token"] = Grant("tok-gate", "gate", _RIGHTS, device="gate")
    hub.gate.tokens["staff-token"] = Grant("tok-staff", "staff", _RIGHTS, gallery="staff")


def face(who: int, day: int = 0, **other: Any) -> dict[str, Any]:
    """As a device pushes it."""
    return {
        "photo_hash": hashlib.sha256(b"%d %d" % (who, day)).hexdigest(),
        "quality": 0.7,
        "model": MODEL.digest,
        "vector": written(vector(who, day)),
        "crop": crop(who, day),
        **other,
    }


def crop(who: int, day: int = 0) -> str:
    return base64.b64encode(_jpeg(who, day)).decode()


def _jpeg(who: int, day: int) -> bytes:
    jpeg = paint((who, day, new_face(1).seen.box), suffix=".jpg")
    _SHOWN[jpeg] = (who, day)
    return jpeg


_SHOWN: dict[bytes, tuple[int, int]] = {}
"""Who is on a crop: its colours have suffered from JPEG."""


@pytest.fixture(autouse=True)
def eyes_for_crops(monkeypatch: pytest.MonkeyPatch) -> None:
    look = PaintedEyes.look

    def seeing(self: PaintedEyes, photo: bytes, choose: Choose) -> Looked:
        if photo not in _SHOWN:
            return look(self, photo, choose)
        boxes = (new_face(1).seen.box,)
        return Looked(320, 240, boxes, tuple(seen(*_SHOWN[photo], boxes[at]) for at in choose(boxes)))

    monkeypatch.setattr(PaintedEyes, "look", seeing)


def push(hub: Hub, *faces: dict[str, Any], headers: Any = GATE, status: int = 200, **more: Any) -> Any:
    body = {"request": str(uuid4()), "faces": faces, **more}
    answer = hub.client.put("/edged/v1/people", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json() if status == 200 else answer.json()["error"]["reason"]


def known(hub: Hub, key: str) -> KnownPerson:
    person = hub.directory.person(key)
    assert person is not None
    return person


def test_whom_a_device_enrols_every_other_gets(hub: Hub) -> None:
    fields = {"first_name": "Anna", "last_name": "Müller"}
    made = push(hub, face(1), customer_person_id="4711", fields=fields, groups=["staff"])
    (told,) = hub.changes().json()["people"]

    assert made["refused"] == []
    assert (told["id"], told["first_name"], told["groups"]) == (made["person"]["id"], "Anna", ["staff"])
    (sent,) = told["faces"]
    assert (sent["photo_hash"], sent["vector"]) == (face(1)["photo_hash"], face(1)["vector"])
    assert made["person"] == {**told, "faces": [{**sent, "vector": None}]}
    assert sent["quality"] == 0.7
    fetched = hub.client.get(f"/edged/v1/faces/{sent['number']}/crop", headers=GATE)
    assert fetched.content == _jpeg(1, 0)


def test_to_send_it_again_changes_nothing(hub: Hub) -> None:
    request = str(uuid4())
    body = {"request": request, "faces": [face(1)], "fields": {"first_name": "Anna"}}
    first, again = (hub.client.put("/edged/v1/people", json=body, headers=GATE).json() for _repeated in range(2))
    assert first == again
    assert len(hub.changes().json()["people"]) == 1
    assert [entry.act for entry in hub.database.audit()] == ["push"]
    assert request in hub.database.audit()[0].about


def test_who_was_deleted_here_is_not_brought_back(hub: Hub) -> None:
    made = push(hub, face(1), customer_person_id="4711")
    hub.directory.delete_person("4711", by=BY)
    reason = push(hub, face(1), id=made["person"]["id"], customer_person_id="4711", status=404)
    assert (reason, hub.directory.person("4711")) == ("not_found", None)


def test_a_face_without_a_crop_is_a_face_without_one(hub: Hub) -> None:
    (made,) = push(hub, face(1, crop=None))["person"]["faces"]
    assert hub.client.get(f"/edged/v1/faces/{made['number']}/crop", headers=GATE).status_code == 404


def test_of_a_face_of_another_model_the_crop_is_looked_at(hub: Hub) -> None:
    other: dict[str, Any] = {"model": "7" * 64, "vector": "AAAA"}
    white = base64.b64encode(paint((255, 255, Rect(0, 0, 320, 240)), suffix=".jpg")).decode()  # as JPEG keeps it
    done = push(hub, face(1, crop=white, **other), face(1, 1, crop=None, **other), customer_person_id="4711")
    assert hub.eyes.looks == 1
    assert hub.gate.counted == [("tok-gate", Cost.READING), ("tok-gate", Cost.LOOKING)]
    assert [(item["photo_hash"], item["reason"]) for item in done["refused"]] == [
        (face(1, 1)["photo_hash"], "bad_vector")
    ]
    ((sent,),) = [person["faces"] for person in hub.changes().json()["people"]]
    assert read_vector(sent["vector"], MODEL.dimension) @ vector(255, 255) > 0.99


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"vector": "AAAA"}, "bad_vector"),
        ({"vector": written(np.full(MODEL.dimension, np.nan, np.float32))}, "bad_vector"),
        ({"vector": written(np.zeros(MODEL.dimension, np.float32))}, "bad_vector"),
        ({"vector": written(np.full(MODEL.dimension, 3e38, np.float32))}, "bad_vector"),
        ({"model": "7" * 64, "crop": base64.b64encode(paint(suffix=".jpg")).decode()}, "bad_vector"),
        ({"crop": base64.b64encode(b"no picture").decode()}, "not_an_image"),
        ({"crop": "???"}, "not_an_image"),
    ],
)
def test_a_face_that_is_none_is_refused_and_the_others_taken(hub: Hub, other: dict[str, Any], reason: str) -> None:
    done = push(hub, face(1), face(1, 1, **other), customer_person_id="4711")
    assert [(item["photo_hash"], item["reason"]) for item in done["refused"]] == [(face(1, 1)["photo_hash"], reason)]
    assert len(known(hub, "4711").faces) == 1
    assert push(hub, face(2, **other), customer_person_id="4712", status=400) == reason
    assert hub.directory.person("4712") is None


def test_nobody_becomes_somebody_else_at_a_stolen_device(hub: Hub) -> None:
    push(hub, face(1), customer_person_id="director")
    mean = -vector(1) + 0.2 * vector(2)
    stranger = written((mean / np.linalg.norm(mean)).astype(np.float32))
    thief = vector(2) + 0.2 * vector(1)
    both = written((thief / np.linalg.norm(thief)).astype(np.float32))
    done = push(
        hub,
        face(2, vector=stranger),
        face(2, 1),
        face(2, 2, vector=both, crop=None),
        face(2, 3, vector=written(vector(1, 7))),
        face(1, 1),
        customer_person_id="director",
    )
    reasons = ["bad_vector", "unlike", "bad_vector", "bad_vector"]
    assert [item["reason"] for item in done["refused"]] == reasons, "the crop is what counts"
    assert len(known(hub, "director").faces) == 2
    assert [entry.act for entry in hub.database.audit()] == ["refuse_faces", "push", "push"]


def test_a_face_is_not_the_last_one_that_is_forgotten(hub: Hub) -> None:
    made = push(hub, face(1), face(1, 1), customer_person_id="4711")["person"]
    one, two = (item["photo_hash"] for item in made["faces"])
    assert [item["photo_hash"] for item in push(hub, id=made["id"], forget=[one])["person"]["faces"]] == [two]
    assert push(hub, id=made["id"], forget=[two], status=400) == "last_face"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"request": "no-uuid"},
        {"faces": [{"photo_hash": "short"}]},
        {"faces": [face(1, crop="A" * (180 * 1024))]},
        {"faces": [face(1, day) for day in range(65)]},
        {"groups": [""]},
        {"customer_person_id": "k" * 257},
    ],
)
def test_a_push_that_makes_no_sense_is_refused(hub: Hub, body: dict[str, Any]) -> None:
    told = body if "request" in body or not body else {"request": str(uuid4()), **body}
    answer = hub.client.put("/edged/v1/people", json=told, headers=GATE)
    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "bad_body")


# who may touch some people only


def test_a_device_of_some_groups_touches_nobody_outside(hub: Hub) -> None:
    hub.fleet.assign("gate", ["staff", "guests"], by=BY)
    director = hub.directory.enroll("director", [new_face(1)], by=BY, galleries=["board"])
    before = hub.directory.person("director")

    assert push(hub, face(1, 1), customer_person_id="director", status=403) == "out_of_sight"
    for somebody in (director.id, str(uuid4())):
        assert push(hub, face(1, 1), id=somebody, status=404) == "not_found"
    assert hub.directory.person("director") == before
    assert push(hub, face(2), groups=["board"])["person"]["groups"] == ["guests"]
    assert push(hub, customer_person_id="nobody", status=400) == "no_face"


def test_a_token_of_a_gallery_enrols_into_it_only(hub: Hub) -> None:
    made = push(hub, face(1), groups=["board", "staff"], headers=STAFF)["person"]
    assert made["groups"] == ["staff"]
    hub.fleet.assign("gate", ["guests"], by=BY)
    hub.gate.tokens["gate-token"] = Grant("tok-gate", "gate", _RIGHTS, device="gate", gallery="staff")
    assert push(hub, face(2), status=403) == "no_right"


def delete(hub: Hub, person: str, headers: Any = GATE) -> int:
    return hub.client.delete(f"/edged/v1/people/{person}", headers=headers).status_code


def test_a_deletion_may_be_repeated(hub: Hub) -> None:
    made = push(hub, face(1), customer_person_id="4711")["person"]
    assert [delete(hub, made["id"]) for _repeated in range(2)] == [204, 204]
    assert delete(hub, str(uuid4())) == 204
    assert hub.directory.person("4711") is None
    assert [(entry.by, entry.act) for entry in hub.database.audit()] == [
        ("tok-gate", "delete_person"),
        ("tok-gate", "push"),
    ]


def test_who_may_not_delete_somebody_does_not_learn_whether_they_exist(hub: Hub) -> None:
    director = hub.directory.enroll("director", [new_face(1)], by=BY, galleries=["board"])
    staff = hub.directory.enroll("4711", [new_face(2)], by=BY, galleries=["staff"])
    answers = [hub.client.delete(f"/edged/v1/people/{person}", headers=STAFF) for person in (director.id, str(uuid4()))]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].content == answers[1].content
    assert hub.directory.person("director") is not None
    assert [delete(hub, staff.id, STAFF) for _repeated in range(2)] == [204, 204]
    assert hub.directory.person("4711") is None


# the account


def account(hub: Hub, person: str) -> dict[str, Any]:
    answer = hub.client.get(f"/edged/v1/people/{person}", headers=CHIEF)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return {**told, "devices": {one["device"]: (one["state"], one["what"]) for one in told["devices"]}}


def report(hub: Hub, device: str, **told: Any) -> dict[str, Any]:
    answer = hub.client.put(f"/edged/v1/devices/{device}/report", json=told, headers=CHIEF)
    assert answer.status_code == 200
    item: dict[str, Any] = answer.json()
    return item


def test_the_account_says_on_which_devices_somebody_is_live(hub: Hub) -> None:
    before = hub.changes().json()["cursor"]
    anna = hub.directory.enroll("4711", [new_face(1)], by=BY, galleries=["staff"])
    cursor = hub.changes().json()["cursor"]
    for device, told in {
        "door": {"cursor": cursor},
        "gate": {"cursor": before},
        "hall": {"cursor": cursor, "refused": [{"id": anna.id, "what": "no face in it"}]},
        "lift": {"cursor": f"{'0' * 32}.9999.9"},
        "vault": {"cursor": cursor},
    }.items():
        report(hub, device, **told)
    hub.fleet.assign("vault", ["board"], by=BY)
    hub.fleet.assign("roof", ["staff"], by=BY)

    told = account(hub, anna.id)
    assert (told["customer_person_id"], told["deleted"]) == ("4711", False)
    assert told["devices"] == {
        "door": ("done", ""),
        "gate": ("behind", ""),
        "hall": ("refused", "no face in it"),
        "lift": ("behind", ""),
        "roof": ("behind", ""),
    }
    assert hub.client.get(f"/edged/v1/people/{uuid4()}", headers=CHIEF).status_code == 404


def test_the_account_and_the_list_of_the_deleted_say_who_is_missing(hub: Hub) -> None:
    anna = hub.directory.enroll("4711", [new_face(1)], by=BY)
    before = hub.changes().json()["cursor"]
    hub.directory.delete_person("4711", by=BY)
    cursor = hub.changes().json()["cursor"]
    report(hub, "gate", cursor=before)
    report(hub, "hall", cursor=cursor, pending=[anna.id])
    report(hub, "lift", cursor=cursor)
    hub.fleet.keep_receipts("door", "aa", [(anna.id, '{"kind": "edged.deletion"}')])

    told = account(hub, anna.id)
    assert (told["customer_person_id"], told["deleted"]) == ("", True)
    states = {device: state for device, (state, _what) in told["devices"].items()}
    assert states == {"door": "done", "gate": "behind", "hall": "held", "lift": "told"}
    listed = hub.client.get("/edged/v1/departures", headers=CHIEF).json()
    (item,) = listed["departures"]
    assert (item["id"], item["receipts"], item["told"], item["behind"], item["missing"]) == (
        *(anna.id, 1, 1, 2),
        ["gate", "hall"],
    )
    assert item["deleted"].endswith("Z")


def test_a_receipt_from_before_a_deletion_counts_when_the_device_has_read_of_it(hub: Hub) -> None:
    anna = hub.directory.enroll("4711", [new_face(1)], by=BY)
    before = hub.changes().json()["cursor"]
    hub.fleet.keep_receipts("door", "aa", [(anna.id, "{}")])
    hub.directory.delete_person("4711", by=BY)
    report(hub, "door", cursor=before)
    assert account(hub, anna.id)["devices"]["door"][0] == "behind"
    report(hub, "door", cursor=hub.changes().json()["cursor"])
    assert account(hub, anna.id)["devices"]["door"][0] == "done"


def test_the_deleted_come_in_pages(hub: Hub) -> None:
    for who in range(3):
        hub.directory.enroll(f"p{who}", [new_face(who + 1)], by=BY)
        hub.directory.delete_person(f"p{who}", by=BY)
    first = hub.client.get("/edged/v1/departures?limit=2", headers=CHIEF).json()
    after = first["departures"][-1]["number"]
    last = hub.client.get(f"/edged/v1/departures?limit=2&after={after}", headers=CHIEF).json()
    numbers = [item["number"] for page in (first, last) for item in page["departures"]]
    assert (numbers, first["more"], last["more"]) == (sorted(numbers, reverse=True), True, False)
    assert len(numbers) == 3


def test_accounts_are_for_nobody_who_is_for_a_part(hub: Hub) -> None:
    hub.gate.tokens["reader"] = Grant("tok-r", "r", frozenset({Right.READ}), gallery="staff")
    hub.gate.tokens["device"] = Grant("tok-d", "d", frozenset({Right.READ}), device="door")
    for token in ("reader", "device"):
        for address in (f"people/{uuid4()}", "departures"):
            answer = hub.client.get(f"/edged/v1/{address}", headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == 403
