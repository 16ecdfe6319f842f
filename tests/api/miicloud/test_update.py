"""PUT /miicloud/person, with the id in the address or in the form."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from tests.api.miicloud.desk import Desk, failed, ok, photo
from tests.api.painted import paint, portrait

BLANK: Final = paint()
"""A photograph of nobody."""

FIELDS: Final[dict[str, Any]] = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.org",
    "phone": "+44 1",
}


@pytest.fixture
def enrolled(hub: Desk) -> str:
    """The miicloud_person_id of `7`."""
    return str(hub.enroll("7", 1, **FIELDS)["miicloud_person_id"])


def test_an_update_with_an_image_answers_its_box_and_all_images_the_newest_first(hub: Desk, enrolled: str) -> None:
    document = ok(hub.ask("PUT", "/person/7", data=FIELDS, files=photo(portrait(1, 5), "new.png")))
    assert document["status"] == "success"
    assert document["miicloud_person_id"] == enrolled
    assert document["bounding_box"] == {"left_x": 100, "left_y": 60, "right_x": 200, "right_y": 180}
    assert re.fullmatch(r"enroll/new_\w{7}\.png", document["image"])
    newest, oldest = document["images"]
    assert newest["image"].endswith(document["image"])
    assert "IMG_4711" in oldest["image"]
    assert newest["created"] > oldest["created"]


def test_created_has_six_digits_and_a_z(hub: Desk, enrolled: str) -> None:
    with hub.database.writing() as connection:
        connection.execute("UPDATE faces SET created = 1554572945.0")
    assert ok(hub.ask("GET", "/person/7"))["images"][0]["created"] == "2019-04-06T17:49:05.000000Z"


def test_an_update_without_an_image_has_no_box(hub: Desk, enrolled: str) -> None:
    document = ok(hub.ask("PUT", "/person/7", data=FIELDS))
    assert "bounding_box" not in document
    assert "image" not in document
    assert len(document["images"]) == 1


@pytest.mark.parametrize("path", ["/person", "/person/"])
def test_the_id_may_be_in_the_form(hub: Desk, enrolled: str, path: str) -> None:
    form = {"customer_person_id": "7", "first_name": "Augusta"}
    assert ok(hub.ask("PUT", path, data=form))["first_name"] == "Augusta"
    assert ok(hub.ask("PUT", path, data=form, files=photo(portrait(1, 2))))["bounding_box"]


def test_blank_and_absent_fields_are_erased_and_images_stay(hub: Desk, enrolled: str) -> None:
    document = ok(hub.ask("PUT", "/person/7", data={"first_name": "Augusta", "last_name": "", "phone": " "}))
    assert [document[name] for name in FIELDS] == ["Augusta", "", "", ""]
    shown = ok(hub.ask("GET", "/person/7"))
    assert [shown[name] for name in FIELDS] == ["Augusta", "", "", ""]
    assert len(shown["images"]) == 1
    assert hub.match(portrait(1))[0]["match_status"] == "known"


def test_a_browsers_empty_file_field_is_no_image(hub: Desk, enrolled: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="image_path"; filename=""\r\n\r\n\r\n--b--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert "bounding_box" not in ok(hub.ask("PUT", "/person/7", content=body, headers=headers))


def test_an_empty_file_is_400(hub: Desk, enrolled: str) -> None:
    failed(hub.ask("PUT", "/person/7", data=FIELDS, files=photo(b"", "empty.jpg")), 400)


def test_an_image_without_a_face_changes_nothing(hub: Desk, enrolled: str) -> None:
    failed(hub.ask("PUT", "/person/7", data={"first_name": "X"}, files=photo(BLANK)), 400)
    assert ok(hub.ask("GET", "/person/7"))["first_name"] == "Ada"


def test_the_id_in_the_address_and_another_in_the_form_are_400(hub: Desk, enrolled: str) -> None:
    hub.enroll("8", 2)
    for other in ("8", "nobody"):
        failed(hub.ask("PUT", "/person/7", data={"customer_person_id": other, "first_name": "X"}), 400)
    failed(hub.ask("PUT", "/person/nobody", data={"customer_person_id": "7", "first_name": "X"}), 400)
    assert ok(hub.ask("GET", "/person/7"))["first_name"] == "Ada"


def test_the_same_id_in_the_address_and_in_the_form_is_fine(hub: Desk, enrolled: str) -> None:
    ok(hub.ask("PUT", "/person/7", data={"customer_person_id": "7"}))
    ok(hub.ask("PUT", f"/person/{enrolled}", data={"customer_person_id": "7"}))


def test_an_update_of_nobody_is_404(hub: Desk) -> None:
    failed(hub.ask("PUT", "/person/7", data=FIELDS), 404)
    failed(hub.ask("PUT", "/person", data={"customer_person_id": "7"}), 404)


def test_an_update_without_any_id_is_400(hub: Desk) -> None:
    failed(hub.ask("PUT", "/person", data=FIELDS), 400)
    failed(hub.ask("PUT", "/person"), 400)


def test_an_update_is_audited(hub: Desk, enrolled: str) -> None:
    ok(hub.ask("PUT", "/person/7", data=FIELDS))
    assert [act for _token, act, _about in hub.audited()] == ["enroll", "update"]
