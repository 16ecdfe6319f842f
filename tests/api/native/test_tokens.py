"""Tokens over HTTP: an administrator makes, lists, rotates and ends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edged.api.access import Grant, Right
from edged.api.addresses import Addresses
from edged.api.centre import Centre
from edged.api.native.app import make_native
from edged.hub.gate import HubGate
from edged.hub.settings import LimitSettings
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet
from edged.hub.sqlite.tokens import SqliteTokens
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from tests.api.caller import Caller
from tests.api.painted import PaintedEyes

_BY = Grant("command-line", "tester", frozenset({Right.ADMIN}))
_NOW = 1_800_000_000.0


@dataclass
class _Site:
    client: Caller
    database: HubDatabase
    tokens: SqliteTokens

    def ask(self, method: str, address: str, token: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {token}"}
        content = b"" if body is None else json.dumps(body).encode()
        return self.client.request(method, f"/edged/v1/tokens{address}", content=content, headers=headers)

    def token(self, *rights: Right, **more: str) -> str:
        return self.tokens.create("made here", rights, by=_BY, **more)[1].text  # type: ignore[arg-type]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[_Site]:
    with closing(HubDatabase.open(tmp_path / "hub.db", lambda: _NOW, lambda: "id")) as database:
        tokens = SqliteTokens(database)
        limits = LimitSettings()
        centre = Centre(
            eyes=PaintedEyes(),
            directory=SqliteDirectory(database),
            gate=HubGate(tokens, limits, clock=lambda: _NOW),
            link_key=b"k" * 32,
            albums=SqliteAlbums(database, PhotoFolder(tmp_path / "photos")),
            fleet=SqliteFleet(database),
            tokens=tokens,
        )
        yield _Site(Caller(Addresses([("/edged/v1", make_native(centre))])), database, tokens)


def test_an_administrator_makes_a_token_that_opens_what_it_is_for(site: _Site) -> None:
    admin = site.token(Right.ADMIN)
    made = site.ask("POST", "", admin, {"name": "kiosk", "rights": ["read"], "gallery": "staff"})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    (listed,) = [one for one in site.ask("GET", "", admin).json()["tokens"] if one["name"] == "kiosk"]
    assert listed["id"] == made.json()["id"]
    assert (listed["rights"], listed["gallery"], listed["expires"]) == (["read"], "staff", None)
    assert site.ask("GET", "", made.json()["text"]).status_code == 403


def test_a_list_holds_no_text_and_no_digest(site: _Site) -> None:
    admin = site.token(Right.ADMIN)
    (listed,) = site.ask("GET", "", admin).json()["tokens"]
    assert set(listed) == {
        *("id", "name", "rights", "gallery", "organisation", "device", "created", "expires", "revoked"),
        *("last_used_hour", "former_until"),
    }


def test_a_revocation_is_in_force_at_once_and_in_the_audit_log_with_who_did_it(site: _Site) -> None:
    admin, other = site.token(Right.ADMIN), site.token(Right.ADMIN)
    assert site.ask("GET", "", other).status_code == 200
    other_id, admin_id = other.split("_")[1], admin.split("_")[1]
    assert site.ask("DELETE", f"/{other_id}", admin).status_code == 204
    assert site.ask("GET", "", other).status_code == 401
    assert site.ask("DELETE", f"/{other_id}", admin).status_code == 404
    entry = site.database.audit()[0]
    assert (entry.by, entry.act, entry.about) == (admin_id, "revoke_token", other_id)


def test_a_rotated_token_opens_with_both_texts_or_with_the_new_one_only(site: _Site) -> None:
    admin, other = site.token(Right.ADMIN), site.token(Right.ADMIN)
    other_id = other.split("_")[1]
    new = site.ask("POST", f"/{other_id}/rotate", admin, {"grace_s": 60}).json()
    assert new["id"] == other_id
    assert [site.ask("GET", "", text).status_code for text in (other, new["text"])] == [200, 200]
    newest = site.ask("POST", f"/{other_id}/rotate", admin, {"grace_s": 0}).json()
    statuses = [site.ask("GET", "", text).status_code for text in (other, new["text"], newest["text"])]
    assert statuses == [401, 401, 200]


def test_to_rotate_takes_no_body(site: _Site) -> None:
    admin, other = site.token(Right.ADMIN), site.token(Right.ADMIN)
    answer = site.ask("POST", f"/{other.split('_')[1]}/rotate", admin)
    assert answer.status_code == 200
    assert site.ask("GET", "", answer.json()["text"]).status_code == 200


def test_a_body_that_is_needed_is_asked_for_by_its_fields(site: _Site) -> None:
    answer = site.ask("POST", "", site.token(Right.ADMIN))
    assert (answer.status_code, answer.json()["error"]["what"]) == (400, "name: Field required")


@pytest.mark.parametrize("part", [{"gallery": "staff"}, {"organisation": "acme"}, {"device": "booth"}])
def test_an_administrator_of_a_part_cannot_make_themselves_more(site: _Site, part: dict[str, str]) -> None:
    partial = site.token(Right.ADMIN, **part)
    assert site.ask("POST", "", partial, {"name": "more", "rights": ["admin"]}).status_code == 403
    assert site.ask("GET", "", partial).status_code == 403
    own = partial.split("_")[1]
    assert site.ask("POST", f"/{own}/rotate", partial, {}).status_code == 403
    assert site.ask("DELETE", f"/{own}", partial).status_code == 403


@pytest.mark.parametrize("right", [Right.READ, Right.ENROLL, Right.MATCH, Right.DEVICE])
def test_others_than_administrators_have_no_say(site: _Site, right: Right) -> None:
    assert site.ask("GET", "", site.token(right)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"name": "x"},
        {"name": "x", "rights": []},
        {"name": "x", "rights": ["root"]},
        {"name": "", "rights": ["read"]},
        {"name": "two\nlines", "rights": ["read"]},
        {"name": "x", "rights": ["read"], "expires_s": -1},
        {"name": "x", "rights": ["read"], "expires_s": "NaN"},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(site: _Site, body: Any) -> None:
    refused = site.ask("POST", "", site.token(Right.ADMIN), body)
    assert refused.status_code == 400
    assert refused.json()["error"]["what"]


def test_the_tokens_of_a_device_that_is_forgotten_end(site: _Site) -> None:
    admin, door, gate = site.token(Right.ADMIN), *(site.token(Right.DEVICE, device=name) for name in ("door", "gate"))
    groups = {"authorization": f"Bearer {admin}"}
    site.client.put("/edged/v1/devices/door/groups", json={"groups": ["staff"]}, headers=groups)
    assert site.client.delete("/edged/v1/devices/door", headers=groups).status_code == 204

    statuses = [
        site.client.put(f"/edged/v1/devices/{name}/report", json={}, headers={"authorization": f"Bearer {token}"})
        for name, token in (("door", door), ("gate", gate))
    ]
    assert [answer.status_code for answer in statuses] == [401, 200]
