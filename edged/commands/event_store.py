"""The events of a device, as a command uses them."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edged.commands.console import Console
from edged.commands.noted import noted
from edged.config.document import Document
from edged.domain.errors import Refused

if TYPE_CHECKING:
    from edged.photos.album import Doer, PhotoEvent
    from edged.photos.database import PhotoDatabase
    from edged.photos.sqlite_albums import SqliteAlbums
    from edged.runtime.event_purge import EventPurge
    from edged.runtime.state_dir import StateDir


@dataclass(frozen=True, slots=True)
class EventStore:
    """Attributes: work: purges events. by: whoever gives this command."""

    state: StateDir
    database: PhotoDatabase
    albums: SqliteAlbums
    work: EventPurge
    by: Doer


@contextmanager
def opened_store(document: Document, out: Console) -> Iterator[EventStore]:
    """The events of this device; what is done to them is noted in its audit log when the block ends.

    Raises:
        Refused: `no_photos`: there are none. Unavailable, Corrupt, Unsupported: the database cannot be used.
    """
    from edged.audit.act import Act  # noqa: PLC0415  not for `--help`
    from edged.photos.sqlite_albums import SqliteAlbums  # noqa: PLC0415
    from edged.runtime.booth import Hand  # noqa: PLC0415
    from edged.runtime.event_purge import EventPurge  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    state = StateDir.of(document)
    if not state.photos.exists():
        raise Refused("no_photos", "this device has no events", "Set photos.enabled: true and start edged")
    with noted(state, document, out) as scribe:

        def seen(by: Doer, act: str, about: str) -> None:
            scribe.note(Act.PHOTOS, by=by.id, about={"what": act, "of": about})

        with closing(state.open_photos(threading.Lock(), seen)) as database:
            albums = SqliteAlbums(database, state.photo_files)
            yield EventStore(state, database, albums, EventPurge(state, document, database), Hand(operator()))


def event_of(store: EventStore, document: Document, args: argparse.Namespace) -> PhotoEvent | None:
    """The event that a word was given with `name_event`; None: there is none."""
    return store.albums.event(args.organisation or document.photos.organisation, args.slug)


def no_event(slug: str) -> Refused:
    """What to raise where there is none."""
    return Refused("no_event", f"there is no event {slug}", "See edged event purges for those that were purged")


def name_event(parser: argparse.ArgumentParser) -> None:
    """Has a word take the event it is about."""
    parser.add_argument("slug", metavar="SLUG", help="the event's name in addresses")
    parser.add_argument("--organisation", metavar="SLUG", help="whose event (default: photos.organisation)")
