"""protocols.md, "9Pic face search": the envelope, the key, and every error."""

from __future__ import annotations

import pytest

from edged.api.access import Cost
from edged.api.directory import Choose, Looked
from edged.domain.errors import Unavailable
from tests.api.ninepic.site import EVENT, LIMIT, Site, data, failed, selfie
from tests.api.painted import PaintedEyes

ADDRESSES = [
    ("GET", "/api/v1/ext/acme/events"),
    ("GET", f"{EVENT}/ping"),
    ("GET", f"{EVENT}/details"),
    ("GET", f"{EVENT}/images"),
    ("POST", f"{EVENT}/faces"),
    ("GET", f"{EVENT}/faces/0f8fad5b-d9cb-469f-a165-70867728950e"),
    ("POST", f"{EVENT}/original-photos"),
    ("GET", f"{EVENT}/bibs"),
]


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_no_key_is_401(site: Site, method: str, address: str) -> None:
    assert "X-API-Key" in failed(site.visitor(None).request(method, address), 401)
    assert failed(site.visitor("").request(method, address), 401)


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_an_invalid_or_inactive_key_is_403(site: Site, method: str, address: str) -> None:
    assert failed(site.visitor("wrong").request(method, address), 403)


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_a_key_of_the_wrong_owner_is_403(site: Site, method: str, address: str) -> None:
    assert "another organisation" in failed(site.visitor("zoo-key").request(method, address), 403)


def test_a_bound_key_is_not_told_which_other_organisations_exist(site: Site) -> None:
    there = site.visitor("zoo-key").get("/api/v1/ext/acme/events")
    not_there = site.visitor("zoo-key").get("/api/v1/ext/nobody/events")
    assert (there.status_code, there.text) == (not_there.status_code, not_there.text)


def test_a_bound_key_is_good_for_its_own_organisation(site: Site) -> None:
    assert data(site.visitor("acme-key").get(f"{EVENT}/ping"))
    assert data(site.visitor("zoo-key").get("/api/v1/ext/zoo/event/run/ping"))


@pytest.mark.parametrize(
    "headers", [{"authorization": "Token key"}, {"authorization": "Bearer key"}, {"cookie": "X-API-Key=key"}]
)
def test_the_key_counts_in_x_api_key_only(site: Site, headers: dict[str, str]) -> None:
    assert failed(site.visitor(None).get(f"{EVENT}/ping", headers=headers), 401)
    assert failed(site.visitor(None).get(f"{EVENT}/ping?X-API-Key=key&api_key=key", headers=headers), 401)


def test_a_key_without_the_right_to_match_may_read_but_not_search(site: Site) -> None:
    assert data(site.visitor("reader").get(f"{EVENT}/images"))
    assert failed(site.visitor("reader").post(f"{EVENT}/faces", files=selfie()), 403)
    assert site.eyes.looks == 0


def test_throttled_is_429_with_retry_after(site: Site) -> None:
    site.gate.waits = {Cost.READING: 7}
    answer = site.client.get(f"{EVENT}/images")
    assert failed(answer, 429)
    assert answer.headers["retry-after"] == "7"


def test_post_faces_is_limited_by_itself_and_reading_by_itself(site: Site) -> None:
    site.gate.waits = {Cost.LOOKING: 30}
    assert failed(site.client.post(f"{EVENT}/faces", files=selfie()), 429)
    for method, address in ADDRESSES:
        if address != f"{EVENT}/faces":
            assert site.client.request(method, address).status_code != 429
    assert site.gate.asked[0] == ("tok-1", Cost.LOOKING)
    assert {cost for _who, cost in site.gate.asked[1:]} == {Cost.READING}


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/ext/nobody/events",
        "/api/v1/ext/nobody/event/run/ping",
        "/api/v1/ext/acme/event/nothing/ping",
        "/api/v1/ext/acme/event/nothing/details",
        "/api/v1/ext/acme/event/nothing/images",
        "/api/v1/ext/acme/event/nothing/faces/0f8fad5b-d9cb-469f-a165-70867728950e",
        "/api/v1/ext/acme/event/nothing/bibs",
        "/api/v1/ext/acme/event/RUN/ping",
        "/api/v1/ext/acme",
        "/api/v1/ext/acme/event/run",
        "/api/v1/ext/acme/event/run/elsewhere",
        "/api/v1/ext",
        "/elsewhere",
    ],
)
def test_what_is_unknown_is_404(site: Site, address: str) -> None:
    assert failed(site.client.get(address), 404)


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("POST", "/api/v1/ext/acme/events", "GET"),
        ("DELETE", f"{EVENT}/images", "GET"),
        ("GET", f"{EVENT}/faces", "POST"),
        ("PUT", f"{EVENT}/faces/0f8fad5b-d9cb-469f-a165-70867728950e", "GET"),
        ("GET", f"{EVENT}/original-photos", "POST"),
    ],
)
def test_a_wrong_method_is_405_in_the_envelope(site: Site, method: str, address: str, allowed: str) -> None:
    answer = site.client.request(method, address)
    assert failed(answer, 405)
    assert allowed in answer.headers["allow"]


def test_over_the_cap_is_413(site: Site) -> None:
    answer = site.client.post(f"{EVENT}/faces", files={"file": ("a.jpg", b"\xff\xd8\xff" + b"0" * LIMIT)})
    assert failed(answer, 413)
    assert site.eyes.looks == 0


def test_schema_faults_are_422_as_field_and_text_with_semicolons(site: Site) -> None:
    message = failed(site.client.get(f"{EVENT}/images?page=x&page_size=-1"), 422)
    assert message == "page: must be a whole number from 1; page_size: must be a whole number from 1"
    answer = site.client.post(f"{EVENT}/original-photos", json={"method": "image_ids", "identifier": ["a", 1, None]})
    assert failed(answer, 422) == "identifier.1: must be text; identifier.2: must be text"


def test_json_that_is_none_is_422(site: Site) -> None:
    headers = {"content-type": "application/json"}
    answer = site.client.post(f"{EVENT}/original-photos", content=b'{"method":', headers=headers)
    assert failed(answer, 422).startswith("body: ")


def test_a_bug_is_500_in_the_envelope_and_says_nothing_of_what_it_was(site: Site) -> None:
    class Broken(PaintedEyes):
        def look(self, photo: bytes, choose: Choose) -> Looked:
            raise RuntimeError("secret")

    answer = site.other(eyes=Broken()).post(f"{EVENT}/faces", files=selfie())
    assert "secret" not in failed(answer, 500)


def test_busy_eyes_are_503_with_retry_after(site: Site) -> None:
    class Busy(PaintedEyes):
        def look(self, photo: bytes, choose: Choose) -> Looked:
            raise Unavailable("all are busy")

    answer = site.other(eyes=Busy()).post(f"{EVENT}/faces", files=selfie())
    assert failed(answer, 503)
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_a_device_has_no_albums_and_answers_404(site: Site, method: str, address: str) -> None:
    device = site.other(albums=None)
    assert failed(device.request(method, address, files=selfie() if address == f"{EVENT}/faces" else None), 404)


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_a_slash_at_the_end_changes_nothing(site: Site, method: str, address: str) -> None:
    with_slash, without = site.client.request(method, f"{address}/"), site.client.request(method, address)
    assert (with_slash.status_code, with_slash.text) == (without.status_code, without.text)
    assert with_slash.status_code != 307
