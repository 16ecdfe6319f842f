"""The console's events and people: their addresses, with what answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edged.api.console.events import events_routes
from edged.api.console.people import people_routes
from edged.gallery.departures import Departures
from edged.gallery.keepsakes import Keepsakes
from edged.gallery.packs import PersonKeys
from edged.gallery.people import KEEPSAKES
from edged.gallery.people_search import PeopleReader
from edged.runtime.console.enrolling import Enrolling
from edged.runtime.console.events_desk import DeviceEventsDesk
from edged.runtime.console.people_desk import Codes, DevicePeopleDesk

if TYPE_CHECKING:
    from starlette.routing import Route

    from edged.accounts.note import Note
    from edged.config.document import Document
    from edged.gallery.pseudonyms import Pseudonyms
    from edged.gallery.shots import ShotStore
    from edged.gallery.snapshot import Snapshot
    from edged.runtime.clock import Clock
    from edged.runtime.daemon import Daemon
    from edged.runtime.judge import Judge
    from edged.runtime.keeper import Keeper
    from edged.runtime.state_dir import StateDir
    from edged.vision.sight import Sight


def people_rooms(
    document: Document,
    state: StateDir,
    sight: Sight,
    *,
    pseudonyms: Pseudonyms,
    judge: Judge,
    keeper: Keeper,
    gallery: Callable[[], Snapshot],
    shots: ShotStore,
    daemon: Callable[[], Daemon],
    codes: Codes,
    note: Note,
    clock: Clock,
) -> list[Route]:
    """For `make_app`; `daemon` is asked once it runs.

    Args:
        codes: of the people; shown where there is a door.
    """
    keys = PersonKeys(state.open_vault(document).seal_for("people"))
    people = PeopleReader(state.people, keys, Keepsakes(state.people.parent / KEEPSAKES), sight.model)
    events = DeviceEventsDesk(
        state.events,
        shots=shots,
        people=people,
        pseudonyms=pseudonyms,
        places=lambda: (daemon().loaded.document.cameras, daemon().loaded.document.access.doors),
    )
    enrolling = Enrolling(
        sight,
        lambda: daemon().loaded.document.quality,
        judge=judge,
        keeper=keeper,
        gallery=gallery,
        people=people,
        eyes=lambda: daemon().eyes,
        clock=clock,
    )
    desk = DevicePeopleDesk(
        people,
        enrolling,
        keeper=keeper,
        outbox=state.events,
        departures=Departures(state.root),
        codes=lambda: codes if daemon().loaded.document.access.doors else None,
        survey=lambda: gallery().survey,
        note=note,
    )
    return [*events_routes(events), *people_routes(desk)]
