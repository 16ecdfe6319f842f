"""What answers over HTTP on a device: its page, and the dialects for its own people."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from edged.api.console.health import health_routes
from edged.audit.act import Act
from edged.audit.entry import Fact
from edged.config.document import Document
from edged.domain.errors import EdgedError
from edged.gallery.dismissals import Dismissals
from edged.gallery.pseudonyms import Pseudonyms
from edged.runtime.code_book import CodeBook
from edged.runtime.console.health_desk import DeviceHealthDesk
from edged.runtime.console.people_rooms import people_rooms
from edged.runtime.console.photo_rooms import photo_rooms
from edged.runtime.console.rooms import door_rooms
from edged.runtime.history import History
from edged.runtime.kiosk_desk import DoorScreen
from edged.runtime.page import DeviceDesk, Page
from edged.runtime.review import ReviewDesk, closed_review

if TYPE_CHECKING:
    from starlette.routing import Route

    from edged.api.directory import Eyes
    from edged.audit.noting import Noting
    from edged.gallery.shots import ShotStore
    from edged.gallery.snapshot import Snapshot
    from edged.runtime.booth import Booth
    from edged.runtime.booth_screen import BoothScreen
    from edged.runtime.clock import Clock
    from edged.runtime.conditions import Conditions
    from edged.runtime.daemon import Daemon
    from edged.runtime.doorman import Doorman
    from edged.runtime.interface import Interface
    from edged.runtime.judge import Judge
    from edged.runtime.keeper import Keeper
    from edged.runtime.photo_house import PhotoHouse
    from edged.runtime.pulse import Pulse
    from edged.runtime.rounds import Rounds
    from edged.runtime.stages import Stages
    from edged.runtime.state_dir import StateDir
    from edged.runtime.talker import Talker
    from edged.vision.sight import Sight


def make_page(
    document: Document,
    state: StateDir,
    sight: Sight,
    *,
    pulse: Pulse,
    rounds: Rounds,
    judge: Judge,
    keeper: Keeper,
    gallery: Callable[[], Snapshot],
    doorman: Doorman,
    audit: Noting,
    talker: Talker | None,
    shots: ShotStore,
    photos: PhotoHouse,
    daemon: Callable[[], Daemon],
    clock: Clock,
    conditions: Conditions,
    stages: Stages,
) -> Page | None:
    """The page; None where the document wants none, or with a condition that says why there is none: a taken port must
    not keep a door from opening. `daemon` is asked once it runs.
    """
    if not document.http.enabled:
        return None
    desk = DeviceDesk(
        document,
        pulse=pulse,
        rounds=rounds,
        judge=judge,
        talker=talker,
        eyes=lambda: daemon().eyes,
        outbox=state.events,
        shots=shots,
    )

    def note(act: str, *, by: str, about: Mapping[str, Fact]) -> None:
        audit.note(Act(act), by=f"account:{by}" if by else "nobody", about=about)

    keep_s = document.events.max_age_days * 86_400
    pseudonyms = Pseudonyms(state.root / "pseudonyms.json", keep_s)
    history = History(desk.state, stages, clock)
    health = DeviceHealthDesk(
        history,
        pulse=pulse,
        judge=judge,
        eyes=lambda: daemon().eyes,
        quality=lambda: daemon().loaded.document.quality,
    )
    reviewer = closed_review(document.http) or ReviewDesk(
        sight,
        lambda: daemon().loaded.document.quality,
        judge=judge,
        keeper=keeper,
        outbox=state.events,
        shots=shots,
        dismissals=Dismissals(state.root / "review.json", keep_s),
        pseudonyms=pseudonyms,
        note=note,
        clock=clock,
    )
    try:
        accounts = state.open_accounts(threading.Lock())
        rooms: list[Route] = [
            *people_rooms(
                document,
                state,
                sight,
                pseudonyms=pseudonyms,
                judge=judge,
                keeper=keeper,
                gallery=gallery,
                shots=shots,
                daemon=daemon,
                codes=CodeBook(state, document),
                note=note,
                clock=clock,
            ),
            *door_rooms(document, state, keeper=doorman, gallery=gallery, audit=audit, daemon=daemon, clock=clock),
            *health_routes(health),
            *photo_rooms(document, state, photos.booth, photos.purger),
        ]
        kiosk = DoorScreen(doorman, lambda: daemon().loaded.document, lambda: daemon().eyes, clock)
        screen = make_booth_screen(photos.booth, judge)
        return Page(
            desk, reviewer, document.http, accounts, note=note, history=history, rooms=rooms, kiosk=kiosk, booth=screen
        )
    except EdgedError as error:
        conditions.begin("page", error)
        return None


def make_booth_screen(booth: Booth | None, judge: Judge) -> BoothScreen | None:
    """What answers the booth's page; None without a booth."""
    if booth is None:
        return None
    from edged.runtime.booth_screen import BoothScreen  # noqa: PLC0415  loaded where it is asked for only

    return BoothScreen(booth, lambda: judge.seen)


def make_eyes(document: Document, sight: Sight, judge: Judge) -> Eyes | None:
    """Who looks at photographs that somebody sends; None where nobody does."""
    if not document.api.enabled and not document.photos.enabled:
        return None
    from edged.runtime.device_eyes import DeviceEyes  # noqa: PLC0415  loaded where it is asked for only

    return DeviceEyes(sight, judge)


def make_interface(
    document: Document,
    state: StateDir,
    sight: Sight,
    *,
    gallery: Callable[[], Snapshot],
    judge: Judge,
    keeper: Keeper,
    booth: Booth | None,
    eyes: Eyes | None,
    conditions: Conditions,
) -> Interface | None:
    """The dialects; None as with `make_page`."""
    if not document.api.enabled or eyes is None:
        return None
    # Loaded where they are asked for only: they take 3 MB.
    from edged.runtime.device_directory import DeviceDirectory  # noqa: PLC0415
    from edged.runtime.face_reader import FaceReader  # noqa: PLC0415
    from edged.runtime.interface import Interface  # noqa: PLC0415

    directory = DeviceDirectory(keeper, FaceReader(state.people, sight.model, gallery), judge)
    link_key = state.open_vault(document).secret_for("links to photographs")
    try:
        return Interface(document.api, eyes, directory, link_key, booth.albums if booth else None)
    except EdgedError as error:
        conditions.begin("api", error)
        return None
