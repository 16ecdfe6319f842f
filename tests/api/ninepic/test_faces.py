"""protocols.md, "9Pic face search": POST faces, GET faces/{request_id}, and what a request_id means."""

from __future__ import annotations

import threading
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from edged.api.directory import Choose, Looked
from edged.api.selfie_search import least_similarity
from edged.domain.errors import Refused
from edged.domain.rect import Rect
from edged.measure.hostile_photo import hostile_photos
from edged.photos.search import Turn
from tests.api.ninepic.site import EVENT, LIMIT, Site, data, failed, ninepic_site, selfie
from tests.api.painted import PaintedEyes, crowd, paint, portrait

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NOBODY = paint()


def search(site: Site, who: int = 1, request_id: str = "", address: str = f"{EVENT}/faces") -> httpx.Response:
    return site.client.post(address, files=selfie(who), data={"request_id": request_id} if request_id else None)


def test_a_selfie_finds_the_photographs_somebody_is_in_the_likest_first(site: Site) -> None:
    alone, group = site.add(portrait(1, 3)), site.add(crowd(1, 3))
    site.add(portrait(9))

    found = data(search(site, 1))

    assert [image["image_id"] for image in found["images"]] == [group, alone]
    assert set(found) == {"request_id", "confidence_percentage", "images", "pagination"}
    assert set(found["images"][0]) == {"img_url", "height", "width", "image_id", "thumbnail_url", "original_url"}
    assert found["images"][0]["original_url"] is None
    assert 99 < found["confidence_percentage"] <= 100
    assert found["pagination"]["total"] == 2


def test_the_largest_face_of_a_selfie_counts(site: Site) -> None:
    photo = site.add(portrait(4))
    site.add(portrait(5))
    found = data(site.client.post(f"{EVENT}/faces", files={"file": ("a.png", crowd(4, 2))}))
    assert [image["image_id"] for image in found["images"]] == [photo]


def test_a_photograph_below_the_events_threshold_is_not_shown(site: Site) -> None:
    site.add(portrait(1, 3))
    similar = data(search(site, 1))
    with site.albums._database.writing() as connection:
        connection.execute("UPDATE events SET threshold = 0.999999 WHERE slug = 'run'")
    strict = data(search(site, 1))
    assert (len(similar["images"]), len(strict["images"])) == (1, 0)
    assert strict["confidence_percentage"] == 0


def test_nothing_found_is_page_0_of_0(site: Site) -> None:
    site.add(portrait(2))
    found = data(search(site, 1))
    assert found["images"] == []
    assert found["confidence_percentage"] == 0
    assert found["pagination"] == {
        "total": 0,
        "currentPage": 0,
        "totalPages": 0,
        "hasNextPage": False,
        "hasPreviousPage": False,
        "page_size": 32,
    }


def test_no_face_in_the_selfie_is_200_empty_and_cached(site: Site) -> None:
    site.add(portrait(1))
    body = {"files": {"file": ("a.png", NOBODY)}, "data": {"request_id": ID}}
    found = data(site.client.post(f"{EVENT}/faces", **body))
    assert (found["images"], found["confidence_percentage"]) == ([], 0)

    assert data(site.client.get(f"{EVENT}/faces/{ID}")) == found
    assert data(search(site, 1, ID)) == found
    assert site.eyes.looks == 2  # one for the photograph, one for the selfie


def test_pages_of_a_search_follow_each_other(site: Site) -> None:
    for day in range(5):
        site.add(portrait(1, day))
    everything = data(search(site, 1, ID))["images"]

    pages = [
        data(site.client.post(f"{EVENT}/faces?page={page}&page_size=2", files=selfie(), data={"request_id": ID}))
        for page in (1, 2, 3, 4)
    ]

    assert [image for page in pages for image in page["images"]] == everything
    assert [page["pagination"]["hasNextPage"] for page in pages] == [True, True, False, False]
    assert pages[3]["pagination"] == {
        "total": 5,
        "currentPage": 4,
        "totalPages": 3,
        "hasNextPage": False,
        "hasPreviousPage": True,
        "page_size": 2,
    }
    assert data(site.client.get(f"{EVENT}/faces/{ID}?page=2&page_size=2")) == pages[1]


def test_the_page_may_stand_in_the_form(site: Site) -> None:
    site.add(portrait(1))
    answer = site.client.post(f"{EVENT}/faces?page=2", files=selfie(), data={"page": "1", "page_size": "3"})
    assert data(answer)["pagination"]["page_size"] == 3
    assert len(data(answer)["images"]) == 1


# request_id


def test_without_a_request_id_one_is_made(site: Site) -> None:
    first, second = data(search(site))["request_id"], data(search(site))["request_id"]
    assert str(uuid.UUID(first)) == first
    assert first != second
    assert data(site.client.get(f"{EVENT}/faces/{first}"))["request_id"] == first


@pytest.mark.parametrize(
    "text",
    [ID, ID.upper(), f"urn:uuid:{ID}", f"URN:UUID:{ID.upper()}", ID.replace("-", ""), f" {ID} "],
)
def test_a_uuid_in_any_text_of_rfc_4122_is_echoed_canonical(site: Site, text: str) -> None:
    assert data(search(site, 1, text))["request_id"] == ID
    assert data(site.client.get(f"{EVENT}/faces/{text.strip()}"))["request_id"] == ID
    assert data(search(site, 1, ID))["request_id"] == ID
    assert site.eyes.looks == 1


@pytest.mark.parametrize("text", ["00000000-0000-0000-0000-000000000000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"])
def test_a_uuid_of_any_version_is_one(site: Site, text: str) -> None:
    assert data(search(site, 1, text))["request_id"] == text


@pytest.mark.parametrize(
    "text",
    ["x", "123", ID[:-1], ID + "0", ID.replace("0", "g", 1), "-" * 36, f"{{{ID}", ID.replace("-", "–"), "٠" * 32],
)
def test_a_bad_uuid_is_400(site: Site, text: str) -> None:
    assert "UUID" in failed(search(site, 1, text), 400)
    assert site.eyes.looks == 0


def test_a_bad_uuid_in_the_address_is_400(site: Site) -> None:
    assert "UUID" in failed(site.client.get(f"{EVENT}/faces/4711"), 400)


def test_the_same_id_again_returns_the_cached_result_and_ignores_the_file(site: Site) -> None:
    site.add(portrait(1))
    first = data(search(site, 1, ID))
    assert len(first["images"]) == 1
    looks = site.eyes.looks
    site.add(portrait(1, 5))
    looks += 1

    for files in (selfie(2), {"file": ("a.txt", b"no picture")}, {"file": ("", b"")}, {"other": ("x", b"y")}):
        assert data(site.client.post(f"{EVENT}/faces", files=files, data={"request_id": ID})) == first
    assert data(site.client.post(f"{EVENT}/faces", json={"request_id": ID})) == first
    assert data(site.client.post(f"{EVENT}/faces?request_id={ID}")) == first
    assert site.eyes.looks == looks


def test_a_request_id_is_one_organisations_and_one_events(site: Site) -> None:
    data(search(site, 1, ID))
    for event in ("/api/v1/ext/acme/event/walk", "/api/v1/ext/zoo/event/run"):
        assert failed(site.client.get(f"{event}/faces/{ID}"), 404)
    site.add(portrait(1), event="walk")
    assert len(data(search(site, 1, ID, "/api/v1/ext/acme/event/walk/faces"))["images"]) == 1
    assert data(site.client.get(f"{EVENT}/faces/{ID}"))["images"] == []


def test_an_unknown_request_is_404(site: Site) -> None:
    assert failed(site.client.get(f"{EVENT}/faces/{ID}"), 404)


def test_a_search_that_is_not_done_yet_is_404(site: Site) -> None:
    assert site.albums.begin_search(site.event, ID) is Turn.MINE
    assert failed(site.client.get(f"{EVENT}/faces/{ID}"), 404)


def test_a_failed_search_may_be_tried_again_with_its_id(site: Site) -> None:
    site.add(portrait(1))
    broken = {"file": ("a.png", portrait(1)[:60])}
    assert failed(site.client.post(f"{EVENT}/faces", files=broken, data={"request_id": ID}), 400)
    assert failed(site.client.get(f"{EVENT}/faces/{ID}"), 404)

    assert len(data(search(site, 1, ID))["images"]) == 1


def test_get_faces_never_touches_the_eyes(site: Site) -> None:
    class Blind(PaintedEyes):
        def look(self, photo: bytes, choose: Choose) -> Looked:
            raise AssertionError

        def confidence(self, similarity: float, comparisons: int) -> float:
            raise AssertionError

    site.add(portrait(1))
    found = data(search(site, 1, ID))
    assert data(site.other(eyes=Blind()).get(f"{EVENT}/faces/{ID}")) == found


def test_a_photograph_deleted_since_is_found_no_more(site: Site) -> None:
    gone, stays = site.add(portrait(1, 1)), site.add(portrait(1, 2))
    assert data(search(site, 1, ID))["pagination"]["total"] == 2
    site.albums.delete_photo(gone, by=site.gate.grants["key"])
    found = data(site.client.get(f"{EVENT}/faces/{ID}"))
    assert [image["image_id"] for image in found["images"]] == [stays]
    assert found["pagination"]["total"] == 1


# concurrency


def test_fifty_at_once_with_one_id_run_once(site: Site) -> None:
    class Slow(PaintedEyes):
        def look(self, photo: bytes, choose: Choose) -> Looked:
            everybody_is_there.wait(0.3)
            return super().look(photo, choose)

    everybody_is_there = threading.Event()
    site.add(portrait(1))
    eyes = Slow()
    client = site.other(eyes=eyes)
    with ThreadPoolExecutor(50) as pool:
        asked = [
            pool.submit(client.post, f"{EVENT}/faces", files=selfie(1 + at), data={"request_id": ID})
            for at in range(50)
        ]
        found = [data(one.result()) for one in asked]

    assert eyes.looks == 1
    assert all(one == found[0] for one in found)


def test_if_the_one_that_runs_fails_another_takes_its_turn(site: Site) -> None:
    class Moody(PaintedEyes):
        def look(self, photo: bytes, choose: Choose) -> Looked:
            looked = super().look(photo, choose)
            if self.looks == 1:
                others_wait.wait(0.3)
                raise Refused("damaged", "the picture is damaged")
            return looked

    others_wait = threading.Event()
    site.add(portrait(1))
    eyes = Moody()
    client = site.other(eyes=eyes)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.post, f"{EVENT}/faces", files=selfie(), data={"request_id": ID}) for _ in range(8)]
        answers = [one.result() for one in asked]

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [400]
    assert eyes.looks == 2


def test_who_waits_too_long_for_another_gets_a_plain_503(tmp_path: Path) -> None:
    with ninepic_site(tmp_path, patience_s=0.2) as site:
        assert site.albums.begin_search(site.event, ID) is Turn.MINE
        answer = search(site, 1, ID)
        assert "being done" in failed(answer, 503)
        assert int(answer.headers["retry-after"]) >= 1
        site.albums.drop_search(site.event, ID)
        assert data(search(site, 1, ID))["request_id"] == ID


# the file


def test_an_empty_file_is_400(site: Site) -> None:
    assert "empty" in failed(site.client.post(f"{EVENT}/faces", files={"file": ("a.jpg", b"")}), 400)


def test_a_missing_file_is_422_and_names_the_field(site: Site) -> None:
    assert failed(site.client.post(f"{EVENT}/faces"), 422) == "file: is missing"
    assert failed(site.client.post(f"{EVENT}/faces", data={"file": "a.jpg"}), 422) == "file: must be a file"
    assert failed(site.client.post(f"{EVENT}/faces", files={"photo": ("a", b"x")}), 422) == "file: is missing"


def test_a_file_that_failed_for_want_of_one_takes_no_turn(site: Site) -> None:
    assert failed(site.client.post(f"{EVENT}/faces", data={"request_id": ID}), 422)
    assert site.albums.begin_search(site.event, ID) is Turn.MINE


@pytest.mark.parametrize("content", [b"<html>", b"\xff\xd8\xff", b"GIF89a" + b"0" * 50, portrait(1)[:60]])
def test_what_is_no_picture_is_400(site: Site, content: bytes) -> None:
    assert failed(site.client.post(f"{EVENT}/faces", files={"file": ("a.jpg", content)}), 400)


def test_the_kind_of_a_picture_is_told_from_its_bytes(site: Site) -> None:
    site.add(portrait(1))
    for name, kind in (("a.txt", "text/plain"), ("a", "application/octet-stream"), ("a.gif", "multipart/form-data")):
        assert data(site.client.post(f"{EVENT}/faces", files={"file": (name, portrait(1), kind)}))["images"]


def test_a_picture_of_too_many_pixels_is_413(site: Site) -> None:
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + header + zlib.crc32(header).to_bytes(4, "big")
    assert failed(site.client.post(f"{EVENT}/faces", files={"file": ("a.png", bomb)}), 413)


def test_a_hostile_selfie_of_each_kind_is_refused_in_words_and_looked_at_by_nobody(site: Site) -> None:
    kinds = {upload.family: upload for upload in hostile_photos(portrait(1)) if len(upload.content) < LIMIT}
    assert len(kinds) == 12
    for upload in kinds.values():
        answer = site.client.post(f"{EVENT}/faces", files={"file": ("me.jpg", upload.content)})
        failed(answer, 413 if upload.reason == "too_many_pixels" else 400)
    assert site.eyes.looks == 0
    assert data(site.client.post(f"{EVENT}/faces", files=selfie()))["images"] == []


def test_a_file_just_under_the_cap_is_looked_at(site: Site) -> None:
    padded = portrait(1) + b"\0" * (LIMIT - len(portrait(1)))
    assert data(site.client.post(f"{EVENT}/faces", files={"file": ("a.png", padded)}))
    assert failed(site.client.post(f"{EVENT}/faces", files={"file": ("a.png", padded + b"\0")}), 413)


# confidence


@pytest.mark.parametrize("threshold", [0.0, 0.01, 0.5, 0.9, 0.9999])
def test_the_least_similarity_is_where_the_confidence_begins(threshold: float) -> None:
    eyes = PaintedEyes()
    least = least_similarity(eyes, threshold, 1)
    assert eyes.confidence(least, 1) >= threshold
    assert least == -1.0 or eyes.confidence(least - 1e-5, 1) < threshold


def test_a_confidence_that_nothing_reaches_finds_nothing() -> None:
    assert least_similarity(PaintedEyes(), 1.0, 1) > 1


def test_painted_boxes_are_as_expected() -> None:
    assert PaintedEyes().look(NOBODY, lambda boxes: []).boxes == ()
    assert PaintedEyes().look(portrait(1), lambda boxes: []).boxes == (Rect(100, 60, 200, 180),)
