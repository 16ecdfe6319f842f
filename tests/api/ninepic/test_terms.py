"""What an event's terms, and a photograph's standing, do to 9Pic's clients."""

from __future__ import annotations

import pytest

from edged.photos.photo import PhotoKind, Standing
from edged.photos.search import Turn
from tests.api.ninepic.site import EVENT, STAFF, Site, data, failed, selfie
from tests.api.painted import MODEL, portrait, vector

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def search(site: Site) -> list[str]:
    """Ids of what a search that has not been done before finds."""
    return [image["image_id"] for image in data(site.client.post(f"{EVENT}/faces", files=selfie()))["images"]]


# an event that is over


@pytest.mark.parametrize(
    ("method", "address"),
    [("GET", "images"), ("POST", "faces"), ("GET", f"faces/{ID}"), ("POST", "original-photos")],
)
def test_an_event_that_is_over_is_403_like_one_that_is_not_enabled(site: Site, method: str, address: str) -> None:
    site.agree(expires=site.clock.now)
    assert failed(site.client.request(method, f"{EVENT}/{address}"), 403) == "this event is over"


def test_of_an_event_that_is_over_it_is_told_that_it_is_not_enabled(site: Site) -> None:
    def told() -> list[bool]:
        ping, details = (data(site.client.get(f"{EVENT}/{address}")) for address in ("ping", "details"))
        listed = data(site.client.get("/api/v1/ext/acme/events"))["events"]
        (run,) = (event for event in listed if event["event"] == "run")
        return [answer["event_enabled"] for answer in (ping, details, run)]

    site.agree(expires=site.clock.now + 1)
    assert told() == [True] * 3
    site.clock.now += 1
    assert told() == [False] * 3


def test_a_link_of_an_event_that_is_over_leads_nowhere(site: Site) -> None:
    site.add(portrait(1))
    (image,) = data(site.client.get(f"{EVENT}/images"))["images"]
    assert site.client.get(image["img_url"]).status_code == 200

    site.agree(expires=1.0)

    assert site.client.get(image["img_url"]).status_code == 404


def test_an_event_that_is_closed_is_searched_as_before(site: Site) -> None:
    photo = site.add(portrait(1))
    site.albums.close_event("acme", "run", True, by=STAFF)
    assert search(site) == [photo]


# photographs that are not shown


@pytest.mark.parametrize("standing", [Standing.HIDDEN, Standing.WAITING])
def test_a_photograph_that_is_not_shown_is_not_listed_found_or_downloaded(site: Site, standing: Standing) -> None:
    gone, stays = site.add(portrait(1, 0)), site.add(portrait(1, 1))
    before = data(site.client.post(f"{EVENT}/faces", files=selfie(), data={"request_id": ID}))
    assert [image["image_id"] for image in before["images"]] == [gone, stays]

    site.stand(gone, standing)

    listed = data(site.client.get(f"{EVENT}/images"))
    assert [image["image_id"] for image in listed["images"]] == [stays]
    assert listed["pagination"]["total"] == 1
    assert data(site.client.get(f"{EVENT}/details"))["total_images"] == 1
    again = data(site.client.get(f"{EVENT}/faces/{ID}"))
    assert [image["image_id"] for image in again["images"]] == [stays]
    assert again["pagination"]["total"] == 1
    assert search(site) == [stays]
    for wish in ({"method": "image_id", "identifier": gone}, {"method": "image_ids", "identifier": [gone]}):
        asked = data(site.client.post(f"{EVENT}/original-photos", json=wish))
        assert (asked["presigned_urls"], asked["failed_urls"]) == ([], [gone])
    found = data(site.client.post(f"{EVENT}/original-photos", json={"method": "selfie", "identifier": ID}))
    assert [found["total_images"], len(found["presigned_urls"])] == [1, 1]
    for link in ("img_url", "thumbnail_url"):
        assert site.client.get(before["images"][0][link]).status_code == 404
        assert site.client.get(before["images"][1][link]).status_code == 200


def test_a_photograph_that_was_let_through_is_there(site: Site) -> None:
    site.agree(is_moderated=True)
    photo = site.add(portrait(1))
    assert search(site) == []

    site.stand(photo, Standing.SHOWN)

    assert search(site) == [photo]


# searches that can be denied and forgotten


def test_a_search_keeps_what_it_was_done_with_so_that_it_can_be_forgotten(site: Site) -> None:
    site.add(portrait(1))
    site.client.post(f"{EVENT}/faces", files=selfie(1), data={"request_id": ID})
    kept = site.albums.search(site.event, ID)
    assert kept is not None
    assert kept.probe is not None
    assert kept.probe.model == MODEL
    assert kept.probe.vector.tolist() == vector(1).tolist()
    assert kept.consent is None

    removal = site.albums.forget_guest(site.event, ID, 0.5, by=STAFF)

    assert removal is not None
    assert (removal.searches, removal.faces) == (1, 1)
    assert failed(site.client.get(f"{EVENT}/faces/{ID}"), 404)
    assert search(site) == []


def test_what_a_guest_denied_their_next_search_leaves_out(site: Site) -> None:
    wrong, right = site.add(portrait(1, 0)), site.add(portrait(1, 1))
    site.client.post(f"{EVENT}/faces", files=selfie(1), data={"request_id": ID})

    assert site.albums.deny(site.event, ID, wrong, by=STAFF)

    again = data(site.client.get(f"{EVENT}/faces/{ID}"))
    assert [image["image_id"] for image in again["images"]] == [right]
    assert search(site) == [right]


def test_a_selfie_is_kept_only_where_the_event_says_so_and_as_a_small_picture(site: Site) -> None:
    site.client.post(f"{EVENT}/faces", files=selfie(1), data={"request_id": ID})
    assert site.albums.selfie(site.event, ID) is None

    site.agree(keeps_selfies=True)
    other = ID[:-1] + "f"
    site.client.post(f"{EVENT}/faces", files=selfie(1), data={"request_id": other})

    kept = site.albums.selfie(site.event, other)
    assert kept is not None
    assert kept.startswith(b"\xff\xd8\xff")
    assert kept != selfie(1)["file"][1]


def test_a_selfie_that_cannot_be_kept_leaves_the_search_to_the_next(site: Site) -> None:
    site.agree(keeps_selfies=True)
    (site.folder / "photos").write_bytes(b"in the way")
    answer = site.client.post(f"{EVENT}/faces", files=selfie(1), data={"request_id": ID})
    assert answer.status_code == 503
    assert site.albums.begin_search(site.event, ID) is Turn.MINE


def test_of_an_event_that_keeps_no_originals_the_picture_that_is_shown_is_downloaded(site: Site) -> None:
    site.agree(keeps_originals=False)
    photo = site.add(portrait(1))

    (link,) = data(site.client.post(f"{EVENT}/original-photos", json={"method": "image_id", "identifier": photo}))[
        "presigned_urls"
    ]

    preview = site.albums.content(photo, PhotoKind.PREVIEW)
    assert preview is not None
    answer = site.client.get(link["url"])
    assert (answer.content, answer.headers["content-type"]) == (preview.content, "image/jpeg")
