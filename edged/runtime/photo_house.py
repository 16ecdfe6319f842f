"""What keeps events and photographs on a device: the booth, and who works for it on a thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edged.domain.errors import EdgedError

if TYPE_CHECKING:
    from edged.api.directory import Eyes
    from edged.audit.noting import Noting
    from edged.config.document import Document
    from edged.runtime.album_syncer import AlbumSyncer
    from edged.runtime.booth import Booth
    from edged.runtime.clock import Clock
    from edged.runtime.conditions import Conditions
    from edged.runtime.daemon import Daemon
    from edged.runtime.guest_house import GuestHouse
    from edged.runtime.judge import Judge
    from edged.runtime.purger import Purger
    from edged.runtime.state_dir import StateDir


@dataclass(frozen=True, slots=True)
class PhotoHouse:
    """All of them, each with a thread of its own; without a booth there is nobody.

    Attributes:
        purger: ends the booth's events.
        guests: their pages.
        album_syncer: goes between the booth's events and the hub's; None where nobody is to.
    """

    booth: Booth | None = None
    purger: Purger | None = None
    guests: GuestHouse | None = None
    album_syncer: AlbumSyncer | None = None


def make_photo_house(
    document: Document,
    state: StateDir,
    eyes: Eyes | None,
    *,
    judge: Judge,
    audit: Noting,
    daemon: Callable[[], Daemon],
    clock: Clock,
    conditions: Conditions,
) -> PhotoHouse:
    """Opens the events and photographs; nobody is there where the document wants none, or with a condition that says
    why: what is wrong with photographs must not keep a door from opening. Blocks for a moment.

    Args:
        eyes: look at photographs that somebody sends.
        daemon: asked once it runs.
    """
    if not document.photos.enabled or eyes is None:
        return PhotoHouse()
    # Loaded where they are asked for only.
    from edged.runtime.booth import make_booth  # noqa: PLC0415
    from edged.runtime.guest_house import GuestHouse  # noqa: PLC0415

    try:
        booth = make_booth(
            document,
            state,
            eyes,
            judge=judge,
            cameras=lambda: daemon().eyes,
            audit=audit,
            settings=lambda: daemon().loaded.document.photos,
            guests_port=lambda: daemon().guests_port,
            clock=clock,
            conditions=conditions,
        )
    except EdgedError as error:
        conditions.begin("photos", error)
        return PhotoHouse()
    return PhotoHouse(
        booth,
        _make_purger(document, state, booth, clock=clock, conditions=conditions),
        GuestHouse(booth, document.photos.guests, conditions),
        _make_album_syncer(document, state, booth, clock=clock, conditions=conditions),
    )


def _make_purger(document: Document, state: StateDir, booth: Booth, *, clock: Clock, conditions: Conditions) -> Purger:
    from edged.runtime.event_purge import EventPurge  # noqa: PLC0415  loaded where it is asked for only
    from edged.runtime.purger import Purger  # noqa: PLC0415

    def forget() -> None:
        booth.albums.forget_purged()
        booth.space.freed()

    work = EventPurge(state, document, booth.database)
    return Purger(work, booth.albums, state, forget=forget, clock=clock, conditions=conditions)


def _make_album_syncer(
    document: Document, state: StateDir, booth: Booth, *, clock: Clock, conditions: Conditions
) -> AlbumSyncer | None:
    if not document.photos.sync.enabled:
        return None
    from edged.runtime.album_syncer import make_album_syncer  # noqa: PLC0415  loaded where it is asked for only

    return make_album_syncer(document, state, booth, clock=clock, conditions=conditions)
