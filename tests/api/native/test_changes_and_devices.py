"""What devices ask the centre, over its HTTP interface."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from edged.api.access import Grant, Right
from edged.api.directory import Fields
from edged.wire.feed import read_vector
from tests.api.native.hub import CHIEF, DOOR, Hub
from tests.api.painted import MODEL, new_face, portrait, vector
from tests.api.token_gate import ADMIN
from tests.hub.site import BY


def event(**fields: Any) -> dict[str, Any]:
    """An event as a device keeps it."""
    moment = "2026-06-01T12:00:00.000Z"
    return {
        "v": 1,
        "id": str(uuid4()),
        "type": "new",
        "outcome": "unknown",
        "camera": "front",
        "track": 1,
        "visit": str(uuid4()),
        "similarity": 0.1,
        "confidence": 0.0,
        "margin": 0.0,
        "threshold": 0.4,
        "frames": 3,
        "quality": None,
        "box": None,
        "model": "m",
        "index": 1,
        "config": "c",
        "best": None,
        "at": {"captured": moment, "decided": moment},
        **fields,
    }


def test_a_device_follows_the_changes(hub: Hub) -> None:
    hub.directory.enroll("4711", [new_face(1)], by=BY, fields=Fields("Anna", "Müller"), galleries=["staff"])
    first = hub.changes().json()
    (anna,) = first["people"]
    assert (anna["customer_person_id"], anna["first_name"], anna["groups"]) == ("4711", "Anna", ["staff"])
    assert np.array_equal(read_vector(anna["faces"][0]["vector"], MODEL.dimension), vector(1))

    hub.directory.delete_person("4711", by=BY)
    second = hub.changes(after=first["cursor"]).json()
    assert second["people"] == []
    assert second["gone"] == [{"id": anna["id"], "customer_person_id": "4711"}]


def test_when_nothing_has_changed_the_answer_is_short_and_the_cursor_stays(hub: Hub) -> None:
    hub.directory.enroll("4711", [new_face(1)], by=BY)
    cursor = hub.changes().json()["cursor"]
    answer = hub.changes(after=cursor)
    assert answer.json()["cursor"] == cursor
    assert len(answer.content) < 300


def test_pages_end(hub: Hub) -> None:
    for who in range(5):
        hub.directory.enroll(f"p{who}", [new_face(who + 1)], by=BY)
    cursor, keys, more = "", [], True
    while more:
        page = hub.changes(after=cursor, limit=2).json()
        cursor, more = page["cursor"], page["more"]
        keys += [person["customer_person_id"] for person in page["people"]]
    assert keys == ["p0", "p1", "p2", "p3", "p4"]


def test_who_is_deleted_is_told_before_their_place_in_the_list_comes(hub: Hub) -> None:
    people = [hub.directory.enroll(f"p{who}", [new_face(who + 1)], by=BY) for who in range(4)]
    first = hub.changes(limit=1).json()
    assert "ahead" in first
    hub.directory.delete_person("p3", by=BY)
    page = hub.changes(after=first["cursor"], limit=1).json()
    assert ([person["customer_person_id"] for person in page["people"]], page["ahead"]) == (["p1"], [people[3].id])


def test_whoever_asks_for_nothing_learns_of_deletions_and_whether_there_is_more(hub: Hub) -> None:
    anna = hub.directory.enroll("4711", [new_face(1)], by=BY)
    cursor = hub.changes().json()["cursor"]
    assert hub.changes(after=cursor, limit=0).json()["more"] is False
    hub.directory.delete_person("4711", by=BY)
    answer = hub.changes(after=cursor, limit=0).json()
    assert (answer["cursor"], answer["more"], answer["ahead"]) == (cursor, True, [anna.id])
    assert (answer["people"], answer["gone"]) == ([], [])


def test_a_cursor_of_another_life_is_told_apart(hub: Hub) -> None:
    answer = hub.changes(after=f"{'0' * 32}.5.11")
    assert (answer.status_code, answer.json()["error"]["reason"]) == (409, "other_epoch")


@pytest.mark.parametrize(
    "asked", [{"after": "x"}, {"limit": "-1"}, {"limit": "ten"}, {"model": "short"}, {"after": "a.1.2.3"}]
)
def test_what_makes_no_sense_is_refused(hub: Hub, asked: dict[str, str]) -> None:
    answer = hub.changes(**asked)
    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "bad_parameter")


def test_a_crop_comes_as_a_picture(hub: Hub) -> None:
    (face,) = hub.directory.enroll("4711", [new_face(1)], by=BY).faces
    answer = hub.client.get(f"/edged/v1/faces/{face.number}/crop/", headers=DOOR)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (
        200,
        "image/jpeg",
        new_face(1).seen.crop,
    )
    missing = hub.client.get(f"/edged/v1/faces/{face.number + 1}/crop", headers=DOOR)
    assert missing.status_code == 404


def test_a_device_knows_only_whom_it_is_to_know(hub: Hub) -> None:
    hub.directory.enroll("4711", [new_face(1)], by=BY, galleries=["staff"])
    hub.directory.enroll("4712", [new_face(2)], by=BY)
    put = hub.client.put("/edged/v1/devices/door/groups", json={"groups": ["staff"]}, headers=CHIEF)
    assert put.json()["groups"] == ["staff"]

    assert [person["customer_person_id"] for person in hub.changes().json()["people"]] == ["4711"]


def test_events_are_acknowledged_when_they_are_kept(hub: Hub) -> None:
    good, again = event(), event(extra={"kept": True})
    answer = hub.client.post("/edged/v1/events", json={"events": [good, {"id": "x"}, again]}, headers=DOOR)

    assert answer.json()["acknowledged"] == [good["id"], again["id"]]
    (refused,) = answer.json()["refused"]
    assert refused.startswith("1: ")
    kept = hub.client.get("/edged/v1/events", headers=CHIEF).json()["events"]
    assert [(item["device"], item["event"]) for item in kept] == [("door", good), ("door", again)]
    repeated = hub.client.post("/edged/v1/events", json={"events": [good]}, headers=DOOR)
    assert repeated.json()["acknowledged"] == [good["id"]]
    assert len(hub.client.get("/edged/v1/events", headers=CHIEF).json()["events"]) == 2


def test_a_device_reports_itself_and_is_listed(hub: Hub) -> None:
    report = {"edged": "0.1.0", "model": MODEL.digest, "persons": 5, "templates": 9, "roster": "ab" * 16}
    assert hub.client.put("/edged/v1/devices/door/report", json=report, headers=DOOR).status_code == 200
    (device,) = hub.client.get("/edged/v1/devices", headers=CHIEF).json()["devices"]
    assert (device["name"], device["report"]["persons"]) == ("door", 5)
    assert hub.client.get("/edged/v1/devices/door", headers=CHIEF).json()["report"]["roster"] == "ab" * 16
    assert hub.client.delete("/edged/v1/devices/door", headers=CHIEF).status_code == 204
    assert hub.client.get("/edged/v1/devices/door", headers=CHIEF).status_code == 404


def test_nobody_speaks_for_another_device(hub: Hub) -> None:
    answer = hub.client.put("/edged/v1/devices/gate/report", json={}, headers=DOOR)
    assert (answer.status_code, answer.json()["error"]["reason"]) == (403, "no_right")
    by_admin = hub.client.post("/edged/v1/events", json={"events": [event()]}, headers=CHIEF)
    assert by_admin.status_code == 403


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "changes"),
        ("GET", "faces/1/crop"),
        ("GET", "devices"),
        ("PUT", "devices/door/groups"),
        ("POST", "events"),
        ("GET", "events"),
        ("PUT", "people"),
        ("GET", "people/someone"),
        ("DELETE", "people/someone"),
        ("GET", "departures"),
        ("POST", "devices/door/receipts"),
        ("GET", "organisations"),
        ("POST", "organisations"),
        ("POST", "organisations/acme/events/gala/photos"),
    ],
)
def test_nothing_is_told_without_a_token(hub: Hub, method: str, address: str) -> None:
    for headers in ({}, {"authorization": "Bearer nonsense"}, {"authorization": f"Token {ADMIN}"}):
        answer = hub.client.request(method, f"/edged/v1/{address}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_device_s_token_reads_no_events_and_changes_nothing(hub: Hub) -> None:
    assert hub.client.get("/edged/v1/events", headers=DOOR).status_code == 403
    assert hub.client.put("/edged/v1/devices/door/groups", json={"groups": None}, headers=DOOR).status_code == 403


def test_whoever_asks_too_often_is_told_when_to_come_again(hub: Hub) -> None:
    hub.gate.wait_s = 7
    answer = hub.changes()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_bodies_that_are_too_long_or_no_json_are_refused(hub: Hub) -> None:
    long = hub.client.post("/edged/v1/events", content=b" " * (4 * 2**20 + 1), headers=DOOR)
    assert (long.status_code, long.json()["error"]["reason"]) == (413, "too_large")
    many = hub.client.post("/edged/v1/events", json={"events": [{}] * 501}, headers=DOOR)
    nonsense = hub.client.post("/edged/v1/events", content=b"{", headers=DOOR)
    assert {many.status_code, nonsense.status_code} == {400}
    assert json.loads(nonsense.content)["error"]["reason"] == "bad_body"


def test_other_addresses_and_methods_answer_in_the_same_form(hub: Hub) -> None:
    nowhere = hub.client.get("/edged/v1/nowhere", headers=DOOR)
    assert (nowhere.status_code, nowhere.json()["error"]["reason"]) == (404, "not_found")
    wrong = hub.client.post("/edged/v1/changes", headers=DOOR)
    assert (wrong.status_code, wrong.json()["error"]["reason"]) == (405, "method_not_allowed")


def test_photographs_come_into_an_event(hub: Hub) -> None:
    made = hub.client.post("/edged/v1/organisations", json={"slug": "acme", "name": "Acme"}, headers=CHIEF)
    assert made.status_code == 201
    again = hub.client.post("/edged/v1/organisations", json={"slug": "acme", "name": "Acme"}, headers=CHIEF)
    assert again.status_code == 409
    events = "/edged/v1/organisations/acme/events"
    assert hub.client.post(events, json={"slug": "gala", "name": "Gala"}, headers=CHIEF).status_code == 201

    added = hub.client.post(f"{events}/gala/photos", files={"file": ("a.png", portrait(1))}, headers=CHIEF)
    assert (added.status_code, added.json()["width"], added.json()["height"]) == (201, 320, 240)
    same = hub.client.post(f"{events}/gala/photos", files={"file": ("b.png", portrait(1))}, headers=CHIEF)
    assert same.json()["id"] == added.json()["id"]
    assert hub.client.get(f"{events}/gala/photos", headers=CHIEF).json()["total"] == 1
    assert hub.client.get(f"{events}/gala", headers=CHIEF).json()["photos"] == 1

    assert hub.client.delete(f"{events}/gala/photos/{added.json()['id']}", headers=CHIEF).status_code == 204
    assert hub.client.delete(f"{events}/gala/photos/{added.json()['id']}", headers=CHIEF).status_code == 404
    broken = hub.client.post(f"{events}/gala/photos", files={"file": ("a.png", b"nothing")}, headers=CHIEF)
    assert broken.status_code == 400
    assert hub.client.post(f"{events}/gala/photos", headers=CHIEF).json()["error"]["reason"] == "no_file"


def test_a_token_of_one_organisation_sees_no_other(hub: Hub) -> None:
    for slug in ("acme", "other"):
        hub.client.post("/edged/v1/organisations", json={"slug": slug, "name": slug}, headers=CHIEF)
    hub.gate.tokens["acme-token"] = Grant("tok-acme", "acme", frozenset({Right.READ}), organisation="acme")
    headers = {"authorization": "Bearer acme-token"}

    listed = hub.client.get("/edged/v1/organisations", headers=headers).json()["organisations"]
    assert [item["slug"] for item in listed] == ["acme"]
    assert hub.client.get("/edged/v1/organisations/other/events", headers=headers).status_code == 403
    assert hub.client.get("/edged/v1/organisations/acme/events", headers=headers).json()["total"] == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_an_event_with_a_number_that_is_none_keeps_no_other_from_being_kept(hub: Hub, number: str) -> None:
    good, bad = event(), event(extra=0)
    body = json.dumps({"events": [bad, good]}).replace('"extra": 0', f'"extra": {number}')
    answer = hub.client.post("/edged/v1/events", content=body.encode(), headers=DOOR)
    assert (answer.status_code, answer.json()["acknowledged"]) == (200, [good["id"]])
    (refused,) = answer.json()["refused"]
    assert refused.startswith("0: ")


@pytest.mark.parametrize("own_id", ["", "a" * 65, "a\0b", "a b", "ä"])
def test_an_event_whose_id_not_every_store_can_hold_is_refused(hub: Hub, own_id: str) -> None:
    answer = hub.client.post("/edged/v1/events", json={"events": [event(id=own_id)]}, headers=DOOR)
    assert (answer.status_code, answer.json()["acknowledged"], len(answer.json()["refused"])) == (200, [], 1)
