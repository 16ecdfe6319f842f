"""Tokens that are bound to a part: what is not theirs is closed to them in every dialect, whatever their rights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edged.api.access import Grant, Right
from edged.api.openapi import operations
from edged.photos.album import EventPlan, Features
from tests.api.caller import Caller
from tests.api.painted import MODEL, new_face, portrait
from tests.api.test_description import token_for
from tests.api.token_gate import ADMIN
from tests.api.whole_centre import WholeCentre, whole_centre
from tests.hub.site import BY

ALL = frozenset({*Right})
SEGMENTS = {
    "organisation": "acme",
    "event": "gala",
    "id": "1",
    "meta": "4711",
    "name": "door",
    "gallery": "staff",
    "number": "1",
    "token": "tok",
    "person": "0198c0de-0000-7000-8000-000000000001",
    "photo": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "kind": "preview",
    "request_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
}
OPERATIONS = [
    (method.upper(), address.format(**SEGMENTS)) for address, method, own in operations() if own.get("security") != []
]
OF_PEOPLE = [one for one in OPERATIONS if not one[1].startswith(("/api/v1/ext", "/edged/v1"))]
OF_PHOTOGRAPHS = [one for one in OPERATIONS if one[1].startswith(("/api/v1/ext", "/edged/v1/organisations"))]
OF_EVERYTHING = [
    ("GET", "/edged/v1/devices"),
    ("GET", "/edged/v1/devices/door"),
    ("DELETE", "/edged/v1/devices/door"),
    ("PUT", "/edged/v1/devices/door/groups"),
    ("PUT", "/edged/v1/devices/door/report"),
    ("GET", "/edged/v1/events"),
    ("POST", "/edged/v1/organisations"),
    ("GET", f"/edged/v1/people/{SEGMENTS['person']}"),
    ("GET", "/edged/v1/departures"),
    ("POST", "/edged/v1/devices/door/receipts"),
    ("GET", "/edged/v1/tokens"),
    ("POST", "/edged/v1/tokens"),
]
OF_DEVICES = [
    ("GET", f"/edged/v1/changes?model={MODEL.digest}"),
    ("GET", "/edged/v1/faces/1/crop"),
    ("PUT", "/edged/v1/people"),
    ("DELETE", f"/edged/v1/people/{SEGMENTS['person']}"),
]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeCentre]:
    with whole_centre(tmp_path_factory.mktemp("centre")) as centre:
        furnish(centre)
        yield centre


def furnish(hub: WholeCentre) -> None:
    """Anna is in the gallery staff, Bob is not, and there is an event."""
    hub.gate.tokens |= {
        "of-acme": Grant("tok-acme", "acme", ALL, organisation="acme"),
        "of-staff": Grant("tok-staff", "staff", ALL, gallery="staff"),
    }
    albums = hub.centre.albums
    assert albums is not None
    albums.create_organisation("acme", "Acme", by=BY)
    albums.create_event("acme", "gala", EventPlan("Gala", Features(), 0.5), by=BY)
    hub.centre.directory.enroll("anna", [new_face(1)], by=BY, galleries=["staff"])
    hub.centre.directory.enroll("bob", [new_face(2)], by=BY)


def status(hub: WholeCentre, token: str, method: str, address: str) -> int:
    headers = {name: value.replace(ADMIN, token) for name, value in token_for(address).items()}
    return Caller(hub.app).request(method, address, headers=headers).status_code


@pytest.mark.parametrize(("method", "address"), [*OF_PEOPLE, *OF_EVERYTHING, *OF_DEVICES])
def test_one_of_an_organisation_learns_nothing_of_people(hub: WholeCentre, method: str, address: str) -> None:
    assert status(hub, "of-acme", method, address) == 403


@pytest.mark.parametrize(("method", "address"), [*OF_PHOTOGRAPHS, *OF_EVERYTHING])
def test_one_of_a_gallery_learns_nothing_of_photographs_and_devices(
    hub: WholeCentre, method: str, address: str
) -> None:
    assert status(hub, "of-staff", method, address) == 403


def test_each_opens_what_it_is_for(hub: WholeCentre) -> None:
    assert status(hub, "of-acme", "GET", "/api/v1/ext/acme/events") == 200
    assert status(hub, "of-acme", "GET", "/edged/v1/organisations/acme/events") == 200
    assert status(hub, "of-staff", "GET", "/v1/faces") == 200
    assert status(hub, "of-staff", "GET", "/miicloud/person/anna") == 200


def test_a_device_of_a_gallery_learns_of_nobody_else(hub: WholeCentre) -> None:
    address = f"/edged/v1/changes?model={MODEL.digest}"
    page = Caller(hub.app).get(address, headers={"authorization": "Bearer of-staff"}).json()
    assert [person["customer_person_id"] for person in page["people"]] == ["anna"]


def test_a_crop_is_given_of_whom_a_device_is_to_know_only(tmp_path: Path) -> None:
    with whole_centre(tmp_path) as hub:
        furnish(hub)
        hub.gate.tokens["of-door"] = Grant("tok-door", "door", frozenset({Right.DEVICE}), device="door")
        hub.centre.directory.enroll("anna", [new_face(1, 1)], by=BY)  # in no group herself, and Anna's all the same
        anna, bob, anna_again = 1, 2, 3

        def crops(token: str) -> list[int]:
            return [status(hub, token, "GET", f"/edged/v1/faces/{face}/crop") for face in (anna, bob, anna_again)]

        assert crops("of-door") == [200, 200, 200]
        assert crops("of-staff") == [200, 404, 200]
        assert hub.centre.fleet is not None
        hub.centre.fleet.assign("door", ["staff"], by=BY)
        assert crops("of-door") == [200, 404, 200]
        hub.centre.fleet.assign("door", [], by=BY)
        assert crops("of-door") == [404, 404, 404]


def test_one_of_an_organisation_cannot_even_look_at_a_face(hub: WholeCentre) -> None:
    answer = Caller(hub.app).post(
        "/v1/detect", headers={"authorization": "Token of-acme"}, files={"photo": ("a.png", portrait(1))}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_FAILED")
