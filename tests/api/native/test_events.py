"""Events and their photographs, as an organiser has them."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from edged.api.access import Grant, Right
from edged.photos.photo import Standing
from edged.photos.purge_mark import mark_of
from tests.api.native.hub import CHIEF, Hub
from tests.api.painted import portrait
from tests.hub.album_site import BY, digest, new_search

EVENTS = "/edged/v1/organisations/acme/events"
GALA = f"{EVENTS}/gala"
ID = "5f0c6a52-93e3-4a5c-8f57-4a53a1f0b7aa"
READER = {"authorization": "Bearer reader-token"}
TERMS: dict[str, Any] = {
    "consent": "May we?",
    "closes": "2027-06-01T20:00:00.000Z",
    "expires": "2027-07-01T00:00:00.000Z",
    "keeps_selfies": True,
    "keeps_originals": False,
    "is_moderated": True,
    "forgets_faces": False,
}
USUAL_TERMS = {
    "consent": "",
    "closes": None,
    "expires": None,
    "keeps_selfies": False,
    "keeps_originals": True,
    "is_moderated": False,
    "forgets_faces": True,
}
USUAL_FEATURES = {"enabled": True, "selfie_search": True, "name_search": False, "downloads": True}


@pytest.fixture
def acme(hub: Hub) -> Hub:
    """A hub with an organisation, and somebody who may only read."""
    assert ask(hub, "POST", "/edged/v1/organisations", {"slug": "acme", "name": "Acme"}, 201)
    hub.gate.tokens["reader-token"] = Grant("tok-reader", "reader", frozenset({Right.READ}), organisation="acme")
    return hub


def ask(hub: Hub, method: str, address: str, body: Any = None, status: int = 200) -> Any:
    answer = hub.client.request(method, address, json=body, headers=CHIEF)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["reason"]


def upload(hub: Hub, who: int, *, status: int = 201) -> Any:
    answer = hub.client.post(f"{GALA}/photos", files={"file": ("a.png", portrait(who))}, headers=CHIEF)
    assert answer.status_code == status, answer.text
    return answer.json()


# events


def test_an_event_is_told_of_with_everything_that_was_decided(acme: Hub) -> None:
    order = {"id": ID.upper(), "slug": "gala", "name": "Gala", "threshold": 0.6, "terms": TERMS}

    made = ask(acme, "POST", EVENTS, order, 201)

    assert made["id"] == ID
    assert (made["slug"], made["name"], made["threshold"]) == ("gala", "Gala", 0.6)
    assert (made["state"], made["closed"], made["consent_version"]) == ("open", None, 1)
    assert (made["photos"], made["waiting"]) == (0, 0)
    assert (made["terms"], made["features"]) == (TERMS, USUAL_FEATURES)
    assert ask(acme, "GET", GALA) == made
    assert ask(acme, "GET", EVENTS)["events"] == [made]


def test_an_event_of_which_little_is_said_is_a_usual_one(acme: Hub) -> None:
    made = ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala"}, 201)
    assert uuid.UUID(made["id"])
    assert (made["terms"], made["features"], made["threshold"]) == (USUAL_TERMS, USUAL_FEATURES, 0.05)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "no uuid"},
        {"slug": "A B"},
        {"name": "a\0b"},
        {"threshold": 1.1},
        {"terms": {"consent": "x" * 8001}},
        {"terms": {"consent": "a\0b"}},
        {"terms": {"closes": "tomorrow"}},
        {"terms": {"closes": "2027-06-01T20:00:00"}},
    ],
)
def test_an_order_that_makes_no_sense_is_400_and_makes_nothing(acme: Hub, wrong: dict[str, Any]) -> None:
    ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala", **wrong}, 400)
    assert ask(acme, "GET", EVENTS)["total"] == 0


def test_an_event_is_changed_as_a_whole(acme: Hub) -> None:
    made = ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala", "threshold": 0.6, "terms": TERMS}, 201)

    changed = ask(acme, "PUT", GALA, {"name": "The gala", "terms": {"consent": "May we, please?"}})

    assert changed == {
        **made,
        "name": "The gala",
        "threshold": 0.05,
        "terms": {**USUAL_TERMS, "consent": "May we, please?"},
        "consent_version": 2,
    }
    assert ask(acme, "GET", GALA) == changed
    ask(acme, "PUT", GALA, {"terms": TERMS}, 400)
    ask(acme, "PUT", f"{EVENTS}/other", {"name": "Other"}, 404)


def test_what_an_event_offers_can_be_changed_alone(acme: Hub) -> None:
    made = ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala", "terms": TERMS}, 201)
    changed = ask(acme, "PUT", f"{GALA}/features", {"downloads": False})
    assert changed == {**made, "features": {**USUAL_FEATURES, "downloads": False}}


def test_an_event_is_closed_and_opened_again(acme: Hub) -> None:
    ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala"}, 201)

    closed = ask(acme, "POST", f"{GALA}/close")
    assert closed["state"] == "closed"
    assert closed["closed"] is not None
    late = acme.client.post(f"{GALA}/photos", files={"file": ("a.png", portrait(1))}, headers=CHIEF)
    assert refused(late) == (409, "event_closed")

    opened = ask(acme, "POST", f"{GALA}/open")
    assert (opened["state"], opened["closed"]) == ("open", None)
    upload(acme, 1)
    ask(acme, "POST", f"{EVENTS}/other/close", None, 404)


def test_an_event_ends_by_the_clock(acme: Hub) -> None:
    acme.clock.now = 1_800_000_000.0  # 2027-01-15
    ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala", "terms": TERMS}, 201)
    states = []
    for now in (1_811_879_999, 1_811_880_000, 1_814_399_999, 1_814_400_000):
        acme.clock.now = now
        states.append(ask(acme, "GET", GALA)["state"])
    assert states == ["open", "closed", "closed", "expired"]
    assert ask(acme, "GET", EVENTS)["events"][0]["state"] == "expired"


# the purge


def test_a_purge_answers_with_what_it_removed_and_is_remembered(acme: Hub) -> None:
    ask(acme, "POST", EVENTS, {"id": ID, "slug": "gala", "name": "Gala"}, 201)
    photo = upload(acme, 1)
    event = acme.albums.event("acme", "gala")
    assert event is not None
    acme.albums.finish_search(event, new_search(str(uuid.uuid4()), (1, 0), photo["id"]), by=BY)
    tally = ask(acme, "GET", f"{GALA}/tally")
    assert (tally["shown"], tally["faces"], tally["searches"]) == (1, 1, 1)

    purge = ask(acme, "DELETE", GALA)

    assert (purge["event"], purge["organisation"], purge["slug"], purge["name"]) == (ID, "acme", "gala", "Gala")
    assert purge["tally"] == tally
    assert purge["digests"] == [mark_of(purge["salt"], digest(portrait(1)))]
    assert purge["report"] == ""
    assert ask(acme, "GET", "/edged/v1/organisations/acme/purges")["purges"] == [purge]
    for method, address in (("GET", GALA), ("DELETE", GALA), ("GET", f"{GALA}/tally"), ("GET", f"{GALA}/photos")):
        ask(acme, method, address, None, 404)


def test_a_purged_event_is_not_made_again_but_another_of_its_name_is(acme: Hub) -> None:
    ask(acme, "POST", EVENTS, {"id": ID, "slug": "gala", "name": "Gala"}, 201)
    ask(acme, "DELETE", GALA)

    again = acme.client.post(EVENTS, json={"id": ID, "slug": "gala", "name": "Gala"}, headers=CHIEF)
    assert refused(again) == (409, "purged")
    assert ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala"}, 201)["id"] != ID


def test_purges_are_one_organisations(acme: Hub) -> None:
    ask(acme, "POST", "/edged/v1/organisations", {"slug": "zoo", "name": "Zoo"}, 201)
    ask(acme, "POST", "/edged/v1/organisations/zoo/events", {"slug": "gala", "name": "Gala"}, 201)
    ask(acme, "DELETE", "/edged/v1/organisations/zoo/events/gala")

    assert ask(acme, "GET", "/edged/v1/organisations/acme/purges")["purges"] == []
    assert acme.client.get("/edged/v1/organisations/zoo/purges", headers=READER).status_code == 403


# photographs and who may see them


def test_a_photograph_is_let_through(acme: Hub) -> None:
    ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala", "terms": {"is_moderated": True}}, 201)
    photo = upload(acme, 1)
    assert (photo["standing"], photo["source"]) == ("waiting", "upload")
    assert ask(acme, "GET", f"{GALA}/photos?standing=waiting")["photos"] == [photo]
    assert ask(acme, "GET", f"{GALA}/photos") == {"v": 1, "total": 0, "photos": []}
    assert [ask(acme, "GET", GALA)[count] for count in ("photos", "waiting")] == [0, 1]

    changed = ask(acme, "PUT", f"{GALA}/photos/{photo['id']}/standing", {"standing": "shown"})

    assert changed == {**photo, "standing": "shown"} == ask(acme, "GET", f"{GALA}/photos/{photo['id']}")
    assert ask(acme, "GET", f"{GALA}/photos")["photos"] == [changed]
    assert [ask(acme, "GET", GALA)[count] for count in ("photos", "waiting")] == [1, 0]


def test_photographs_are_listed_by_their_standing(acme: Hub) -> None:
    ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala"}, 201)
    ids = [upload(acme, who)["id"] for who in (1, 2, 3)]
    for photo, standing in zip(ids[:2], ("hidden", "waiting"), strict=True):
        ask(acme, "PUT", f"{GALA}/photos/{photo}/standing", {"standing": standing})

    listed = {
        standing: [photo["id"] for photo in ask(acme, "GET", f"{GALA}/photos?standing={standing}")["photos"]]
        for standing in ("hidden", "waiting", "shown", "all")
    }

    assert listed == {"hidden": [ids[0]], "waiting": [ids[1]], "shown": [ids[2]], "all": ids}
    ask(acme, "GET", f"{GALA}/photos?standing=secret", None, 400)


def test_a_standing_that_is_none_and_one_of_no_photograph_are_refused(acme: Hub) -> None:
    ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala"}, 201)
    photo = upload(acme, 1)["id"]
    ask(acme, "PUT", f"{GALA}/photos/{photo}/standing", {"standing": "secret"}, 400)
    ask(acme, "PUT", f"{GALA}/photos/{photo}/standing", {}, 400)
    for unknown in (str(uuid.uuid4()), "x"):
        ask(acme, "PUT", f"{GALA}/photos/{unknown}/standing", {"standing": "hidden"}, 404)
        ask(acme, "GET", f"{GALA}/photos/{unknown}", None, 404)
    assert ask(acme, "GET", f"{GALA}/photos")["total"] == 1


def test_who_may_not_let_photographs_through_does_not_see_those_that_wait(acme: Hub) -> None:
    ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala"}, 201)
    photo = upload(acme, 1)["id"]

    def seen() -> list[int]:
        addresses = ("?standing=all", "?standing=hidden", f"/{photo}", f"/{photo}/preview", "")
        return [acme.client.get(f"{GALA}/photos{end}", headers=READER).status_code for end in addresses]

    assert seen() == [403, 403, 200, 200, 200]
    ask(acme, "PUT", f"{GALA}/photos/{photo}/standing", {"standing": "hidden"})
    assert seen() == [403, 403, 404, 404, 200]
    by_reader = acme.client.put(f"{GALA}/photos/{photo}/standing", json={"standing": "shown"}, headers=READER)
    assert by_reader.status_code == 403


def test_the_files_of_a_photograph_are_seen_before_it_is_let_through(acme: Hub) -> None:
    ask(acme, "POST", EVENTS, {"slug": "gala", "name": "Gala", "terms": {"is_moderated": True}}, 201)
    photo = upload(acme, 1)["id"]

    original = acme.client.get(f"{GALA}/photos/{photo}/original", headers=CHIEF)
    preview = acme.client.get(f"{GALA}/photos/{photo}/preview", headers=CHIEF)

    assert (original.content, original.headers["content-type"]) == (portrait(1), "image/png")
    assert preview.headers["content-type"] == "image/jpeg"
    assert preview.headers["x-content-type-options"] == "nosniff"
    ask(acme, "GET", f"{GALA}/photos/{photo}/negative", None, 404)


def test_a_photograph_of_another_event_is_none_of_this_one(acme: Hub) -> None:
    for slug in ("gala", "ball"):
        ask(acme, "POST", EVENTS, {"slug": slug, "name": slug}, 201)
    photo = upload(acme, 1)["id"]
    for method, end, body in (("GET", "", None), ("DELETE", "", None), ("PUT", "/standing", {"standing": "hidden"})):
        ask(acme, method, f"{EVENTS}/ball/photos/{photo}{end}", body, 404)
    event = acme.albums.event("acme", "gala")
    assert event is not None
    assert acme.albums.photos(event, 0, 10, Standing.SHOWN).total == 1
