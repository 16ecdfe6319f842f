"""One directory behind three dialects: who comes in through one is found through the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.caller import Caller
from tests.api.painted import MODEL, portrait
from tests.api.token_gate import ADMIN
from tests.api.whole_centre import whole_centre

TOKEN = {"authorization": f"Token {ADMIN}"}
BEARER = {"authorization": f"Bearer {ADMIN}"}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Caller]:
    with whole_centre(tmp_path) as centre:
        yield Caller(centre.app)


def enrolled_through_miicloud(hub: Caller, key: str, who: int, day: int = 0, **fields: str) -> dict[str, Any]:
    form = {"customer_person_id": key, **fields}
    answer = hub.post(
        "/miicloud/person", data=form, files={"image_path": ("me.png", portrait(who, day))}, headers=TOKEN
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def enrolled_through_findface(hub: Caller, meta: str, who: int, day: int = 0) -> dict[str, Any]:
    answer = hub.post("/v1/face", data={"meta": meta}, files={"photo": ("me.png", portrait(who, day))}, headers=TOKEN)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["results"][0])


def identified(hub: Caller, who: int, day: int) -> list[str]:
    """The metas that FindFace names for a photograph."""
    answer = hub.post("/v1/identify", files={"photo": ("me.png", portrait(who, day))}, headers=TOKEN)
    (matches,) = answer.json()["results"].values()
    return [match["face"]["meta"] for match in matches]


def matched(hub: Caller, who: int, day: int) -> dict[str, Any]:
    """What miiCloud says of a photograph."""
    answer = hub.post("/miicloud/match_faces", files={"image_path": ("me.png", portrait(who, day))}, headers=TOKEN)
    (face,) = answer.json()["faces"]
    return dict(face)


def test_who_was_enrolled_through_miicloud_is_found_through_findface(hub: Caller) -> None:
    enrolled_through_miicloud(hub, "4711", 1, first_name="Anna")

    assert identified(hub, 1, 5) == ["4711"]
    faces = hub.get("/v1/faces/meta/4711", headers=TOKEN).json()["results"]
    assert [face["meta"] for face in faces] == ["4711"]


def test_who_was_enrolled_through_findface_is_matched_through_miicloud(hub: Caller) -> None:
    enrolled_through_findface(hub, "4711", 1)
    face = matched(hub, 1, 5)

    assert (face["match_status"], face["customer_person_id"]) == ("known", "4711")
    person = hub.get("/miicloud/person/4711", headers=TOKEN).json()
    assert person["miicloud_person_id"] == face["miicloud_person_id"]
    assert len(person["images"]) == 1


def test_a_face_of_findface_is_an_image_of_miicloud(hub: Caller) -> None:
    enrolled_through_miicloud(hub, "4711", 1)
    enrolled_through_findface(hub, "4711", 1, 1)

    assert len(hub.get("/miicloud/person/4711", headers=TOKEN).json()["images"]) == 2
    assert len(hub.get("/v1/faces/meta/4711", headers=TOKEN).json()["results"]) == 2


def test_both_say_the_same_confidence(hub: Caller) -> None:
    enrolled_through_miicloud(hub, "4711", 1)
    answer = hub.post("/v1/identify", files={"photo": ("me.png", portrait(1, 5))}, headers=TOKEN)
    (matches,) = answer.json()["results"].values()
    assert matches[0]["confidence"] == pytest.approx(matched(hub, 1, 5)["match_confidence"], abs=1e-3)


def test_who_is_deleted_through_one_is_gone_from_the_others(hub: Caller) -> None:
    enrolled_through_miicloud(hub, "4711", 1)
    enrolled_through_findface(hub, "4712", 2)
    assert hub.delete("/v1/faces/meta/4711", headers=TOKEN).status_code == 204
    assert hub.delete("/miicloud/person/4712", headers=TOKEN).status_code == 200

    assert hub.get("/miicloud/person/4711", headers=TOKEN).status_code == 404
    assert (identified(hub, 1, 5), identified(hub, 2, 5)) == ([], [])
    assert matched(hub, 2, 5)["match_status"] == "unknown"


def test_devices_hear_of_both(hub: Caller) -> None:
    enrolled_through_miicloud(hub, "4711", 1)
    enrolled_through_findface(hub, "4712", 2)
    changes = hub.get(f"/edged/v1/changes?model={MODEL.digest}", headers=BEARER).json()
    assert [person["customer_person_id"] for person in changes["people"]] == ["4711", "4712"]


def test_a_key_of_ninepic_s_form_opens_nothing_else(hub: Caller) -> None:
    assert hub.get("/v1/galleries", headers={"x-api-key": ADMIN}).status_code == 401
    assert hub.get("/miicloud/person/4711", headers={"x-api-key": ADMIN}).status_code == 401
    assert hub.get("/api/v1/ext/acme/events", headers=TOKEN).status_code == 401


@pytest.mark.parametrize(
    "address", ["/", "/nowhere", "/v1/nowhere", "/miicloud/nowhere", "/api/v1/ext/a/nowhere", "/edged/v1/x"]
)
def test_every_wrong_address_is_answered_in_json(hub: Caller, address: str) -> None:
    answer = hub.get(address, headers={**TOKEN, "x-api-key": ADMIN})
    assert answer.status_code in (401, 404)
    assert answer.json()
