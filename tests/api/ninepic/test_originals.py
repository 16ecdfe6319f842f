"""protocols.md, "9Pic face search": original-photos, and the links in every answer."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from edged.api.photo_link import PhotoLinks
from edged.photos.photo import PhotoKind
from tests.api.ninepic.site import EVENT, STAFF, Site, data, failed, ninepic_site, selfie
from tests.api.painted import paint, portrait

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
HOUR_S = 3600


def originals(site: Site, body: Any, query: str = "") -> httpx.Response:
    return site.client.post(f"{EVENT}/original-photos{query}", json=body)


def test_ids_lead_to_links_and_unknown_ones_are_failed(site: Site) -> None:
    first, second = site.add(portrait(1), filename="Läufer 1.png"), site.add(portrait(2))
    unknown = str(uuid.uuid4())
    theirs = site.add(portrait(3), event="walk")

    answer = data(originals(site, {"method": "image_ids", "identifier": [second, unknown, first, "x/../y", theirs]}))

    assert set(answer) == {
        "presigned_urls",
        "failed_urls",
        "total_images",
        "successful_count",
        "failed_count",
        "identifier",
        "message",
        "pagination",
    }
    assert [set(link) for link in answer["presigned_urls"]] == [{"url", "filename"}] * 2
    assert [link["filename"] for link in answer["presigned_urls"]] == ["a.png", "Läufer 1.png"]
    assert answer["failed_urls"] == [unknown, "x/../y", theirs]
    assert (answer["total_images"], answer["successful_count"], answer["failed_count"]) == (5, 2, 3)
    assert answer["identifier"] == [second, unknown, first, "x/../y", theirs]


def test_one_id(site: Site) -> None:
    photo = site.add(portrait(1))
    answer = data(originals(site, {"method": "image_id", "identifier": photo}))
    assert len(answer["presigned_urls"]) == 1
    assert answer["identifier"] == photo
    assert data(originals(site, {"method": "image_id", "identifier": str(uuid.uuid4())}))["failed_count"] == 1


def test_one_id_passes_for_a_list_of_one(site: Site) -> None:
    photo = site.add(portrait(1))
    assert data(originals(site, {"method": "image_ids", "identifier": photo}))["successful_count"] == 1


def test_an_id_may_be_written_as_any_uuid(site: Site) -> None:
    photo = site.add(portrait(1))
    assert data(originals(site, {"method": "image_id", "identifier": photo.upper()}))["successful_count"] == 1


def test_an_id_twice_is_one_photograph(site: Site) -> None:
    photo = site.add(portrait(1))
    answer = data(originals(site, {"method": "image_ids", "identifier": [photo, photo, "x", "x"]}))
    assert (answer["total_images"], answer["successful_count"], answer["failed_urls"]) == (2, 1, ["x"])


def test_a_search_leads_to_the_originals_it_found(site: Site) -> None:
    photos = {site.add(portrait(1, day)) for day in range(3)}
    site.add(portrait(2))
    data(site.client.post(f"{EVENT}/faces", files=selfie(1), data={"request_id": ID}))

    answer = data(originals(site, {"method": "selfie", "identifier": ID.upper()}))

    assert {re.split("[/?]", link["url"])[5] for link in answer["presigned_urls"]} == photos
    assert (answer["total_images"], answer["failed_urls"], answer["identifier"]) == (3, [], ID.upper())


def test_an_unknown_search_is_404_and_a_bad_id_of_one_400(site: Site) -> None:
    assert failed(originals(site, {"method": "selfie", "identifier": ID}), 404)
    assert failed(originals(site, {"method": "selfie", "identifier": "4711"}), 400)


def test_another_events_search_is_404(site: Site) -> None:
    data(site.client.post("/api/v1/ext/acme/event/walk/faces", files=selfie(1), data={"request_id": ID}))
    assert failed(originals(site, {"method": "selfie", "identifier": ID}), 404)


@pytest.mark.parametrize("method", ["image_ids", "selfie"])
def test_links_are_30_a_page_and_60_at_most(site: Site, method: str) -> None:
    ids = [site.add(portrait(1, day)) for day in range(65)]
    identifier: Any = ids
    if method == "selfie":
        identifier = data(site.client.post(f"{EVENT}/faces", files=selfie(1)))["request_id"]
    body = {"method": method, "identifier": identifier}

    assert len(data(originals(site, body))["presigned_urls"]) == 30
    most = data(originals(site, body, "?page_size=500"))
    assert len(most["presigned_urls"]) == 60
    assert (most["pagination"]["page_size"], most["pagination"]["totalPages"]) == (60, 2)
    last = data(originals(site, body, "?page=2&page_size=60"))
    assert (len(last["presigned_urls"]), last["total_images"], last["successful_count"]) == (5, 65, 5)
    past = data(originals(site, body, "?page=9"))
    assert (past["presigned_urls"], past["total_images"], past["pagination"]["hasPreviousPage"]) == ([], 65, True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "method: is missing; identifier: is missing"),
        (None, "method: is missing; identifier: is missing"),
        ([], "method: is missing; identifier: is missing"),
        ({"method": "all", "identifier": "x"}, "method: must be one of selfie, image_id, image_ids"),
        ({"method": ["selfie"], "identifier": "x"}, "method: must be one of selfie, image_id, image_ids"),
        ({"method": {"a": 1}, "identifier": "x"}, "method: must be one of selfie, image_id, image_ids"),
        ({"method": "selfie", "identifier": ""}, "identifier: is missing"),
        ({"method": "selfie", "identifier": 4711}, "identifier: must be text"),
        ({"method": "image_id", "identifier": [ID]}, "identifier: must be text"),
        ({"method": "image_ids", "identifier": []}, "identifier: is missing"),
        ({"method": "image_ids", "identifier": {"a": 1}}, "identifier: must be a list of texts"),
        ({"method": "image_ids", "identifier": True}, "identifier: must be a list of texts"),
        ({"method": "image_ids", "identifier": [ID, 7]}, "identifier.1: must be text"),
        ({"method": "image_ids", "identifier": ["x"] * 1001}, "identifier: has more than 1000 entries"),
        (
            {"method": "x", "identifier": 7},
            "method: must be one of selfie, image_id, image_ids; identifier: must be text",
        ),
    ],
)
def test_a_wrong_body_is_422_and_names_the_fields(site: Site, body: Any, message: str) -> None:
    assert failed(originals(site, body), 422) == message


def test_half_a_character_in_an_id_is_422(site: Site) -> None:
    body = b'{"method":"image_ids","identifier":["\\ud800"]}'
    answer = site.client.post(f"{EVENT}/original-photos", content=body, headers={"content-type": "application/json"})
    assert failed(answer, 422).startswith("body: ")


# the links


def test_a_link_leads_to_the_file_as_it_came(site: Site) -> None:
    photo = site.add(portrait(1), filename='../..\\a "b";\r\nx: y – Läufer.png')
    (link,) = data(originals(site, {"method": "image_id", "identifier": photo}))["presigned_urls"]

    file = site.visitor(None).get(link["url"])

    assert (file.status_code, file.content) == (200, portrait(1))
    assert file.headers["content-type"] == "image/png"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "x" not in file.headers
    header = re.fullmatch(
        r"attachment; filename=\"([-\w. ()]+)\"; filename\*=UTF-8''([\w%.~-]+)", file.headers["content-disposition"]
    )
    assert header is not None
    plain, encoded = header.groups()
    assert link["filename"] == "a b;x y – Läufer.png"
    assert unquote(encoded) == link["filename"]
    assert "Laufer" in plain


def test_pictures_are_smaller_jpegs_shown_in_the_page(site: Site) -> None:
    site.add(paint(size=(3000, 1500)))
    (image,) = data(site.client.get(f"{EVENT}/images"))["images"]
    for url, width in ((image["img_url"], 1600), (image["thumbnail_url"], 320)):
        file = site.visitor(None).get(url)
        assert file.status_code == 200
        assert file.headers["content-type"] == "image/jpeg"
        assert file.headers["content-disposition"].startswith("inline")
        assert size_of(file.content) == (width, width // 2)
    assert (image["width"], image["height"]) == (3000, 1500)


def test_a_link_to_an_original_is_good_for_an_hour(site: Site) -> None:
    photo = site.add(portrait(1))
    (link,) = data(originals(site, {"method": "image_id", "identifier": photo}))["presigned_urls"]
    site.clock.now += HOUR_S - 2
    assert site.visitor(None).get(link["url"]).status_code == 200
    site.clock.now += 3
    over = site.visitor(None).get(link["url"])
    assert over.status_code == 403
    assert "over" in over.json()["error"]["what"]


def test_a_picture_can_be_looked_at_for_a_day_and_keeps_its_link_for_an_hour(site: Site) -> None:
    site.add(portrait(1))
    site.clock.now = 1_800_000_001.0  # a second after the full hour
    (first,) = data(site.client.get(f"{EVENT}/images"))["images"]
    site.clock.now += HOUR_S - 1
    (second,) = data(site.client.get(f"{EVENT}/images"))["images"]
    assert first == second
    site.clock.now += 2
    (third,) = data(site.client.get(f"{EVENT}/images"))["images"]
    assert third["img_url"] != first["img_url"]

    site.clock.now += 24 * HOUR_S - 10
    assert site.visitor(None).get(third["img_url"]).status_code == 200
    site.clock.now += 2 * HOUR_S
    assert site.visitor(None).get(third["img_url"]).status_code == 403


def test_a_link_that_was_changed_anywhere_is_refused(site: Site) -> None:
    photo, other = site.add(portrait(1)), site.add(portrait(2))
    (link,) = data(originals(site, {"method": "image_id", "identifier": photo}))["presigned_urls"]
    (image, _other) = data(site.client.get(f"{EVENT}/images"))["images"]
    url = link["url"]
    expires = int(httpx.URL(url).params["expires"])

    changed = [
        url.replace(photo, other),
        url.replace("/original?", "/preview?"),
        image["thumbnail_url"].replace("/thumbnail?", "/original?"),
        url.replace(str(expires), str(expires + 1)),
        url.replace(str(expires), f"0{expires}x"),
        url.replace(str(expires), ""),
        url.replace(str(expires), "9" * 5000),
        url.replace(str(expires), "-1"),
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        url[:-1],
        url.partition("&")[0],
        url.partition("?")[0],
        re.sub("signature=.*", "signature=ä", url),
    ]
    for address in changed:
        assert site.visitor(None).get(address).status_code == 403, address


def test_another_centres_link_is_refused(site: Site) -> None:
    photo = site.add(portrait(1))
    links = PhotoLinks(b"x" * 32)
    url = links.link(photo, PhotoKind.ORIGINAL, base="http://hub.example", now=site.clock.now, life_s=HOUR_S)
    assert site.visitor(None).get(url).status_code == 403


def test_a_link_to_a_photograph_that_is_gone_is_404(site: Site) -> None:
    photo = site.add(portrait(1))
    (link,) = data(originals(site, {"method": "image_id", "identifier": photo}))["presigned_urls"]
    site.albums.delete_photo(photo, by=STAFF)
    assert site.visitor(None).get(link["url"]).status_code == 404


def test_links_begin_as_the_client_called_us_or_as_the_centre_says(site: Site, tmp_path_factory: Any) -> None:
    site.add(portrait(1))
    (image,) = data(site.client.get(f"{EVENT}/images"))["images"]
    assert image["img_url"].startswith("http://hub.example/edged/photos/")

    with ninepic_site(tmp_path_factory.mktemp("public"), public_url="https://photos.example.org") as public:
        public.add(portrait(1))
        (image,) = data(public.client.get(f"{EVENT}/images"))["images"]
        assert image["thumbnail_url"].startswith("https://photos.example.org/edged/photos/")


def test_no_answer_has_a_key_in_it(site: Site) -> None:
    site.add(portrait(1))
    texts = [
        site.client.get(f"{EVENT}/images").text,
        site.client.get(f"{EVENT}/images?page=x").text,
        site.visitor("wrong").get(f"{EVENT}/images").text,
    ]
    for text in texts:
        assert "wrong" not in text
        assert json.dumps((b"k" * 32).decode()) not in text


def size_of(jpeg: bytes) -> tuple[int, int]:
    from edged.vision.photo import decode_photo  # noqa: PLC0415  only this asks

    image = decode_photo(jpeg)
    return image.shape[1], image.shape[0]
