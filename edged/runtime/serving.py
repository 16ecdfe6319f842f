"""What answers over HTTP on a device: its page, and the dialects for its own people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edged.config.document import Document
from edged.domain.errors import EdgedError
from edged.gallery.dismissals import Dismissals
from edged.runtime.kiosk_desk import Doorkeeper, DoorScreen
from edged.runtime.page import DeviceDesk, Page
from edged.runtime.review import ReviewDesk, closed_review

if TYPE_CHECKING:
    from edged.gallery.shots import ShotStore
    from edged.gallery.snapshot import Snapshot
    from edged.runtime.clock import Clock
    from edged.runtime.conditions import Conditions
    from edged.runtime.daemon import Daemon
    from edged.runtime.interface import Interface
    from edged.runtime.judge import Judge
    from edged.runtime.keeper import Keeper
    from edged.runtime.pulse import Pulse
    from edged.runtime.rounds import Rounds
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
    talker: Talker | None,
    shots: ShotStore,
    daemon: Callable[[], Daemon],
    clock: Clock,
    conditions: Conditions,
    doorkeeper: Doorkeeper | None = None,
) -> Page | None:
    """The page; None where the document wants none, or with a condition that says why there is none: a taken port must
    not keep a door from opening. `daemon` is asked once it runs. Without a `doorkeeper` there is no screen at a door.
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
    reviewer = closed_review(document.http) or ReviewDesk(
        sight,
        lambda: daemon().loaded.document.quality,
        judge=judge,
        keeper=keeper,
        outbox=state.events,
        shots=shots,
        dismissals=Dismissals(state.root / "review.json", document.events.max_age_days * 86_400),
        clock=clock,
    )
    kiosk = None
    if doorkeeper is not None:
        kiosk = DoorScreen(doorkeeper, lambda: daemon().loaded.document, lambda: daemon().eyes, clock)
    try:
        return Page(desk, reviewer, document.http.listen, document.http.port, kiosk)
    except EdgedError as error:
        conditions.begin("page", error)
        return None


def make_interface(
    document: Document,
    state: StateDir,
    sight: Sight,
    *,
    gallery: Callable[[], Snapshot],
    judge: Judge,
    keeper: Keeper,
    conditions: Conditions,
) -> Interface | None:
    """The dialects; None as with `make_page`."""
    if not document.api.enabled:
        return None
    # Loaded where they are asked for only: they take 3 MB.
    from edged.runtime.device_directory import DeviceDirectory  # noqa: PLC0415
    from edged.runtime.device_eyes import DeviceEyes  # noqa: PLC0415
    from edged.runtime.face_reader import FaceReader  # noqa: PLC0415
    from edged.runtime.interface import Interface  # noqa: PLC0415

    directory = DeviceDirectory(keeper, FaceReader(state.people, sight.model, gallery), judge)
    link_key = state.open_vault(document).secret_for("links to photographs")
    try:
        return Interface(document.api, DeviceEyes(sight, judge), directory, link_key)
    except EdgedError as error:
        conditions.begin("api", error)
        return None
