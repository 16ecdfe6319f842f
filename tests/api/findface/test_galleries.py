"""FindFace: galleries and metas."""

from __future__ import annotations

import pytest

from tests.api.findface.desk import Desk


@pytest.mark.parametrize("version", ["/v0", "/v1", ""])
def test_default_is_always_there(hub: Desk, version: str) -> None:
    assert hub.ask("GET", f"{version}/galleries").json() == {"results": ["default"]}


@pytest.mark.parametrize("version", ["/v0", "/v1", ""])
def test_a_gallery_by_address_answers_201_and_its_name(hub: Desk, version: str) -> None:
    answer = hub.ask("POST", f"{version}/galleries/staff")
    assert (answer.status_code, answer.json()) == (201, {"name": "staff"})
    assert hub.ask("GET", "/v1/galleries").json() == {"results": ["default", "staff"]}


@pytest.mark.parametrize(("version", "status"), [("/v0", 200), ("/v1", 201), ("", 201)])
def test_a_gallery_by_name_answers_200_on_v0_and_201_on_v1(hub: Desk, version: str, status: int) -> None:
    answer = hub.ask("POST", f"{version}/galleries", json={"name": "staff"})
    assert (answer.status_code, answer.json()) == (status, {"name": "staff"})


def test_one_that_is_there_already_is_as_good_as_a_new_one(hub: Desk) -> None:
    face = hub.enrol(1, galleries="staff")
    assert hub.ask("POST", "/v1/galleries/staff").status_code == 201
    assert hub.ask("POST", "/v1/galleries/default").status_code == 201
    assert hub.ask("GET", f"/v1/face/id/{face['id']}").json()["galleries"] == ["default", "staff"]


@pytest.mark.parametrize("name", ["a b", "a%2Fb", "x" * 49, "%C3%BC", "%00", "a%0A"])
def test_a_name_is_1_to_48_letters_digits_dashes_and_underscores(hub: Desk, name: str) -> None:
    answer = hub.ask("POST", f"/v1/galleries/{name}")
    assert (answer.status_code, answer.json()["code"], answer.json()["param"]) == (400, "BAD_PARAM", "name")
    assert hub.ask("POST", "/v1/galleries/" + "aZ09_-" * 8).status_code == 201


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": None}, {"name": ["a"]}, {"name": "a/b"}])
def test_a_name_that_is_none_is_refused(hub: Desk, body: object) -> None:
    answer = hub.ask("POST", "/v1/galleries", json=body)
    assert (answer.status_code, answer.json()["param"]) == (400, "name")


def test_deleting_a_gallery_keeps_its_faces(hub: Desk) -> None:
    face = hub.enrol(1, galleries="staff")
    answer = hub.ask("DELETE", "/v1/galleries/staff")
    assert (answer.status_code, answer.content) == (204, b"")
    assert hub.ask("GET", f"/v1/face/id/{face['id']}").json()["galleries"] == ["default"]
    assert hub.ask("GET", "/v1/galleries").json() == {"results": ["default"]}


@pytest.mark.parametrize("purge", ["1", "true", "True"])
def test_purge_deletes_them(hub: Desk, purge: str) -> None:
    hub.enrol(1, galleries="staff")
    other = hub.enrol(2)
    assert hub.ask("DELETE", f"/v1/galleries/staff?purge={purge}").status_code == 204
    assert [face["id"] for face in hub.ask("GET", "/v1/faces").json()["results"]] == [other["id"]]


def test_purge_that_is_false_keeps_them(hub: Desk) -> None:
    hub.enrol(1, galleries="staff")
    hub.ask("DELETE", "/v1/galleries/staff?purge=0")
    assert len(hub.ask("GET", "/v1/faces").json()["results"]) == 1


def test_default_cannot_be_deleted(hub: Desk) -> None:
    hub.enrol(1)
    answer = hub.ask("DELETE", "/v1/galleries/default?purge=1")
    assert (answer.status_code, answer.json()["code"], answer.json()["param"]) == (400, "BAD_PARAM", "gallery")
    assert len(hub.ask("GET", "/v1/faces").json()["results"]) == 1


def test_an_unknown_one_is_not_found(hub: Desk) -> None:
    assert hub.ask("DELETE", "/v1/galleries/none").status_code == 404
    assert hub.ask("GET", "/v1/meta/gallery/none").status_code == 404


@pytest.mark.parametrize("version", ["/v0", "/v1", ""])
def test_metas_have_a_count_and_the_newest_face(hub: Desk, version: str) -> None:
    hub.enrol(1, 0, meta="anna")
    hub.enrol(2, meta="bob", galleries="staff")
    newest = hub.enrol(1, 1, meta="anna")
    hub.enrol(3)
    results = hub.ask("GET", f"{version}/meta").json()["results"]
    assert [(meta["meta"], meta["count"]) for meta in results] == [("anna", 2), ("bob", 1)]
    assert results[0]["face"]["id"] == newest["id"]
    in_gallery = hub.ask("GET", f"{version}/meta/gallery/staff").json()["results"]
    assert [meta["meta"] for meta in in_gallery] == ["bob"]
    assert hub.ask("GET", f"{version}/meta/gallery/default").json()["results"] == results
