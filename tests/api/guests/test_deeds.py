"""What guests do: not me, report, look again, delete me."""

from __future__ import annotations

import re

import pytest

from edged.photos.album import Features
from edged.photos.photo import Standing
from edged.photos.report import MOST_HIDING, MOST_REPORTS, ReportReason
from tests.api.guests.house import JSON, MINE, THEIRS, House


def test_whoever_is_not_in_a_photograph_says_so_and_takes_it_back(house: House) -> None:
    first, second = house.add("a"), house.add("bb")
    phone = house.phone()

    assert phone.post(f"/photos/{first}/not-me", headers=JSON).json() == {"said": "denied", "photo": first}
    assert phone.get("/photos").json()["total"] == 1
    assert phone.get(f"/photos/{first}/preview").status_code == 404
    assert phone.post(f"/photos/{first}/not-me", headers=JSON).status_code == 404
    assert phone.post(f"/photos/{first}/not-me/undo", headers=JSON).json() == {"said": "undone"}
    assert {photo["id"] for photo in phone.get("/photos").json()["photos"]} == {first, second}
    assert phone.post(f"/photos/{first}/not-me/undo", headers=JSON).status_code == 404


def test_without_scripts_a_form_leads_back_to_the_page_which_offers_to_undo(house: House) -> None:
    photo, _other = house.add("a"), house.add("bb")
    phone = house.phone()

    answer = phone.post(f"/photos/{photo}/not-me", params={"lang": "de"})

    assert answer.status_code == 303
    page = phone.ask("GET", answer.headers["location"]).text
    assert "Mit deinem Gesicht wird dieses Foto nicht mehr gefunden" in page
    undo = re.search(r'action="([^"]*/not-me/undo[^"]*)"', page)
    assert undo
    answer = phone.ask("POST", undo[1].replace("&amp;", "&"))
    assert "Das Foto ist wieder da" in phone.ask("GET", answer.headers["location"]).text
    assert photo in phone.get().text


@pytest.mark.parametrize("reason", list(ReportReason))
def test_what_is_reported_is_hidden_and_the_organiser_learns_why(house: House, reason: ReportReason) -> None:
    photo = house.add("a")
    mine, theirs = house.phone(house.find(MINE)), house.phone(house.find(THEIRS))

    answer = mine.post(f"/photos/{photo}/report", headers=JSON, data={"reason": reason.value})

    assert answer.json() == {"said": "reported", "shown": False}
    assert mine.get(f"/photos/{photo}/preview").status_code == 404
    assert theirs.get(f"/photos/{photo}/preview").status_code == 404
    (report,) = house.albums.reports(house.event)
    assert (report.photo, report.reason, report.request_id) == (photo, reason, MINE)
    assert any(act.endswith(f": {reason}") for act in house.acts)
    # Sent again by a phone that did not hear the answer.
    again = mine.post(f"/photos/{photo}/report", headers=JSON, data={"reason": "other"})
    assert again.json() == {"said": "reported", "shown": False}
    assert len(house.albums.reports(house.event)) == 1


def test_a_link_that_reports_everything_hides_little_and_is_told_when_enough_is_enough(house: House) -> None:
    photos = [house.add(f"{number:02d}") for number in range(MOST_REPORTS + 1)]
    phone = house.phone()
    said = []
    for photo in photos:
        answer = phone.post(f"/photos/{photo}/report", headers=JSON, data={"reason": "other"})
        said.append((answer.json()["said"], answer.json()["shown"]))
        house.clock.now += 10
    assert said[:MOST_HIDING] == [("reported", False)] * MOST_HIDING
    assert said[MOST_HIDING:MOST_REPORTS] == [("reported", True)] * (MOST_REPORTS - MOST_HIDING)
    assert said[MOST_REPORTS:] == [("report_not", True)]


@pytest.mark.parametrize("form", [{}, {"reason": ""}, {"reason": "because"}, {"reason": "x" * 5000}])
def test_a_report_needs_one_of_the_reasons(house: House, form: dict[str, str]) -> None:
    photo = house.add("a")
    answer = house.phone().post(f"/photos/{photo}/report", headers=JSON, data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "unclear")
    assert house.albums.reports(house.event) == []


def test_nothing_can_be_done_to_photographs_of_others(house: House) -> None:
    other = house.add("theirs", who=2)
    phone = house.phone()
    for deed in ("not-me", "not-me/undo", "report"):
        answer = phone.post(f"/photos/{other}/{deed}", headers=JSON, data={"reason": "child"})
        assert (answer.status_code, answer.json()["error"]) == (404, "no_photo"), deed
    photo = house.albums.any_photo(house.event, other)
    assert photo is not None
    assert photo.standing is Standing.SHOWN


def test_photographs_that_came_since_are_found_by_looking_again(house: House) -> None:
    house.add("a")
    phone = house.phone()
    house.add("bb")
    house.add("theirs", who=2)
    assert phone.get("/photos").json()["total"] == 1

    assert phone.post("/again", headers=JSON).json() == {"said": "looked", "new": 1}
    assert phone.get("/photos").json()["total"] == 2
    page = phone.ask("GET", phone.post("/again").headers["location"]).text
    assert "Nothing new since the last time" in page
    assert "1 new photograph." in phone.get(params={"said": "looked", "new": "1"}).text
    house.change(Features(selfie_search=False))
    assert phone.post("/again", headers=JSON).json()["error"] == "not_offered"
    assert "/again" not in phone.get().text


def test_whoever_is_forgotten_is_gone_with_all_their_links(house: House) -> None:
    photo = house.add("a")
    mine, again = house.phone(house.find(MINE)), house.phone(house.find(THEIRS))
    somebody = house.phone(house.find("11111111-2222-4333-8444-555555555555", who=2))
    mine.post(f"/photos/{photo}/report", data={"reason": "private"})

    page = mine.get("/forget").text
    assert "Delete everything about you?" in page
    assert "what was computed from your face in these photographs" in page
    goodbye = mine.post("/forget", data={"sure": "yes"})

    assert goodbye.status_code == 200
    assert "Everything about you is deleted" in goodbye.text
    assert mine.token not in goodbye.text
    for phone in (mine, again):
        for tail in ("", f"/photos/{photo}/thumbnail", "/photos.zip", "/forget"):
            answer = phone.get(tail, headers=JSON)
            assert (answer.status_code, answer.json()["error"]) == (410, "forgotten"), tail
        assert phone.post("/again").status_code == 410
        assert phone.post("/forget", data={"sure": "yes"}).status_code == 410
    assert "Everything about you is deleted" in mine.get().text
    assert somebody.get().status_code == 200
    assert house.albums.faces(house.event) == 0
    assert house.albums.any_photo(house.event, photo) is not None
    assert house.albums.searches_by_id(MINE) == []
    assert [report.request_id for report in house.albums.reports(house.event)] == [None]


@pytest.mark.parametrize("form", [{}, {"sure": ""}, {"sure": "no"}])
def test_nobody_is_forgotten_by_mistake(house: House, form: dict[str, str]) -> None:
    house.add("a")
    phone = house.phone()
    assert phone.post("/forget", data=form).status_code == 400
    assert phone.get().status_code == 200


def test_where_the_organiser_keeps_faces_guests_are_told_so(house: House) -> None:
    house.add("a")
    house.change(forgets_faces=False)
    phone = house.phone()
    page = phone.get("/forget").text
    assert "the organiser of this event keeps it" in page
    assert "nobody finds them with your face" not in page
    phone.post("/forget", data={"sure": "yes"})
    assert house.albums.faces(house.event) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://10.42.0.1:8768"},
    ],
)
def test_other_web_sites_can_do_nothing_even_with_the_link(house: House, headers: dict[str, str]) -> None:
    photo = house.add("a")
    phone = house.phone()
    for tail in (f"/photos/{photo}/not-me", f"/photos/{photo}/report", "/again", "/forget"):
        answer = phone.post(tail, headers={**JSON, **headers}, data={"sure": "yes", "reason": "child"})
        assert (answer.status_code, answer.json()["error"]) == (403, "foreign"), tail
    assert phone.get("/photos").json()["total"] == 1


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "null"}, {"origin": "http://10.42.0.1:8767", "sec-fetch-site": "same-origin"}]
)
def test_ones_own_page_can(house: House, headers: dict[str, str]) -> None:
    photo = house.add("a")
    assert house.phone().post(f"/photos/{photo}/not-me", headers={**JSON, **headers}).status_code == 200


def test_deeds_are_no_gets(house: House) -> None:
    photo = house.add("a")
    phone = house.phone()
    for tail in (f"/photos/{photo}/not-me", f"/photos/{photo}/not-me/undo", f"/photos/{photo}/report", "/again"):
        assert phone.get(tail).status_code == 404, tail
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"):
        assert phone.ask(method, phone.path, params={"t": phone.token}).status_code in {400, 404}, method
    assert phone.get("/photos").json()["total"] == 1
