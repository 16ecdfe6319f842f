"""A hub with painted eyes and a real directory, asked in miiCloud's dialect; every answer is held against OpenAPI."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from jsonschema import Draft202012Validator
from starlette.types import ASGIApp

from edged.api.addresses import Addresses
from edged.api.centre import Centre, Manners
from edged.api.directory import Eyes
from edged.api.miicloud.app import make_miicloud
from edged.api.miicloud.openapi import PATHS, SCHEMAS
from edged.domain.identity import uuid7
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.directory import SqliteDirectory
from tests.api.painted import PaintedEyes, portrait
from tests.api.token_gate import KEY, TokenGate

_TEMPLATES: Final = [(template, re.compile(re.sub(r"\{\w+\}", "[^/]+", template))) for template in PATHS]


@dataclass
class Desk:
    """The application over a database of its own."""

    app: ASGIApp
    centre: Centre
    gate: TokenGate
    directory: SqliteDirectory
    database: HubDatabase
    client: httpx.AsyncClient
    portal: BlockingPortal

    def ask(
        self, method: str, path: str, *, token: str = KEY, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Sends a request to `/miicloud` + path; the answer is JSON, and as OpenAPI says."""
        sent = {"authorization": f"Token {token}"} if token else {}
        request = self.client.build_request(method, f"/miicloud{path}", headers={**sent, **(headers or {})}, **more)
        answer: httpx.Response = self.portal.call(self.client.send, request)
        _check_documented(method, f"/miicloud{path}".partition("?")[0].rstrip("/"), answer)
        return answer

    def enroll(self, key: str, who: int, day: int = 0, *, token: str = KEY, **fields: str) -> dict[str, Any]:
        """Enrols a painted person; what was answered."""
        form = {"customer_person_id": key, **fields}
        return ok(self.ask("POST", "/person", token=token, data=form, files=photo(portrait(who, day))))

    def match(self, content: bytes, *, token: str = KEY, **form: str) -> list[dict[str, Any]]:
        """The faces that were answered."""
        faces: list[dict[str, Any]] = ok(
            self.ask("POST", "/match_faces", token=token, data=form, files=photo(content))
        )["faces"]
        return faces

    def audited(self) -> list[tuple[str, str, str]]:
        """Token, act and about of every entry of the audit log, the oldest first."""
        return [(entry.by, entry.act, entry.about) for entry in reversed(self.database.audit())]


def photo(content: bytes, name: str = "IMG_4711.png") -> dict[str, tuple[str, bytes]]:
    """As httpx sends a file."""
    return {"image_path": (name, content)}


def ok(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def failed(answer: httpx.Response, status: int) -> str:
    """That it is a failure with this status; the words."""
    assert answer.status_code == status, answer.text
    document = answer.json()
    assert document.keys() == {"status", "detail"}
    assert document["status"] == "fail"
    assert document["detail"]
    return str(document["detail"])


@contextmanager
def desk(folder: Path, *, manners: Manners | None = None, eyes: Eyes | None = None) -> Iterator[Desk]:
    database = HubDatabase.open(folder / "hub.db", time.time, lambda: uuid7(time.time(), os.urandom(10)))
    directory = SqliteDirectory(database)
    gate = TokenGate()
    centre = Centre(eyes or PaintedEyes(), directory, gate, b"l" * 32, manners=manners or Manners())
    app = Addresses([("/miicloud", make_miicloud(centre))])
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://hub.example"
    )
    with start_blocking_portal() as portal:
        yield Desk(app, centre, gate, directory, database, client, portal)
        portal.call(client.aclose)
    database.close()


def _check_documented(method: str, path: str, answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/json"
    schema = SCHEMAS["MiicloudFailure"]
    if answer.json().get("status") != "fail":
        template = next(template for template, pattern in _TEMPLATES if pattern.fullmatch(path))
        documented = PATHS[template][method.lower()]["responses"][str(answer.status_code)]
        schema = documented["content"]["application/json"]["schema"]
    elif answer.status_code not in {200, 404, 405}:
        template = next(template for template, pattern in _TEMPLATES if pattern.fullmatch(path))
        assert str(answer.status_code) in PATHS[template][method.lower()]["responses"]
    Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}}).validate(answer.json())
