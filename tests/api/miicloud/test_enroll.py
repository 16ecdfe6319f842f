"""POST /miicloud/person, and its alias enroll."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from edged.api.access import Cost
from edged.api.centre import Manners
from edged.api.directory import Choose, FaceFilter, Looked
from edged.domain.rect import Rect
from tests.api.miicloud.desk import Desk, desk, failed, ok, photo
from tests.api.painted import PaintedEyes, new_face, paint, portrait
from tests.api.token_gate import KEY

BLANK: Final = paint()
"""A photograph of nobody."""

FIELDS: Final[dict[str, Any]] = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.org",
    "phone": "+44 1",
}


@pytest.mark.parametrize("path", ["/person", "/person/", "/enroll", "/enroll/"])
def test_enroll_answers_the_person_the_box_and_the_image(hub: Desk, path: str) -> None:
    form = {"customer_person_id": "visitor 7/a", **FIELDS}
    document = ok(hub.ask("POST", path, data=form, files=photo(portrait(1), "IMG_4711.JPG")))
    assert list(document) == [
        "status",
        "miicloud_person_id",
        "customer_person_id",
        "first_name",
        "last_name",
        "email",
        "phone",
        "bounding_box",
        "image",
    ]
    assert document["status"] == "success"
    assert {name: document[name] for name in form} == form
    assert document["bounding_box"] == {"left_x": 100, "left_y": 60, "right_x": 200, "right_y": 180}
    assert re.fullmatch(r"enroll/IMG_4711_[A-Za-z0-9]{7}\.jpg", document["image"])
    person = hub.directory.person("visitor 7/a")
    assert person is not None
    assert person.id == document["miicloud_person_id"]
    ((token, act, about),) = hub.audited()
    assert (token, act) == ("t1", "enroll")
    assert "visitor 7/a" in about
    assert "Ada" not in about
    assert hub.gate.counted == [("t1", Cost.LOOKING)]


def test_fields_that_are_absent_are_empty_texts(hub: Desk) -> None:
    document = hub.enroll("7", 1)
    assert {name: document[name] for name in FIELDS} == dict.fromkeys(FIELDS, "")


def test_unknown_fields_are_ignored(hub: Desk) -> None:
    assert hub.enroll("7", 1, nickname="A", gallery="vip", first_name="Ada")["first_name"] == "Ada"


def test_the_same_id_again_adds_an_image_and_keeps_the_miicloud_person_id(hub: Desk) -> None:
    first = hub.enroll("7", 1, **FIELDS)
    again = hub.enroll("7", 1, day=4, first_name="Augusta")
    assert again["miicloud_person_id"] == first["miicloud_person_id"]
    assert again["image"] != first["image"]
    assert (again["first_name"], again["last_name"]) == ("Augusta", "Lovelace")
    assert len(hub.directory.faces(FaceFilter(key="7")).faces) == 2


def test_the_largest_face_enrols(hub: Desk) -> None:
    small, large = Rect(10, 10, 60, 60), Rect(150, 10, 250, 130)
    form = {"customer_person_id": "7"}
    document = ok(hub.ask("POST", "/person", data=form, files=photo(paint((1, 0, small), (2, 0, large)))))
    assert document["bounding_box"]["left_x"] == 150
    assert [face["customer_person_id"] for face in hub.match(portrait(2))] == ["7"]
    assert [face["match_status"] for face in hub.match(portrait(1))] == ["unknown"]


def test_of_two_faces_of_one_size_the_leftmost_enrols(hub: Desk) -> None:
    right, left = Rect(200, 10, 260, 80), Rect(20, 90, 80, 160)
    form = {"customer_person_id": "7"}
    document = ok(hub.ask("POST", "/person", data=form, files=photo(paint((1, 0, right), (2, 0, left)))))
    assert document["bounding_box"]["left_x"] == 20


class _AtTheBorder(PaintedEyes):
    """Sees every face 150 pixels further to the left."""

    def look(self, photo: bytes, choose: Choose) -> Looked:
        looked = super().look(photo, choose)
        boxes = tuple(_moved(box) for box in looked.boxes)
        return replace(looked, boxes=boxes, chosen=tuple(replace(face, box=_moved(face.box)) for face in looked.chosen))


def _moved(box: Rect) -> Rect:
    return replace(box, left=box.left - 150, right=box.right - 150)


def test_a_box_is_of_integers_that_may_be_negative(tmp_path: Path) -> None:
    with desk(tmp_path, eyes=_AtTheBorder()) as hub:
        box = {"left_x": -50, "left_y": 60, "right_x": 50, "right_y": 180}
        assert hub.enroll("7", 1)["bounding_box"] == box
        assert hub.match(portrait(1))[0]["bounding_box"] == box
        answer = ok(hub.ask("PUT", "/person/7", data={}, files=photo(portrait(1, 2))))
        assert answer["bounding_box"] == box


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot"),
        ("/abs/olute.jpeg", "olute"),
        ("höhe?.jpg", "h_he_"),
        ("a\r\nb.jpg", None),
        ("x" * 300 + ".jpg", "x" * 64),
        (".jpg", "_jpg"),
    ],
)
def test_a_file_name_never_becomes_a_path(hub: Desk, name: str, image: str | None) -> None:
    form = {"customer_person_id": "7"}
    document = ok(hub.ask("POST", "/person", data=form, files=photo(portrait(1), name)))
    stem = re.fullmatch(r"enroll/([A-Za-z0-9_-]+)_[A-Za-z0-9]{7}\.[a-z0-9]+", document["image"])
    assert stem
    if image is not None:
        assert stem[1] == image


def test_no_face_is_400(hub: Desk) -> None:
    answer = hub.ask("POST", "/person", data={"customer_person_id": "7"}, files=photo(BLANK))
    assert "face" in failed(answer, 400)
    assert hub.directory.person("7") is None


@pytest.mark.parametrize("form", [{}, {"customer_person_id": ""}, {"customer_person_id": "  "}, {"id": "7"}])
def test_a_missing_id_is_400(hub: Desk, form: dict[str, str]) -> None:
    assert "customer_person_id" in failed(hub.ask("POST", "/person", data=form, files=photo(portrait(1))), 400)
    assert not hub.directory.faces().faces


def test_an_empty_file_is_400(hub: Desk) -> None:
    answer = hub.ask("POST", "/person", data={"customer_person_id": "7"}, files=photo(b""))
    assert "empty" in failed(answer, 400)


@pytest.mark.parametrize("form", [{}, {"image_path": "/home/me/face.jpg"}, {"image_path": "https://example.org/x.jpg"}])
def test_no_file_is_400(hub: Desk, form: dict[str, str]) -> None:
    assert "image_path" in failed(hub.ask("POST", "/person", data={"customer_person_id": "7", **form}), 400)


def test_an_id_as_a_number_in_json_is_400_for_want_of_a_file_and_not_500(hub: Desk) -> None:
    failed(hub.ask("POST", "/person", json={"customer_person_id": 7}), 400)


@pytest.mark.parametrize("content", [b"%PDF-1.7 no image", b"GIF89a\0\0", portrait(1)[:60], b"\xff\xd8\xff\xe0"])
def test_what_is_no_image_is_415(hub: Desk, content: bytes) -> None:
    failed(hub.ask("POST", "/person", data={"customer_person_id": "7"}, files=photo(content)), 415)


def test_an_image_over_the_cap_is_413(tmp_path: Path) -> None:
    with desk(tmp_path, manners=Manners(max_photo_bytes=1000)) as hub:
        failed(hub.ask("POST", "/person", data={"customer_person_id": "7"}, files=photo(bytes(1001))), 413)


def test_an_id_that_cannot_be_stored_is_400(hub: Desk) -> None:
    for key in ("a\0b", "x" * 600):
        failed(hub.ask("POST", "/person", data={"customer_person_id": key}, files=photo(portrait(1))), 400)


def test_the_65th_image_of_one_person_is_400(hub: Desk) -> None:
    hub.directory.enroll("7", [new_face(1, day) for day in range(64)], by=hub.gate.tokens[KEY])
    answer = hub.ask("POST", "/person", data={"customer_person_id": "7"}, files=photo(portrait(1)))
    assert "64" in failed(answer, 400)
