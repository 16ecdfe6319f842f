"""Who somebody is, and deleting them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from edged.api.centre import Manners
from tests.api.miicloud.desk import Desk, desk, failed, ok, photo
from tests.api.painted import new_face, portrait
from tests.api.token_gate import KEY

PLACES = ["/{alias}/7", "/{alias}/7/", "/{alias}?customer_person_id=7", "/{alias}/?customer_person_id=7"]


@pytest.mark.parametrize("alias", ["person", "get_person"])
@pytest.mark.parametrize("place", PLACES)
def test_somebody_is_shown_by_the_id_in_the_path_or_the_query(hub: Desk, alias: str, place: str) -> None:
    enrolled = hub.enroll("7", 1, first_name="Ada")
    document = ok(hub.ask("GET", place.format(alias=alias)))
    assert list(document) == [
        "miicloud_person_id",
        "customer_person_id",
        "first_name",
        "last_name",
        "email",
        "phone",
        "images",
    ]
    assert "status" not in document
    assert document["miicloud_person_id"] == enrolled["miicloud_person_id"]
    assert document["images"][0]["image"].endswith(enrolled["image"])


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"customer_person_id": "7"}},
        {"json": {"customer_person_id": "7"}},
        {"json": {"customer_person_id": 7}},
        {"files": {"customer_person_id": (None, "7")}},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/get_person"), ("DELETE", "/delete_person")])
def test_the_id_may_even_be_in_the_body(hub: Desk, method: str, path: str, body: dict[str, Any]) -> None:
    hub.enroll("7", 1)
    assert ok(hub.ask(method, path, **body))["customer_person_id"] == "7"


@pytest.mark.parametrize("name", ["miicloud_person_id", "person_id", "id"])
def test_the_miicloud_person_id_names_somebody_too(hub: Desk, name: str) -> None:
    ours = hub.enroll("7", 1)["miicloud_person_id"]
    assert ok(hub.ask("GET", f"/person/{ours}"))["customer_person_id"] == "7"
    assert ok(hub.ask("GET", f"/get_person?{name}={ours}"))["customer_person_id"] == "7"


def test_the_customers_id_goes_before_ours(hub: Desk) -> None:
    ours = hub.enroll("7", 1)["miicloud_person_id"]
    hub.enroll(ours, 2)
    assert ok(hub.ask("GET", f"/person/{ours}"))["customer_person_id"] == ours


@pytest.mark.parametrize("key", ["a/b", "a b", "a+b", "100%", "né", "?", "%2F"])
def test_an_id_in_the_path_is_decoded_once_and_plus_stays_plus(hub: Desk, key: str) -> None:
    hub.enroll(key, 1)
    assert ok(hub.ask("GET", f"/person/{quote(key, safe='+')}"))["customer_person_id"] == key


@pytest.mark.parametrize("alias", ["person", "delete_person"])
@pytest.mark.parametrize("place", PLACES)
def test_somebody_is_deleted_with_all_images(hub: Desk, alias: str, place: str) -> None:
    ours = hub.enroll("7", 1)["miicloud_person_id"]
    hub.enroll("7", 1, day=3)
    document = ok(hub.ask("DELETE", place.format(alias=alias)))
    assert document == {"status": "success", "customer_person_id": "7", "miicloud_person_id": ours}
    assert not hub.directory.faces().faces
    failed(hub.ask("DELETE", place.format(alias=alias)), 404)
    assert hub.audited()[-1][1] == "delete_person"


def test_whoever_is_enrolled_anew_gets_a_new_miicloud_person_id(hub: Desk) -> None:
    before = hub.enroll("7", 1)["miicloud_person_id"]
    ok(hub.ask("DELETE", "/person/7"))
    assert hub.enroll("7", 1)["miicloud_person_id"] != before


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nobody_is_404_and_no_id_is_400(hub: Desk, method: str) -> None:
    failed(hub.ask(method, "/person/7"), 404)
    failed(hub.ask(method, "/person/%00"), 404)
    failed(hub.ask(method, "/person"), 400)
    failed(hub.ask(method, "/person", json={"customer_person_id": ["7"]}), 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_half_a_surrogate_pair_is_nobodys_id(hub: Desk, method: str) -> None:
    body, headers = b'{"customer_person_id": "\\ud800"}', {"content-type": "application/json"}
    answer = hub.ask(method, "/person", content=body, headers=headers)
    failed(answer, answer.status_code)
    assert answer.status_code in {400, 404}


def test_an_image_is_an_address_that_answers_403_with_a_token_and_without(hub: Desk) -> None:
    enrolled = hub.enroll("7", 1)
    (image,) = ok(hub.ask("GET", "/person/7"))["images"]
    assert image["image"] == f"http://hub.example/miicloud/{enrolled['image']}"
    for token in (KEY, ""):
        failed(hub.ask("GET", urlsplit(image["image"]).path.removeprefix("/miicloud"), token=token), 403)


def test_images_begin_with_the_public_address_where_there_is_one(tmp_path: Path) -> None:
    with desk(tmp_path, manners=Manners(public_url="https://faces.example.org")) as hub:
        hub.enroll("7", 1)
        (image,) = ok(hub.ask("GET", "/person/7"))["images"]
        assert image["image"].startswith("https://faces.example.org/miicloud/enroll/")


def test_a_host_that_is_none_is_not_repeated(hub: Desk) -> None:
    hub.enroll("7", 1)
    (image,) = ok(hub.ask("GET", "/person/7", headers={"host": 'x"><script>'}))["images"]
    assert image["image"].startswith("/miicloud/enroll/")


def test_somebody_without_a_customers_id_is_shown_and_deleted_by_ours(hub: Desk) -> None:
    """FindFace keeps faces without `meta`."""
    person = hub.directory.enroll("", [new_face(1)], by=hub.gate.tokens[KEY])
    assert ok(hub.ask("GET", f"/person/{person.id}"))["customer_person_id"] == ""
    assert hub.match(portrait(1))[0]["miicloud_person_id"] == person.id
    failed(hub.ask("PUT", f"/person/{person.id}", data={"first_name": "Ada"}), 400)
    ok(hub.ask("DELETE", f"/person/{person.id}"))
    failed(hub.ask("GET", f"/person/{person.id}"), 404)


def test_a_person_enrolled_elsewhere_with_meta_is_shown(hub: Desk) -> None:
    hub.directory.enroll("meta 1", [new_face(1)], by=hub.gate.tokens[KEY], galleries=["vip"])
    assert ok(hub.ask("GET", "/person/meta%201"))["first_name"] == ""
    assert ok(hub.ask("PUT", "/person/meta%201", data={}, files=photo(portrait(1, 2))))["images"]
