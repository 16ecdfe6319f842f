"""A centre with everything a hub answers with, but painted eyes and a gate without limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from edged.api.centre import Centre
from edged.api.watch import Watch
from edged.hub.build import addresses
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet
from edged.hub.sqlite.tokens import SqliteTokens
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from tests.api.painted import PaintedEyes
from tests.api.token_gate import TokenGate
from tests.hub.sqlite_site import open_database


@dataclass(frozen=True, slots=True)
class WholeCentre:
    """Attributes: app: at all addresses; centre: what it speaks for; gate: knows `tests.api.token_gate.ADMIN`."""

    app: ASGIApp
    centre: Centre
    gate: TokenGate


@contextmanager
def whole_centre(folder: Path, watch: Watch | None = None) -> Iterator[WholeCentre]:
    """Until the block ends; its database and photographs lie in the folder. `watch`: who looks at devices."""
    with closing(open_database(folder / "hub.db")) as database:
        gate = TokenGate()
        centre = Centre(
            eyes=PaintedEyes(),
            directory=SqliteDirectory(database),
            gate=gate,
            link_key=bytes(32),
            albums=SqliteAlbums(database, PhotoFolder(folder / "photos")),
            fleet=SqliteFleet(database),
            tokens=SqliteTokens(database),
            watch=watch,
        )
        yield WholeCentre(addresses(centre), centre, gate)
