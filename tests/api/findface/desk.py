"""A hub with painted eyes and a real directory, and a client that checks every answer against the documentation."""

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
from edged.api.findface.app import make_findface
from edged.api.findface.openapi import findface_paths
from edged.api.findface.schemas import SCHEMAS
from edged.domain.identity import uuid7
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.directory import SqliteDirectory
from tests.api.painted import PaintedEyes, portrait
from tests.api.token_gate import KEY, TokenGate

_PATHS: Final = {
    template: (re.compile(re.sub(r"\{\w+\}", "[^/]+", template)), item) for template, item in findface_paths().items()
}


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
        """Sends a request. Whatever is answered must be JSON, readable for pages, and as the documentation says."""
        sent = {"authorization": f"Token {token}"} if token else {}
        request = self.client.build_request(method, path, headers={**sent, **(headers or {})}, **more)
        answer = self.portal.call(self._sent, request)
        assert answer.headers["access-control-allow-origin"] == "*"
        check_documented(method, request.url.raw_path.decode().partition("?")[0], answer)
        return answer

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        return await self.client.send(request)

    def enrol(self, who: int, day: int = 0, *, token: str = KEY, **fields: Any) -> dict[str, Any]:
        """Enrols a painted person; the face as it was answered."""
        answer = self.ask("POST", "/v1/face", token=token, files=photo(portrait(who, day)), data=fields)
        assert answer.status_code == 200, answer.text
        face: dict[str, Any] = answer.json()["results"][0]
        return face


@contextmanager
def desk(folder: Path, *, manners: Manners | None = None, eyes: Eyes | None = None) -> Iterator[Desk]:
    database = HubDatabase.open(folder / "hub.db", time.time, lambda: uuid7(time.time(), os.urandom(10)))
    directory = SqliteDirectory(database)
    gate = TokenGate()
    centre = Centre(eyes or PaintedEyes(), directory, gate, b"l" * 32, manners=manners or Manners())
    application = Addresses([("", make_findface(centre))])
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://hub.example")
    with start_blocking_portal() as portal:
        yield Desk(application, centre, gate, directory, database, client, portal)
    database.close()


def photo(content: bytes, name: str = "photo") -> dict[str, tuple[str, bytes, str]]:
    """The file part of a form."""
    return {name: ("IMG_1.png", content, "image/png")}


def check_documented(method: str, path: str, answer: httpx.Response) -> None:
    """Asserts that the documentation has this answer: its status, its headers, its form."""
    if method in ("OPTIONS", "HEAD"):
        return
    if answer.content:
        assert answer.headers["content-type"] == "application/json"
    operation = _operation(method, re.sub("/+", "/", path).rstrip("/"))
    if operation is None:
        _validate({"$ref": "#/components/schemas/FindFaceError"}, answer.json())
        return
    documented = operation["responses"][str(answer.status_code)]
    for name, header in documented.get("headers", {}).items():
        assert name in answer.headers or not header.get("required")
    if "content" not in documented:
        assert answer.content == b""
    else:
        _validate(documented["content"]["application/json"]["schema"], answer.json())


def _operation(method: str, path: str) -> Any:
    for pattern, item in _PATHS.values():
        if pattern.fullmatch(path) and method.lower() in item:
            return item[method.lower()]
    return None


def _validate(schema: Mapping[str, Any], document: Any) -> None:
    Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}}).validate(document)
