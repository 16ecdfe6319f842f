"""A centre of our dialect, over a real store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from edged.api.access import Grant, Right
from edged.api.addresses import Addresses
from edged.api.centre import Centre
from edged.api.native.app import make_native
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from tests.api.caller import Caller
from tests.api.painted import MODEL, PaintedEyes
from tests.api.token_gate import ADMIN, TokenGate
from tests.hub.album_site import Clock
from tests.hub.sqlite_site import open_database

DOOR = {"authorization": "Bearer door-token"}
CHIEF = {"authorization": f"Bearer {ADMIN}"}


class Hub:
    """A centre with a store, asked over HTTP."""

    def __init__(self, folder: Path) -> None:
        database = open_database(folder / "hub.db")
        self.directory = SqliteDirectory(database)
        self.gate = TokenGate({"door-token": Grant("tok-door", "door", frozenset({Right.DEVICE}), device="door")})
        self.database = database
        self.fleet = SqliteFleet(database)
        self.eyes = PaintedEyes()
        self.albums = SqliteAlbums(database, PhotoFolder(folder / "photos"))
        centre = Centre(
            eyes=self.eyes,
            directory=self.directory,
            gate=self.gate,
            link_key=bytes(32),
            albums=self.albums,
            fleet=self.fleet,
        )
        self.clock = Clock()
        self.client = Caller(Addresses([("/edged/v1", make_native(centre, clock=self.clock))]))
        self.close = database.close

    def changes(self, **asked: Any) -> httpx.Response:
        return self.client.get("/edged/v1/changes", params={"model": MODEL.digest, **asked}, headers=DOOR)
