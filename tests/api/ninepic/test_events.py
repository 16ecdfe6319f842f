"""protocols.md, "9Pic face search": events, ping, details, images; pagination; what is not offered."""

from __future__ import annotations

import pytest

from edged.photos.album import EventPlan, Features
from tests.api.ninepic.site import EVENT, STAFF, Site, data, failed, selfie
from tests.api.painted import portrait

FLAGS = {
    "event_enabled": True,
    "selfie_search": True,
    "bib_search": False,
    "name_search": False,
    "video_search": False,
    "video_selfie_search": False,
    "timeline_search": False,
}


def add_images(site: Site, count: int) -> list[str]:
    return [site.add(portrait(number + 1), taken=float(number)) for number in range(count)]


def test_events_are_listed_the_newest_first_ten_a_page(site: Site) -> None:
    for number in range(12):
        site.albums.create_event("acme", f"run-{number}", EventPlan("Run", Features(), 0.5), by=STAFF)

    first = data(site.client.get("/api/v1/ext/acme/events"))

    assert [event["event"] for event in first["events"]] == [f"run-{number}" for number in range(11, 1, -1)]
    assert first["pagination"] == {
        "total": 14,
        "currentPage": 1,
        "totalPages": 2,
        "hasNextPage": True,
        "hasPreviousPage": False,
        "page_size": 10,
    }
    second = data(site.client.get("/api/v1/ext/acme/events?page=2"))
    assert [event["event"] for event in second["events"]] == ["run-1", "run-0", "walk", "run"]
    assert (second["pagination"]["hasNextPage"], second["pagination"]["hasPreviousPage"]) == (False, True)


def test_another_organisations_events_are_not_listed(site: Site) -> None:
    events = data(site.client.get("/api/v1/ext/zoo/events"))["events"]
    assert [(event["organisation"], event["event"]) for event in events] == [("zoo", "run")]


def test_an_organisation_without_events_has_page_0_of_0(site: Site) -> None:
    site.albums.create_organisation("new", "New", by=STAFF)
    answer = data(site.client.get("/api/v1/ext/new/events?page=3"))
    assert answer["events"] == []
    assert answer["pagination"] == {
        "total": 0,
        "currentPage": 0,
        "totalPages": 0,
        "hasNextPage": False,
        "hasPreviousPage": False,
        "page_size": 10,
    }


def test_ping_answers_also_for_an_event_that_is_not_enabled(site: Site) -> None:
    assert data(site.client.get(f"{EVENT}/ping")) == {"event": "run", "event_enabled": True}
    site.offer(enabled=False)
    assert data(site.client.get(f"{EVENT}/ping")) == {"event": "run", "event_enabled": False}


def test_details_carry_all_flags(site: Site) -> None:
    details = data(site.client.get(f"{EVENT}/details"))
    assert {name: details[name] for name in FLAGS} == FLAGS
    assert (details["event"], details["name"], details["total_images"]) == ("run", "The run", 0)

    site.offer(enabled=False, selfie_search=False, name_search=True)
    details = data(site.client.get(f"{EVENT}/details"))
    changed = {"event_enabled": False, "selfie_search": False, "name_search": True}
    assert {name: details[name] for name in FLAGS} == FLAGS | changed


def test_images_come_by_capture_time_untimed_last(site: Site) -> None:
    late = site.add(portrait(1), taken=200.0)
    untimed = site.add(portrait(2))
    early = site.add(portrait(3), taken=100.0)

    images = data(site.client.get(f"{EVENT}/images"))["images"]

    assert [image["image_id"] for image in images] == [early, late, untimed]
    assert set(images[0]) == {"img_url", "height", "width", "image_id", "thumbnail_url", "original_url"}
    assert (images[0]["width"], images[0]["height"], images[0]["original_url"]) == (320, 240, None)


def test_images_are_32_a_page(site: Site) -> None:
    ids = add_images(site, 35)
    first = data(site.client.get(f"{EVENT}/images"))
    second = data(site.client.get(f"{EVENT}/images?page=2"))

    assert [image["image_id"] for image in first["images"]] == ids[:32]
    assert [image["image_id"] for image in second["images"]] == ids[32:]
    assert first["pagination"]["page_size"] == 32
    assert second["pagination"]["totalPages"] == 2


def test_at_most_100_are_on_a_page_and_the_pagination_says_so(site: Site) -> None:
    answer = data(site.client.get(f"{EVENT}/images?page_size=5000"))
    assert answer["pagination"]["page_size"] == 100
    assert data(site.client.get("/api/v1/ext/acme/events?page_size=101"))["pagination"]["page_size"] == 100


def test_past_the_end_there_are_no_images_and_true_totals(site: Site) -> None:
    add_images(site, 3)
    answer = data(site.client.get(f"{EVENT}/images?page=9&page_size=2"))
    assert answer["images"] == []
    assert answer["pagination"] == {
        "total": 3,
        "currentPage": 9,
        "totalPages": 2,
        "hasNextPage": False,
        "hasPreviousPage": True,
        "page_size": 2,
    }


@pytest.mark.parametrize("page", ["999999999", "000000001"])
def test_a_page_number_may_be_long(site: Site, page: str) -> None:
    site.add(portrait(1))
    assert data(site.client.get(f"{EVENT}/images?page={page}"))["pagination"]["currentPage"] == int(page)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "1e3", "٣", "9999999999", "0x10", "1,2", "%00"])
@pytest.mark.parametrize("name", ["page", "page_size"])
def test_what_is_no_whole_number_from_1_is_422(site: Site, name: str, value: str) -> None:
    message = failed(site.client.get(f"{EVENT}/images?{name}={value}"), 422)
    assert message == f"{name}: must be a whole number from 1"


def test_an_empty_parameter_is_absent(site: Site) -> None:
    answer = data(site.client.get(f"{EVENT}/images?page=&page_size=&unknown=1"))
    assert answer["pagination"]["page_size"] == 32


@pytest.mark.parametrize("search", ["bibs", "bibs/123", "timeline", "timeline/2024/1", "video", "videos/faces"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_bibs_timeline_and_video_are_403(site: Site, method: str, search: str) -> None:
    assert failed(site.client.request(method, f"{EVENT}/{search}"), 403)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "images"),
        ("POST", "faces"),
        ("GET", "faces/0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("POST", "original-photos"),
    ],
)
def test_an_event_that_is_not_enabled_is_403(site: Site, method: str, address: str) -> None:
    site.offer(enabled=False)
    assert "not enabled" in failed(site.client.request(method, f"{EVENT}/{address}"), 403)


def test_a_feature_that_is_off_is_403_and_the_others_stay(site: Site) -> None:
    site.offer(selfie_search=False)
    assert failed(site.client.post(f"{EVENT}/faces", files=selfie()), 403)
    assert failed(site.client.get(f"{EVENT}/faces/0f8fad5b-d9cb-469f-a165-70867728950e"), 403)
    assert data(site.client.get(f"{EVENT}/images"))

    site.offer(downloads=False)
    body = {"method": "image_id", "identifier": "x"}
    assert failed(site.client.post(f"{EVENT}/original-photos", json=body), 403)
    assert data(site.client.post(f"{EVENT}/faces", files=selfie()))
