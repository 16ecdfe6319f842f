"""A centre with one organisation's event, its application, and raw requests to it over a real connection."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, Final

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from jsonschema import Draft202012Validator, FormatChecker
from starlette.types import ASGIApp

from edged.api.access import Cost, Grant, Right
from edged.api.addresses import Addresses
from edged.api.centre import Centre, Manners
from edged.api.directory import Directory
from edged.api.ninepic.app import make_ninepic
from edged.api.ninepic.openapi import PATHS, SCHEMAS
from edged.api.photo_intake import add_photo
from edged.api.photos import make_photos
from edged.domain.identity import uuid7
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.directory import SqliteDirectory
from edged.photos.album import EventPlan, Features, PhotoEvent, Terms
from edged.photos.photo import Standing
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from tests.api.painted import PaintedEyes, portrait

ALL: Final = frozenset({Right.READ, Right.ENROLL, Right.MATCH})
STAFF: Final = Grant("tok-staff", "staff", ALL)
EVENT: Final = "/api/v1/ext/acme/event/run"
LIMIT: Final = 200_000
_DOCUMENTED: Final = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), item) for path, item in PATHS.items()]


@dataclass
class PretendGate:
    """Keys by their text, and a wait for those that have come too often."""

    grants: dict[str, Grant] = field(
        default_factory=lambda: {
            "key": Grant("tok-1", "any", ALL),
            "acme-key": Grant("tok-2", "acme", ALL, organisation="acme"),
            "zoo-key": Grant("tok-3", "zoo", ALL, organisation="zoo"),
            "reader": Grant("tok-4", "reader", frozenset({Right.READ})),
        }
    )
    waits: dict[Cost, int] = field(default_factory=dict)
    asked: list[tuple[str, Cost]] = field(default_factory=list)

    def grant(self, token: str) -> Grant | None:
        return self.grants.get(token)

    def admit(self, grant: Grant | None, address: str, cost: Cost) -> int:
        self.asked.append((grant.id if grant else "", cost))
        return self.waits.get(cost, 0)


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.5

    def __call__(self) -> float:
        return self.now


class Visitor:
    """Asks an application, from any thread."""

    def __init__(self, portal: BlockingPortal, app: ASGIApp, key: str | None) -> None:
        self._portal = portal
        headers = {} if key is None else {"x-api-key": key}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://hub.example", headers=headers)

    def request(self, method: str, address: str, **arguments: Any) -> httpx.Response:
        answer = self._portal.call(partial(self._client.request, method, address, **arguments))
        check_documented(method, answer)
        return answer

    def get(self, address: str, **arguments: Any) -> httpx.Response:
        return self.request("GET", address, **arguments)

    def post(self, address: str, **arguments: Any) -> httpx.Response:
        return self.request("POST", address, **arguments)


@dataclass
class Site:
    """A centre and what stands behind it.

    Attributes:
        app: as a hub serves it, links to photographs included.
        event: `acme/run`, without photographs.
        client: asks with the header `X-API-Key: key`.
    """

    centre: Centre
    app: ASGIApp
    albums: SqliteAlbums
    eyes: PaintedEyes
    gate: PretendGate
    clock: Clock
    event: PhotoEvent
    folder: Path
    portal: BlockingPortal

    @property
    def client(self) -> Visitor:
        return self.visitor("key")

    def visitor(self, key: str | None, app: ASGIApp | None = None) -> Visitor:
        """Somebody with a key, or with none; asks this application, or another one."""
        return Visitor(self.portal, app or self.app, key)

    def other(self, **parts: Any) -> Visitor:
        """Asks a centre with other parts."""
        app = make_ninepic(replace(self.centre, **parts), clock=self.clock)
        return self.visitor("key", Addresses([("", app)]))

    def add(self, photo: bytes, *, filename: str = "a.png", taken: float | None = None, event: str = "run") -> str:
        """Adds a photograph to an event of `acme`; its id."""
        there = self.albums.event("acme", event)
        assert there is not None
        return add_photo(self.centre, there, photo, filename=filename, taken=taken, by=STAFF).id

    def offer(self, **features: bool) -> None:
        """Changes what the event offers."""
        self._change(features=Features(**features))

    def agree(self, **terms: Any) -> None:
        """Changes what guests of the event agree to, see `edged.photos.album.Terms`."""
        self._change(terms=Terms(**terms))

    def stand(self, photo: str, standing: Standing) -> None:
        """Shows a photograph of the event, or takes it away."""
        assert self.albums.set_standing(self.event, photo, standing, by=STAFF)

    def _change(self, **parts: Any) -> None:
        event = self.albums.event("acme", "run")
        assert event is not None
        self.albums.change_event("acme", "run", replace(event.plan, **parts), by=STAFF)


@contextmanager
def ninepic_site(folder: Path, *, public_url: str = "", patience_s: float = 10.0) -> Iterator[Site]:
    def new_id() -> str:
        return uuid7(time.time(), os.urandom(10))

    clock, gate, eyes = Clock(), PretendGate(), PaintedEyes()
    with closing(HubDatabase.open(folder / "hub.db", time.time, new_id, patience_s=30)) as database:
        albums = SqliteAlbums(database, PhotoFolder(folder / "photos"))
        directory: Directory = SqliteDirectory(database)
        manners = Manners(max_photo_bytes=LIMIT, public_url=public_url)
        centre = Centre(eyes, directory, gate, b"k" * 32, albums, manners=manners)
        albums.create_organisation("acme", "Acme", by=STAFF)
        albums.create_organisation("zoo", "Zoo", by=STAFF)
        event = albums.create_event("acme", "run", EventPlan("The run", Features(), 0.5), by=STAFF)
        albums.create_event("acme", "walk", EventPlan("The walk", Features(), 0.5), by=STAFF)
        albums.create_event("zoo", "run", EventPlan("Another", Features(), 0.5), by=STAFF)
        app = Addresses(
            [
                ("/edged/photos", make_photos(centre, clock=clock)),
                ("", make_ninepic(centre, clock=clock, patience_s=patience_s)),
            ]
        )
        with start_blocking_portal() as portal:
            yield Site(centre, app, albums, eyes, gate, clock, event, folder, portal)


def check_documented(method: str, answer: httpx.Response) -> None:
    """Asserts that the documentation has this answer: its status, its headers, its form."""
    path = answer.request.url.raw_path.partition(b"?")[0].decode().rstrip("/")
    operation = next((item.get(method.lower()) for pattern, item in _DOCUMENTED if pattern.fullmatch(path)), None)
    if operation is not None:
        documented = operation["responses"][str(answer.status_code)]
        assert set(documented.get("headers", {})) <= {name.title() for name in answer.headers}
        schema = documented["content"]["application/json"]["schema"]
        validator = Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}}, format_checker=FormatChecker())
        validator.validate(answer.json())


def selfie(who: int = 1, day: int = 0) -> dict[str, tuple[str, bytes, str]]:
    """The `files` of a request."""
    return {"file": ("selfie.png", portrait(who, day), "image/png")}


def failed(answer: Any, status: int) -> str:
    """The message of an answer that is an error in the envelope with this status."""
    assert answer.status_code == status, answer.text
    document = answer.json()
    assert set(document) == {"responseType", "message", "data"}
    assert document["responseType"] == "error"
    assert document["data"] is None
    assert document["message"]
    return str(document["message"])


def data(answer: Any) -> dict[str, Any]:
    """What an answer that is no error has."""
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert set(document) == {"responseType", "message", "data"}
    assert document["responseType"] == "success"
    found: dict[str, Any] = document["data"]
    return found


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came back to bytes that were sent as they are."""

    status_code: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


def replay(port: int, request: bytes, *later: bytes) -> Replayed:
    """Sends bytes, and more of them a moment later; reads one answer."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
        connection.sendall(request)
        for piece in later:
            time.sleep(0.02)
            with suppress(ConnectionError):
                connection.sendall(piece)
        answer = HTTPResponse(connection)
        answer.begin()
        body = answer.read().decode()
        return Replayed(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
