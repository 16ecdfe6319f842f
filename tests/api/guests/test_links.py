"""Whose link shows what, and what nobody gets to see."""

from __future__ import annotations

import logging
import re
import uuid
from dataclasses import replace

import httpx
import pytest

from edged.photos.album import EventPlan, Features
from edged.photos.photo import Standing
from tests.api.guests.house import JSON, MINE, THEIRS, House, guest_house
from tests.hub.album_site import BY, JPEG

KINDS = ("thumbnail", "preview", "original")


def word(answer: httpx.Response) -> str:
    """Why a guest is turned away."""
    return str(answer.json()["error"])


def test_a_link_shows_what_was_found_and_nothing_else(house: House) -> None:
    mine, other = house.add("mine"), house.add("theirs", who=2)
    phone = house.phone()

    page = phone.get()

    assert page.status_code == 200
    assert re.findall(r'data-photo="([^"]+)"', page.text) == [mine]
    assert "1 photograph of you" in page.text
    for kind in KINDS:
        assert phone.get(f"/photos/{mine}/{kind}").content.startswith(JPEG)
        assert phone.get(f"/photos/{other}/{kind}").status_code == 404
    assert phone.get(f"/photos/{other}").status_code == 404
    assert phone.get("/photos.zip", params={"photo": other}).status_code == 404


def test_every_kind_of_picture_comes_whole_and_is_this_guests_alone(house: House) -> None:
    large = JPEG + bytes(range(256)) * 4096
    photo = house.add("a", content=large, filename="Läufer\r\n.jpg")
    phone = house.phone()

    original = phone.get(f"/photos/{photo}/original")
    assert original.content == large
    assert int(original.headers["content-length"]) == len(large)
    assert original.headers["content-disposition"] == (
        "attachment; filename=\"Laufer.jpg\"; filename*=UTF-8''L%C3%A4ufer.jpg"
    )
    thumbnail = phone.get(f"/photos/{photo}/thumbnail")
    assert thumbnail.content == JPEG + b"thumbnail of a"
    assert thumbnail.headers["content-disposition"].startswith("inline")
    assert thumbnail.headers["cache-control"] == "private, max-age=3600"
    house.clock.now += 3000
    assert phone.get(f"/photos/{photo}/thumbnail").headers["cache-control"] == "private, max-age=600"


def test_what_is_taken_away_or_deleted_is_not_shown_any_more(house: House) -> None:
    hidden, deleted, stays = house.add("hidden"), house.add("deleted"), house.add("stays")
    phone = house.phone()
    assert phone.get("/photos", headers=JSON).json()["total"] == 3

    house.albums.set_standing(house.event, hidden, Standing.HIDDEN, by=BY)
    house.albums.delete_photo(deleted, by=BY)

    assert [photo["id"] for photo in phone.get("/photos").json()["photos"]] == [stays]
    for photo in (hidden, deleted):
        assert phone.get(f"/photos/{photo}/thumbnail").status_code == 404
        assert phone.get(f"/photos/{photo}").status_code == 404


def test_another_guests_token_opens_nothing(house: House) -> None:
    photo = house.add("both")
    mine, theirs = house.phone(house.find(MINE)), house.phone(house.find(THEIRS))

    for tail in ("", "/photos", f"/photos/{photo}", f"/photos/{photo}/thumbnail", "/photos.zip", "/forget"):
        crossed = mine.ask("GET", mine.path + tail, params={"t": theirs.token})
        assert crossed.status_code == 404, tail
    for tail in ("/again", "/forget", f"/photos/{photo}/not-me", f"/photos/{photo}/report"):
        crossed = mine.ask(
            "POST", mine.path + tail, params={"t": theirs.token}, data={"sure": "yes", "reason": "child"}
        )
        assert crossed.status_code == 404, tail
    assert mine.get().status_code == theirs.get().status_code == 200


def test_a_token_of_another_event_with_the_same_request_id_opens_that_event_only(house: House) -> None:
    other = house.albums.create_event("booth", "other", EventPlan("Other", threshold=0.5), by=BY)
    here, there = house.add("here"), house.add("there", event=other)
    mine, elsewhere = house.phone(house.find()), house.phone(house.find(event=other))

    assert [photo["id"] for photo in mine.get("/photos").json()["photos"]] == [here]
    assert [photo["id"] for photo in elsewhere.get("/photos").json()["photos"]] == [there]
    assert mine.get(f"/photos/{there}/preview").status_code == 404


def test_without_a_token_or_with_a_wrong_one_nobody_learns_whether_there_is_such_a_search(house: House) -> None:
    phone = house.phone()
    absent = f"/g/{uuid.uuid4()}"

    answers = [
        phone.ask("GET", path, params={"t": token})
        for path in (phone.path, absent)
        for token in ("", "x", "zzzzzz.AAAAAAAAAAAAAAAAAAAAAA", phone.token[:-1] + "~", phone.token + "A")
    ]

    assert {answer.status_code for answer in answers} == {404}
    texts = {re.sub(r'href="[^"]*"', "", answer.text) for answer in answers}
    assert len(texts) == 1
    assert "scan the QR code" in texts.pop()


@pytest.mark.parametrize("path", ["/", "/g"])
def test_whoever_comes_without_a_link_reads_how_to_get_one(house: House, path: str) -> None:
    answer = house.phone().ask("GET", path)
    assert answer.status_code == 200
    assert "Take a selfie at the booth" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        *("/g/", "/g//", "/g/%2e%2e/static", "/static/", "/static/../guests.css", "/static/words"),
        *("/static/en.json", "/static/console.css", "/static/index.html", "/static/..%2f..%2fpages.py", "/metrics"),
        *("/api/v1/state", "/docs", "/healthz", "/g/%00", "/g/" + "a" * 3000, "/photos", "/booth", "/api/v1/ext"),
    ],
)
def test_there_is_nothing_else_at_this_address(house: House, path: str) -> None:
    answer = house.phone().ask("GET", path)
    assert answer.status_code == 404
    assert "Nothing is here" in answer.text


def test_path_tricks_lead_to_no_file(house: House) -> None:
    photo = house.add("a")
    phone = house.phone()
    for tail in (
        *("/photos/../../../etc/passwd/original", "/photos/..%2f..%2fphotos.db/original", "/photos/%2e%2e/original"),
        *(f"/photos/{photo}/../original", f"/photos/{photo.upper()}/original", f"/photos/{photo}/selfie"),
        *(f"/photos/{photo}%0a/original", f"/photos/{photo}/original%00", f"/photos/{photo}/", "/photos//original"),
    ):
        assert phone.get(tail).status_code == 404, tail


def test_a_link_is_over_when_its_time_is(house: House) -> None:
    house.add("a")
    phone = house.phone()
    house.clock.now += 3599
    assert phone.get().status_code == 200
    house.clock.now += 1
    answer = phone.get()
    assert answer.status_code == 410
    assert "This link is over" in answer.text
    assert word(phone.get("/photos", headers=JSON)) == "link_over"


def test_a_link_is_over_with_its_event(house: House) -> None:
    photo = house.add("a")
    phone = house.phone()
    house.change(expires=house.clock.now + 10)
    assert phone.get(f"/photos/{photo}/preview").headers["cache-control"] == "private, max-age=10"
    house.clock.now += 10
    assert word(phone.get(headers=JSON)) == "event_over"
    assert phone.get(f"/photos/{photo}/preview").status_code == 410


def test_of_a_purged_event_its_guests_are_told_that_it_is_over(house: House) -> None:
    house.add("a")
    phone = house.phone()
    house.albums.purge_event("booth", "party", by=BY)
    answer = phone.get(headers=JSON)
    assert (answer.status_code, word(answer)) == (410, "event_over")


def test_while_the_organiser_shows_nothing_guests_see_nothing(house: House) -> None:
    photo = house.add("a")
    phone = house.phone()
    house.change(Features(enabled=False))
    assert word(phone.get(headers=JSON)) == "paused"
    assert phone.get(f"/photos/{photo}/thumbnail").status_code == 403
    house.change(Features())
    assert phone.get().status_code == 200


def test_where_nothing_may_be_downloaded_nothing_can_be(house: House) -> None:
    photo = house.add("a")
    house.change(Features(downloads=False))
    phone = house.phone()

    page = phone.get().text
    for trace in ("photos.zip", "/original", "checkbox", 'data-do="share"', 'data-do="download"'):
        assert trace not in page
    assert "/original" not in phone.get(f"/photos/{photo}").text
    for tail in ("/photos.zip", f"/photos/{photo}/original"):
        assert word(phone.get(tail, headers=JSON)) == "not_offered"
    assert phone.get(f"/photos/{photo}/preview").status_code == 200


def test_every_answer_is_protected_and_pages_are_not_kept(house: House) -> None:
    photo = house.add("a")
    phone = house.phone()
    for answer in (
        *(
            phone.get(tail)
            for tail in ("", "/photos", "/photos.zip", "/forget", f"/photos/{photo}/preview", "/nothing")
        ),
        *(phone.ask("GET", path) for path in ("/", "/static/guests.css", "/nothing")),
        phone.post("/again"),
        phone.ask("PUT", "/g"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "set-cookie" not in answer.headers
    for tail in ("", "/photos", "/photos.zip", "/forget", f"/photos/{photo}"):
        assert phone.get(tail).headers["cache-control"] == "no-store", tail


def test_no_token_is_ever_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "edged")
    photo = house.add("a")
    phone = house.phone()
    for tail in ("", "/photos.zip", f"/photos/{photo}/original", "/nothing"):
        phone.get(tail)
    phone.post(f"/photos/{photo}/report", data={"reason": "child"})
    house.albums.purge_event("booth", "party", by=BY)
    phone.get()
    assert phone.token not in caplog.text
    assert not any(phone.token in act for act in house.acts)


def test_what_an_organiser_calls_an_event_is_text(house: House) -> None:
    plan = replace(house.event.plan, name="<script>alert(1)</script>\"'&")
    house.albums.change_event("booth", "party", plan, by=BY)
    house.add("a", filename='"><img src=x onerror=alert(1)>.jpg')
    page = house.phone().get(params={"lang": '"><script>', "said": "<b>", "page": "<i>"}).text
    assert "<script>alert" not in page
    assert "onerror" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>" not in page
    assert "<i>" not in page


@pytest.mark.parametrize(
    ("accept", "query", "title"),
    [
        ("", "", "1 Foto von dir"),
        ("en-GB,en;q=0.9,de;q=0.8", "", "1 photograph of you"),
        ("ja, fr;q=0.5, es;q=0.7", "", "1 foto tuya"),
        ("fr;q=0, es;q=x, *;q=0.1", "", "1 Foto von dir"),
        ("en", "fr", "1 photo de vous"),
        ("en", "xx", "1 photograph of you"),
    ],
)
def test_a_page_speaks_the_guests_language(
    house: House, tmp_path_factory: pytest.TempPathFactory, accept: str, query: str, title: str
) -> None:
    with guest_house(tmp_path_factory.mktemp("house"), language="de") as german:
        german.add("a")
        phone = german.phone()
        more = {"lang": query} if query else {}
        page = phone.get(params=more, headers={"accept-language": accept}).text
        assert title in page
        assert ("lang=fr&amp;" in page or 'lang=fr"' in page) == ("hreflang" in page)
        if query == "fr":
            assert page.count("lang=fr") > 5, "links keep the language"


def test_pages_follow_each_other_without_scripts(house: House) -> None:
    ids = [house.add(f"{number:02d}") for number in range(60)]
    phone = house.phone()
    seen: list[str] = []
    page, more = "1", True
    while more:
        text = phone.get(params={"page": page}).text
        seen += re.findall(r'data-photo="([^"]+)"', text)
        following = re.search(r'rel="next" href="[^"]*page=(\d+)', text)
        page, more = (following[1], True) if following else ("", False)
    assert sorted(seen) == sorted(ids)
    assert "60 photographs of you" in phone.get().text
    for odd in ("0", "-1", "x", "99999", "٣", ""):
        assert phone.get(params={"page": odd}).text.count("data-photo=") == 24, odd


def test_who_is_in_no_photograph_reads_what_to_do(house: House) -> None:
    house.add("theirs", who=2)
    phone = house.phone()
    page = phone.get().text
    assert "No photograph of you yet" in page
    assert "Photographs are still coming in" in page
    house.albums.close_event("booth", "party", True, by=BY)
    assert "takes no more photographs" in phone.get().text
