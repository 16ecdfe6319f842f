"""The database is away, or there is a bug: every operation says so in its dialect's form, and tells nothing more."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jsonschema import Draft202012Validator
from starlette.types import ASGIApp

from edged.api.access import Cost, Grant, Right
from edged.api.openapi import document, operations
from edged.api.photo_link import PhotoLinks
from edged.domain.errors import Busy, Corrupt, Unavailable
from edged.hub.build import addresses
from edged.photos.photo import PhotoKind
from edged.vault.receipt import sign
from tests.api.caller import Caller
from tests.api.painted import MODEL, portrait
from tests.api.test_description import token_for
from tests.api.test_parts import SEGMENTS
from tests.api.whole_centre import whole_centre

DOOR: Final = "door-token"
SECRET: Final = "/srv/secret/hub.db"
FAILURES: Final = [
    (Unavailable(f"the database {SECRET} is locked", f"Look at {SECRET}"), 503),
    (Corrupt(f"the database {SECRET} is damaged"), 500),
    (RuntimeError(SECRET), 500),
]
GUARDED: Final = [(address, method) for address, method, own in operations() if own.get("security") != []]
NEED_NO_STORE: Final = ("/detect", "/photo", "/thumbnail")
"""What addresses of FindFace end in at which nothing is looked up."""
RECEIPT: Final = {
    "person": SEGMENTS["person"],
    "statement": sign(
        {"kind": "edged.deletion", "device": SEGMENTS["name"]}, Ed25519PrivateKey.from_private_bytes(bytes(32))
    ),
}
JSON: Final[Mapping[tuple[str, str], Any]] = {
    ("put", "/edged/v1/devices/{name}/report"): {"edged": "0.1.0"},
    ("put", "/edged/v1/devices/{name}/groups"): {"groups": None},
    ("post", "/edged/v1/events"): {"events": []},
    ("put", "/edged/v1/people"): {"request": "0198c0de-0000-7000-8000-000000000001"},
    ("post", "/edged/v1/devices/{name}/receipts"): {"receipts": [RECEIPT]},
    ("post", "/edged/v1/organisations"): {"slug": "acme", "name": "Acme"},
    ("post", "/edged/v1/tokens"): {"name": "kiosk", "rights": ["match"]},
    ("post", "/edged/v1/tokens/{token}/rotate"): {"grace_s": 60},
    ("post", "/api/v1/ext/{organisation}/event/{event}/original-photos"): {"method": "image_id", "identifier": "x"},
}
FORM: Final = {"meta": "anna", "name": "staff", "customer_person_id": "4711"}


class Failing:
    """Stands for anything behind the dialects: whatever it is asked, it raises."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        def fail(*_asked: Any, **_named: Any) -> Any:
            raise self._error

        return fail


class FailingGate:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def grant(self, token: str) -> Grant | None:
        raise self._error

    def admit(self, grant: Grant | None, address: str, cost: Cost) -> int:
        raise AssertionError("nobody is counted whose token is not known")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("centre")


@pytest.fixture(scope="module", params=FAILURES, ids=["away", "damaged", "bug"])
def failure(request: pytest.FixtureRequest) -> tuple[Exception, int]:
    found: tuple[Exception, int] = request.param
    return found


@pytest.fixture(scope="module")
def without_a_store(folder: Path, failure: tuple[Exception, int]) -> Iterator[ASGIApp]:
    with whole_centre(folder) as hub:
        broken: Any = Failing(failure[0])
        hub.gate.tokens[DOOR] = Grant("tok-door", "door", frozenset({Right.DEVICE}), device="door")
        yield addresses(replace(hub.centre, directory=broken, albums=broken, fleet=broken, tokens=broken, watch=broken))


@pytest.fixture(scope="module")
def without_tokens(folder: Path, failure: tuple[Exception, int]) -> Iterator[ASGIApp]:
    with whole_centre(folder) as hub:
        yield addresses(replace(hub.centre, gate=FailingGate(failure[0])))


def check(answer: Any, status: int, method: str, address: str) -> None:
    assert answer.status_code == status, answer.text
    assert SECRET not in answer.text
    assert answer.headers["content-type"] == "application/json"
    if status == 503:
        assert int(answer.headers["retry-after"]) >= 1
    described = document()["paths"][address][method]["responses"][str(status)]
    schema = described["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": document()["components"]}).validate(answer.json())


@pytest.mark.parametrize(("address", "method"), GUARDED)
def test_where_tokens_cannot_be_looked_up(
    without_tokens: ASGIApp, failure: tuple[Exception, int], address: str, method: str
) -> None:
    answer = Caller(without_tokens).request(method, address.format(**SEGMENTS), headers=token_for(address))
    check(answer, failure[1], method, address)


@pytest.mark.parametrize(
    ("address", "method"),
    [one for one in GUARDED if not one[0].endswith(NEED_NO_STORE)],
)
def test_where_the_store_is_away(
    without_a_store: ASGIApp, failure: tuple[Exception, int], address: str, method: str
) -> None:
    asked: dict[str, Any] = {"json": JSON.get((method, address))} if address.startswith("/edged") else {}
    if (method, address) in JSON:
        asked = {"json": JSON[method, address]}
    elif not asked:
        names = ("photo", "photo1", "photo2", "image_path", "file")
        asked = {"data": FORM, "files": {name: ("a.png", portrait(1)) for name in names}}
    if "{id}" in address and address.startswith("/miicloud"):
        asked = {}
    headers = token_for(address)
    if (method, address) == ("post", "/edged/v1/events"):
        headers = {"authorization": f"Bearer {DOOR}"}
    query = f"?model={MODEL.digest}" if address.endswith("/changes") else ""
    answer = Caller(without_a_store).request(method, address.format(**SEGMENTS) + query, headers=headers, **asked)
    check(answer, failure[1], method, address)


def test_a_link_to_a_photograph_fails_in_the_same_way(folder: Path, failure: tuple[Exception, int]) -> None:
    with whole_centre(folder) as hub:
        broken: Any = Failing(failure[0])
        app = addresses(replace(hub.centre, albums=broken))
        link = PhotoLinks(hub.centre.link_key).link(SEGMENTS["photo"], PhotoKind.PREVIEW, base="", now=4e9, life_s=3600)
        answer = Caller(app).get(link)
    assert answer.status_code == failure[1]
    assert answer.json()["error"].keys() == {"reason", "what", "remedy"}
    assert SECRET not in answer.text


@pytest.mark.parametrize("error", [error for error, _status in FAILURES[:2]])
@pytest.mark.parametrize("address", ["/v1/faces", "/miicloud/person/1", "/api/v1/ext/a/events", "/edged/v1/devices"])
def test_the_log_has_what_the_answer_has_not(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, error: Exception, address: str
) -> None:
    monkeypatch.setattr("edged.api.outage._said", {})
    with whole_centre(folder) as hub, caplog.at_level(logging.ERROR):
        caller = Caller(addresses(replace(hub.centre, gate=FailingGate(error))))
        for _ in range(3):
            caller.get(address, headers=token_for(address))
    assert [record.getMessage() for record in caplog.records] == [f"cannot answer: {error}"]  # once, not three times


@pytest.mark.parametrize("address", ["/v1/faces", "/miicloud/person/1", "/api/v1/ext/a/events", "/edged/v1/devices"])
def test_who_meets_a_crowd_is_told_so(folder: Path, caplog: pytest.LogCaptureFixture, address: str) -> None:
    with whole_centre(folder) as hub:
        app = addresses(replace(hub.centre, gate=FailingGate(Busy("all are busy"))))
        answer = Caller(app).get(address, headers=token_for(address))
    assert answer.status_code == 503
    assert "ll are busy" in answer.text
    assert not caplog.records
