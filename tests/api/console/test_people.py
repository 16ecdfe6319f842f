"""The addresses of people, events and review: who may ask, and what they take. The desks behind are real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from edged.accounts.account import Account, Role
from edged.domain.frame import Image
from edged.vision.sight import Sight
from tests.api.asking import Answer, ask
from tests.api.pretend_device import PretendDevice, Served, serving
from tests.api.signed_in import Key, signed_in
from tests.runtime.console_site import ConsoleSite, console_site, jpeg

CONSOLE = "/api/v1/console/"
NOBODY = "00000000-0000-7000-8000-000000000000"
HASH = "0" * 64
PHOTO_LIMIT = 16 * 1024 * 1024

READS = {
    Role.GUARD: ("people", "people/{eve}", "people/{eve}/face.jpg", "events", "events/{visit}", "review"),
    Role.ADMINISTRATOR: ("people/{eve}/receipt",),
}
WRITES: dict[Role, tuple[tuple[str, Any], ...]] = {
    Role.GUARD: (
        ("review/name", {"events": ["{event}"], "name": "Blue Heron"}),
        ("review/name", {"events": ["{event}"], "name": ""}),
        ("review/dismiss", {"events": ["{event}"]}),
        ("review/dismiss", {"events": ["{event}"], "undo": True}),
    ),
    Role.INSTALLER: (
        ("people/drafts/camera", {"camera": "door"}),
        ("people/{eve}/change", {"name": "Eve"}),
        ("people/{eve}/block", {"blocked": True, "why": "lost badge"}),
        ("people/{eve}/block", {"blocked": False}),
        ("people/{eve}/code", {"factor": "pin", "code": "481516"}),
    ),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sight: Sight, astronaut: Image) -> Iterator[ConsoleSite]:
    with console_site(tmp_path_factory.mktemp("site"), sight, astronaut) as site:
        yield site


@pytest.fixture(scope="module")
def names(site: ConsoleSite) -> dict[str, str]:
    event = site.keep()
    return {"event": event.id, "visit": event.visit, "eve": site.enrol("4711", site.photo, name="Eve")}


@pytest.fixture(scope="module")
def server(site: ConsoleSite, names: dict[str, str]) -> Iterator[Served]:
    assert names
    with serving(PretendDevice("door"), reviewer=site.desk, rooms=site.rooms) as server:
        yield server


def filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def key_of(server: Served, role: Role) -> Key:
    return signed_in(server.accounts, server.port, name=f"a-{role}", role=role)


def as_(key: Key) -> dict[str, Any]:
    return {"Cookie": key.cookie, "edged_token": key.word}


def post(server: Served, path: str, document: Any, **headers: str) -> Answer:
    named = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", **headers}
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return ask(server, CONSOLE + path, "POST", body, **named)


def send(server: Served, photo: bytes, *, files: int = 1, **headers: str) -> Answer:
    part = b'--x\r\nContent-Disposition: form-data; name="photograph"; filename="eve.jpg"\r\n\r\n%s\r\n' % photo
    return post(
        server, "people/drafts", part * files + b"--x--\r\n", Content_Type="multipart/form-data; boundary=x", **headers
    )


@pytest.mark.parametrize("role", list(Role))
def test_each_address_is_for_those_who_may(server: Served, names: dict[str, str], role: Role) -> None:
    key = key_of(server, role)
    for needed, paths in READS.items():
        for path in paths:
            answer = ask(server, CONSOLE + filled(path, names), **as_(key))
            assert answer.status == (200 if role.may(needed) else 403), (path, answer.body)
    for needed, writes in WRITES.items():
        for path, document in writes:
            answer = post(server, filled(path, names), filled(json.dumps(document), names).encode(), **as_(key))
            assert answer.status == (200 if role.may(needed) else 403), (path, answer.body)
    assert send(server, b"no picture", **as_(key)).status == (200 if role.may(Role.INSTALLER) else 403)
    deleting = post(server, f"people/{names['eve']}/delete", {"typed": "somebody"}, **as_(key))
    assert deleting.status == (400 if role is Role.ADMINISTRATOR else 403)


def test_nobody_is_served_who_is_not_signed_in_or_does_not_send_the_word(
    server: Served, site: ConsoleSite, names: dict[str, str]
) -> None:
    site.noted.clear()
    for paths in READS.values():
        for path in paths:
            assert ask(server, CONSOLE + filled(path, names), Cookie="").status == 401, path
    destroying = (f"people/{names['eve']}/delete", {"typed": "Eve"})
    for path, document in (*WRITES[Role.GUARD], *WRITES[Role.INSTALLER], destroying):
        filled_path, body = filled(path, names), filled(json.dumps(document), names).encode()
        assert post(server, filled_path, body, Cookie="").status == 401, path
        assert post(server, filled_path, body, edged_token="guessed").status == 403, path
        assert post(server, filled_path, body, Content_Type="text/plain").status == 415, path
        assert post(server, filled_path, body, Sec_Fetch_Site="cross-site").status == 403, path
    photo = jpeg(site.photo)
    assert send(server, photo, Cookie="").status == 401
    assert send(server, photo, edged_token="guessed").status == 403
    assert send(server, photo, Sec_Fetch_Site="same-site").status == 403
    assert site.noted == []
    assert site.people.person(names["eve"]).person.name == "Eve"


def test_a_photograph_is_judged_and_shown_to_its_owner_only(server: Served, site: ConsoleSite) -> None:
    answer = send(server, jpeg(site.photo))
    assert answer.document["taken"] is True
    assert ask(server, answer.document["picture"]).body.startswith(b"\xff\xd8")
    other = signed_in(server.accounts, server.port, name="other", role=Role.ADMINISTRATOR)
    assert ask(server, answer.document["picture"], **as_(other)).status == 404
    stolen = {"drafts": [answer.document["draft"]], "customer_person_id": "9", "certain": True}
    assert post(server, "people/enroll", stolen, **as_(other)).status == 400


def test_what_is_sent_is_capped(server: Served, site: ConsoleSite) -> None:
    assert send(server, b"").status in {200, 400}
    assert send(server, jpeg(site.photo), files=2).status == 400
    assert send(server, b"\xff" * (PHOTO_LIMIT + 1)).status == 400
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\xff\xff" * 2
    assert send(server, bomb).document["reason"] == "too_many_pixels"
    assert post(server, "people/enroll", {"drafts": ["x"] * 17, "customer_person_id": "1"}).status == 400
    assert post(server, "people/enroll", b"{" * 20_000).status == 400
    assert post(server, "people/drafts/camera", {"camera": "x" * 300}).status == 400


@pytest.mark.parametrize(
    "path",
    [
        f"people/{NOBODY}",
        "people/..%2f..%2fetc",
        "people/%2e%2e",
        "people?after=[1]",
        "people?after={}",
        "people?limit=0",
        "people?limit=100000",
        "people?sort=quality",
        "events?limit=101",
        "events?below=-1",
        "events?since=yesterday",
        "events?outcome=friend",
    ],
)
def test_what_makes_no_sense_is_refused_in_words(server: Served, path: str) -> None:
    answer = ask(server, CONSOLE + path)
    assert answer.status in {400, 404}
    assert answer.document["error"]["what"]


def test_faces_are_found_by_a_hash_alone(server: Served, names: dict[str, str]) -> None:
    eve = f"{CONSOLE}people/{names['eve']}"
    (photo,) = ask(server, eve).document["photographs"]
    assert ask(server, photo["picture"]).headers["Content-Type"] == "image/jpeg"
    assert ask(server, photo["picture"]).headers["Cache-Control"] == "no-store"
    for wrong in (HASH, "x", "..%2f..%2fevents.db", HASH.upper()):
        assert ask(server, f"{eve}/faces/{wrong}.jpg").status == 404
    assert ask(server, f"{CONSOLE}people/{NOBODY}/face.jpg").status == 404


def test_pages_of_people_and_events_lead_to_the_next(server: Served, site: ConsoleSite) -> None:
    for _ in range(3):
        site.keep()
    first = ask(server, f"{CONSOLE}events?limit=2").document
    second = ask(server, f"{CONSOLE}events?limit=2&below={first['next']}").document
    numbers = [item["number"] for item in (*first["items"], *second["items"])]
    assert numbers == sorted(set(numbers), reverse=True)
    assert ask(server, f"{CONSOLE}people?limit=1").document["everybody"] == 1


def test_an_account_that_is_gone_is_served_no_more(server: Served) -> None:
    key = key_of(server, Role.GUARD)
    server.accounts.add(Account("short", Role.GUARD), None)
    assert ask(server, f"{CONSOLE}people", **as_(key)).status == 200
    server.accounts.remove(f"a-{Role.GUARD}")
    assert ask(server, f"{CONSOLE}people", **as_(key)).status == 401
