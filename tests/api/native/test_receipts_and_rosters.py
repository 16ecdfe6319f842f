"""What a device proves, and how it finds out that it has gone astray."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edged.api.directory import Fields
from edged.api.fleet import Feed, Place
from edged.domain.person import ModelRef
from edged.vault.receipt import sign
from edged.wire.roster import RosterDigest, distinct_hashes, fields_digest
from tests.api.native.hub import CHIEF, DOOR, Hub
from tests.api.painted import new_face
from tests.hub.site import BY

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def statement(key: Ed25519PrivateKey = KEY, **other: Any) -> dict[str, Any]:
    return sign({"v": 1, "kind": "edged.deletion", "device": "door", "person": str(uuid4()), **other}, key)


def hand_in(hub: Hub, *receipts: tuple[str, dict[str, Any]]) -> Any:
    body = {"receipts": [{"person": person, "statement": told} for person, told in receipts]}
    return hub.client.post("/edged/v1/devices/door/receipts", json=body, headers=DOOR)


@pytest.fixture
def deleted(hub: Hub) -> str:
    anna = hub.directory.enroll("4711", [new_face(1)], by=BY)
    hub.directory.delete_person("4711", by=BY)
    return anna.id


def test_a_signed_receipt_is_shown_in_the_account(hub: Hub, deleted: str) -> None:
    told = statement(removed={"templates": 3})
    assert [hand_in(hub, (deleted, told)).status_code for _repeated in range(2)] == [204, 204]
    (trace,) = hub.client.get(f"/edged/v1/people/{deleted}", headers=CHIEF).json()["devices"]
    assert (trace["device"], trace["state"], trace["receipt"]) == ("door", "done", told)


@pytest.mark.parametrize(
    "wrong",
    [
        {**statement(), "removed": {"templates": 9}},
        statement(device="gate"),
        statement(kind="edged.other"),
        {"kind": "edged.deletion", "device": "door"},
        statement(long="x" * 4096),
    ],
)
def test_what_is_no_receipt_of_the_device_is_refused_with_its_place(
    hub: Hub, deleted: str, wrong: dict[str, Any]
) -> None:
    answer = hand_in(hub, (deleted, statement()), (deleted, wrong))
    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "bad_receipt")
    assert answer.json()["error"]["what"].startswith("1: ")
    assert hub.fleet.receipts(deleted) == []


def test_another_key_is_refused_until_the_device_is_forgotten(hub: Hub, deleted: str) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    assert hand_in(hub, (deleted, statement())).status_code == 204
    for receipts in ([(deleted, statement(other))], [(deleted, statement()), (deleted, statement(other))]):
        answer = hand_in(hub, *receipts)
        assert (answer.status_code, answer.json()["error"]["reason"]) == (409, "other_key")
    assert hub.client.delete("/edged/v1/devices/door", headers=CHIEF).status_code == 204
    assert hand_in(hub, (deleted, statement(other))).status_code == 204


def test_nobody_hands_in_receipts_of_another_device_nor_too_many(hub: Hub, deleted: str) -> None:
    answer = hub.client.post("/edged/v1/devices/gate/receipts", json={"receipts": []}, headers=DOOR)
    assert answer.status_code == 403
    assert hand_in(hub, *[(deleted, statement())] * 101).status_code == 400
    assert hand_in(hub).status_code == 204


# rosters


def report(hub: Hub, cursor: str, roster: str = "ab" * 32, headers: Any = DOOR) -> Any:
    told = {"cursor": cursor, "roster": roster}
    return hub.client.put("/edged/v1/devices/door/report", json=told, headers=headers).json()["roster"]


def _followed(hub: Hub) -> tuple[str, str]:
    """Cursor and digest, as a device that follows the list has them."""
    page = hub.changes().json()
    digest = RosterDigest()
    for person in page["people"]:
        name = " ".join(filter(None, (person["first_name"], person["last_name"])))
        fields = fields_digest(name, person["email"], person["phone"], person["groups"])
        hashes = distinct_hashes([face["photo_hash"] for face in person["faces"]])
        digest.add(person["id"], person["customer_person_id"], fields, hashes)
    return page["cursor"], digest.value()


def test_a_device_that_has_read_all_learns_the_digest_of_whom_it_is_to_know(hub: Hub) -> None:
    hub.directory.enroll("4711", [new_face(1)] * 2, by=BY, fields=Fields("Anna", "Müller"), galleries=["staff"])
    hub.directory.enroll("4712", [new_face(2)], by=BY)
    hub.directory.enroll("", [new_face(3)], by=BY)
    hub.directory.delete_person("4712", by=BY)
    cursor, digest = _followed(hub)
    assert report(hub, cursor) == digest != "0" * 64

    hub.fleet.assign("door", ["staff"], by=BY)
    cursor, fewer = _followed(hub)
    assert report(hub, cursor) == fewer != digest
    assert report(hub, cursor, headers=CHIEF) == fewer


def test_who_is_behind_or_has_no_digest_of_its_own_learns_none(hub: Hub) -> None:
    hub.directory.enroll("4711", [new_face(1)], by=BY)
    cursor, _digest = _followed(hub)
    assert report(hub, cursor, roster="") is None
    hub.directory.enroll("4712", [new_face(2)], by=BY)
    assert [report(hub, behind) for behind in (cursor, "", "nonsense", f"{'0' * 32}.99.99")] == [None] * 4


def test_the_digest_is_computed_once_for_all(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.directory.enroll("4711", [new_face(1)], by=BY)
    cursor, digest = _followed(hub)
    assert report(hub, cursor) == digest
    limits = []
    changes = hub.fleet.changes

    def counted(_fleet: object, after: Place, model: ModelRef, limit: int, galleries: Any) -> Feed:
        limits.append(limit)
        return changes(after, model, limit, galleries)

    monkeypatch.setattr(type(hub.fleet), "changes", counted)
    assert report(hub, cursor) == digest
    assert limits == [0]
