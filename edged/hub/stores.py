"""The stores of a hub: the one place where its document's choice between SQLite and PostgreSQL becomes real."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edged.api.albums import Albums
from edged.api.directory import Directory
from edged.api.fleet import Fleet
from edged.api.tokens import Tokens
from edged.domain.audit import AuditEntry
from edged.domain.errors import Unsupported
from edged.hub.census import Census
from edged.hub.gate import TokenShelf
from edged.hub.home import HubHome, new_id
from edged.hub.photo_keys import open_bucket
from edged.hub.settings import StoreSettings
from edged.hub.sqlite.albums import HubAlbums
from edged.hub.sqlite.census import census
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet
from edged.hub.sqlite.tokens import SqliteTokens
from edged.photos.feed import AlbumFeed
from edged.photos.photo_files import PhotoFiles, PhotoFolder
from edged.photos.sqlite_feed import SqliteAlbumFeed

if TYPE_CHECKING:
    from edged.hub.postgresql.database import Database


class KeptAlbums(Albums, Protocol):
    """Albums whose photographs lie in files."""

    def tidy(self) -> int:
        """Deletes the files that no photograph has; how many. Once at the start; others may be at work meanwhile."""
        ...


class KeptTokens(Tokens, TokenShelf, Protocol):
    """Tokens for administrators and for the gate."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything that a hub keeps, open. Any thread.

    Attributes:
        directory, albums, fleet, tokens: who keeps what; feed: what of the albums changed.
        audit: so many entries of the audit log at most, the newest first. Blocks.
        census: how much is kept. Blocks.
    """

    directory: Directory
    albums: KeptAlbums
    feed: AlbumFeed
    fleet: Fleet
    tokens: KeptTokens
    audit: Callable[[int], Sequence[AuditEntry]]
    census: Callable[[], Census]
    _open: ExitStack

    def close(self) -> None:
        """Lets go of all of them; nobody may be using them any more."""
        self._open.close()


def open_stores(settings: StoreSettings, home: HubHome) -> Stores:
    """Opens the stores that the document chooses; makes what is missing in them. Blocks; whoever gets them closes them.

    Args:
        settings: `store` of the document.
        home: the hub's directory.

    Raises:
        Unavailable: the disk or the server does not let us; or a site is being moved to the server.
        Corrupt: the database file or the file of keys is damaged.
        Refused: the address of the server or the keys of the storage cannot be used.
        Unsupported: a newer edged wrote the data; the server has no pgvector; its driver is not installed here.
    """
    opening = ExitStack()
    try:
        return _on_server(settings, home, opening) if settings.on_server else _on_disk(home, opening)
    except BaseException:
        opening.close()
        raise


def open_server(settings: StoreSettings) -> Database:
    """The PostgreSQL server that the document chooses, its tables prepared. Blocks; whoever gets it closes it.

    Raises: as `open_stores`.
    """
    with driver_needed():
        from edged.hub.postgresql.address import read_address, without_password  # noqa: PLC0415  the driver is an extra
        from edged.hub.postgresql.database import Database  # noqa: PLC0415
        from edged.hub.postgresql.schema import prepare  # noqa: PLC0415

    held = settings.postgresql_file
    database = Database.open(without_password(settings.postgresql) if held is None else read_address(held))
    try:
        prepare(database)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def driver_needed() -> Iterator[None]:
    """For imports of what needs the driver of PostgreSQL, which is an extra.

    Raises:
        Unsupported: it is not installed.
    """
    try:
        yield
    except ImportError as error:
        raise Unsupported(
            f"the driver of PostgreSQL is not installed ({error.name or 'libpq'})",
            "Run: pip install 'edged[postgresql]'",
        ) from error


def _on_disk(home: HubHome, opening: ExitStack) -> Stores:
    database = opening.enter_context(closing(home.open_database()))
    files = PhotoFolder(home.photos)
    return Stores(
        directory=SqliteDirectory(database),
        albums=HubAlbums(database, files),
        feed=SqliteAlbumFeed(database, files),
        fleet=SqliteFleet(database),
        tokens=SqliteTokens(database),
        audit=database.audit,
        census=lambda: census(database),
        _open=opening,
    )


def _on_server(settings: StoreSettings, home: HubHome, opening: ExitStack) -> Stores:
    with driver_needed():
        from edged.hub.postgresql.albums import PostgresAlbums  # noqa: PLC0415  the driver is an extra
        from edged.hub.postgresql.audit import audit  # noqa: PLC0415
        from edged.hub.postgresql.census import census as count  # noqa: PLC0415
        from edged.hub.postgresql.directory import PostgresDirectory  # noqa: PLC0415
        from edged.hub.postgresql.feed_shelf import PostgresAlbumFeed  # noqa: PLC0415
        from edged.hub.postgresql.fleet import PostgresFleet  # noqa: PLC0415
        from edged.hub.postgresql.tokens import PostgresTokens  # noqa: PLC0415

    files = _photo_files(settings, home, opening)
    database = opening.enter_context(closing(open_server(settings)))
    return Stores(
        directory=PostgresDirectory(database, time.time, new_id),
        albums=PostgresAlbums(database, files, time.time, new_id),
        feed=PostgresAlbumFeed(database, files, time.time, new_id),
        fleet=PostgresFleet(database, time.time, new_id),
        tokens=PostgresTokens(database, time.time),
        audit=lambda limit: audit(database, limit),
        census=lambda: count(database),
        _open=opening,
    )


def _photo_files(settings: StoreSettings, home: HubHome, opening: ExitStack) -> PhotoFiles:
    if not settings.photos:
        return PhotoFolder(home.photos)
    return opening.enter_context(closing(open_bucket(settings.photos, settings.photos_keys)))
