"""The composition root: the one place where the parts meet."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from edged.config.cameras import CameraSettings
from edged.config.document import Document
from edged.config.layers import load
from edged.domain.errors import Corrupt, Unsupported
from edged.domain.person import ModelRef
from edged.gallery.gallery import Gallery
from edged.mqtt.outbox import Outbox
from edged.recognition.recognizer import Recognizer
from edged.runtime import heap
from edged.runtime.alarm import Alarm
from edged.runtime.auditor import Auditor
from edged.runtime.boot import Boot
from edged.runtime.clock import Clock, SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.daemon import Daemon, Parts
from edged.runtime.eye import Eye
from edged.runtime.gatehouse import make_gatehouse
from edged.runtime.intake import Intake
from edged.runtime.judge import Judge, Standing
from edged.runtime.keeper import Keeper
from edged.runtime.orders import Means, clerk_of, make_orders
from edged.runtime.photo_house import make_photo_house
from edged.runtime.pulse import Pulse, Sources
from edged.runtime.rounds import Rounds
from edged.runtime.sentinel import make_sentinel
from edged.runtime.serving import make_eyes, make_interface, make_page
from edged.runtime.speaking import make_authority, make_talker, opens_desired
from edged.runtime.stages import Stages
from edged.runtime.state_dir import StateDir, new_id, new_salt
from edged.runtime.stop import Stop
from edged.runtime.talker import Talker
from edged.runtime.upkeep import Upkeep
from edged.runtime.witness import witness
from edged.vision.manifest import read_detector
from edged.vision.sight import Sight, open_sight
from edged.wire.device import ModelPart

if TYPE_CHECKING:
    from collections.abc import Callable

    from edged.config.central import CentralSettings
    from edged.domain.event import Event
    from edged.runtime.asker import Asker
    from edged.runtime.sync_state import SyncState
    from edged.runtime.syncer import Syncer


def build(boot: Boot, *, until_ended: bool = False) -> Daemon:
    """Opens the databases, verifies and loads the models, and puts the daemon together. Nothing runs yet.

    Blocks for a second or two: this is what READY waits for.

    Args:
        boot: the document to begin with, and where to read it again.
        until_ended: see `Daemon`.

    Raises:
        Unavailable, Corrupt, Refused: the state directory, a database, a model or the page's port cannot be used.
    """
    loaded, document = boot.loaded, boot.loaded.document
    clock, stages, intake = SystemClock(), Stages(), Intake()
    conditions = Conditions(clock)
    stop = Stop()
    alarm = Alarm(stop)
    state = StateDir.of(document)
    shots = state.open_shots(document)
    sight = open_sight(document.models)
    gallery = _gallery(state, document, sight.model, clock, conditions)
    boot_id = new_id(clock.now())
    outbox = Outbox.open(state.events, boot_id, now=clock.now().utc)
    if outbox.damage:
        conditions.begin("outbox.damaged", outbox.damage)
    for number, note in enumerate(sight.notes):
        conditions.begin(f"models.{number}", Unsupported(note))

    # The keeper tells the talker of new events, and the talker the keeper of delivered ones: each through a small
    # function that finds the other when it is called, since neither can be made first.
    talker: Talker | None = None

    def changed() -> None:
        if talker is not None:
            talker.wake()

    keeper = Keeper(
        outbox,
        gallery,
        shots,
        document,
        curve=sight.curve,
        clock=clock,
        conditions=conditions,
        changed=changed,
        alarm=alarm,
    )
    upkeep = Upkeep(
        state,
        document,
        clock=clock,
        conditions=conditions,
    )
    asker: Asker | None = None  # made below: it needs the judge, whose events it is shown

    def keep(events: tuple[Event, ...]) -> None:
        keeper.keep(events if asker is None else asker.amended(events))

    auditor = Auditor(
        lambda: state.open_chain(document), lambda: daemon.loaded.document.audit, clock=clock, conditions=conditions
    )
    gallery.be_seen_by(witness(auditor))
    gatehouse = make_gatehouse(
        document,
        state,
        sight,
        gallery=gallery.snapshot,
        judge=lambda: judge,
        keeper=keeper,
        audit=auditor,
        loaded=lambda: daemon.loaded,
        eyes=lambda: daemon.eyes,
        changed=changed,
        stages=stages,
        clock=clock,
        conditions=conditions,
    )
    judge = Judge(
        Recognizer(sight, new_id, new_salt),
        Standing.of(document, loaded.digest),
        gallery=gallery.snapshot,
        intake=intake,
        keep=keep,
        heed=gatehouse.doorman.heed,
        clock=clock,
        stages=stages,
    )
    syncer, asker = _central(
        document,
        state,
        sight,
        gallery=gallery,
        judge=judge,
        keeper=keeper,
        settings=lambda: daemon.loaded.document.central,
        clock=clock,
        conditions=conditions,
    )
    pulse = Pulse(
        Sources(
            boot=boot_id,
            models=(
                ModelPart(
                    role="detector",
                    name=document.models.detector,
                    digest=read_detector(document.models.directory, document.models.detector).sha256,
                ),
                ModelPart(role="embedder", name=sight.model.name, digest=sight.model.digest),
            ),
            judge=judge,
            intake=intake,
            stages=stages,
            conditions=conditions,
            gallery=gallery.snapshot,
            state_dir=state.root,
            sync=_state_of(syncer),
            audit=lambda: auditor.head,
        ),
        clock,
        eyes=lambda: daemon.eyes,
        loaded=lambda: daemon.loaded,
        life=lambda: daemon.life,
    )

    authority = make_authority(document, lambda: daemon.loaded.document.control.groups)
    orders = make_orders(
        document,
        Means(
            authority=authority,
            state=state,
            sight=sight,
            judge=judge,
            keeper=keeper,
            pulse=pulse,
            syncer=syncer,
            gallery=gallery.snapshot,
            eyes=lambda: daemon.eyes,
            loaded=lambda: daemon.loaded,
            talker=lambda: talker,
            boot=boot_id,
            clock=clock,
            conditions=conditions,
            restart=lambda: daemon.begin_anew(),  # noqa: PLW0108  not there yet
            doors=gatehouse.doorman,
            booth=lambda: photos.booth,
            propose=lambda patch, by: daemon.steward.ask(patch, by),  # noqa: PLW0108  not there yet
        ),
    )
    talker = make_talker(
        document,
        state,
        pulse=pulse,
        shots=shots,
        keeper=keeper,
        syncer=syncer,
        orders=orders,
        doorman=gatehouse.doorman,
        daemon=lambda: daemon,
        clock=clock,
        conditions=conditions,
        stages=stages,
    )

    def make_eye(name: str, settings: CameraSettings) -> Eye:
        return Eye(name, settings, intake=intake, clock=clock, conditions=conditions, alarm=alarm)

    rounds = Rounds(
        clock,
        {
            "judge": judge,
            "keeper": keeper,
            "talker": talker,
            "doors": gatehouse.line,
            "doorman": gatehouse.doorman,
        },
        main=lambda: daemon.alive,
    )
    sentinel = make_sentinel(
        document=lambda: daemon.loaded.document,
        eyes=lambda: daemon.eyes,
        outbox=state.events,
        stages=stages,
        clock=clock,
        conditions=conditions,
    )

    eyes = make_eyes(document, sight, judge)
    photos = make_photo_house(
        document, state, eyes, judge=judge, audit=auditor, daemon=lambda: daemon, clock=clock, conditions=conditions
    )
    page = make_page(
        document,
        state,
        sight,
        pulse=pulse,
        rounds=rounds,
        judge=judge,
        keeper=keeper,
        gallery=gallery.snapshot,
        doorman=gatehouse.doorman,
        audit=auditor,
        talker=talker,
        shots=shots,
        photos=photos,
        daemon=lambda: daemon,
        clock=clock,
        conditions=conditions,
        stages=stages,
    )
    interface = make_interface(
        document,
        state,
        sight,
        gallery=gallery.snapshot,
        judge=judge,
        keeper=keeper,
        booth=photos.booth,
        eyes=eyes,
        conditions=conditions,
    )
    daemon = Daemon(
        Parts(
            auditor=auditor,
            judge=judge,
            keeper=keeper,
            upkeep=upkeep,
            talker=talker,
            page=page,
            interface=interface,
            syncer=syncer,
            asker=asker,
            clerk=clerk_of(orders),
            gatehouse=gatehouse,
            photos=photos,
            make_eye=make_eye,
            rounds=rounds,
            sentinel=sentinel,
        ),
        loaded,
        reload=lambda: load(boot.path),
        opens=opens_desired(authority),
        clock=clock,
        conditions=conditions,
        stop=stop,
        alarm=alarm,
        until_ended=until_ended,
    )
    daemon.heed(loaded, boot.fault)
    gc.collect()
    heap.give_back()
    gc.freeze()  # what is here now stays: the collector need not walk it again for every generation
    return daemon


def _central(
    document: Document,
    state: StateDir,
    sight: Sight,
    *,
    gallery: Gallery,
    judge: Judge,
    keeper: Keeper,
    settings: Callable[[], CentralSettings],
    clock: Clock,
    conditions: Conditions,
) -> tuple[Syncer | None, Asker | None]:
    """Who follows the centre, and who asks it about strangers, where it is wanted."""
    if document.central.kind == "none":
        return None, None
    # Loaded where they are asked for only: they take 6 MB, and 10 more with the first request.
    from edged.runtime.sync_device import make_asker, make_syncer  # noqa: PLC0415

    syncer = make_syncer(
        document,
        state,
        sight,
        gallery=gallery.snapshot,
        judge=judge,
        keeper=keeper,
        settings=settings,
        clock=clock,
        conditions=conditions,
    )
    if not document.central.ask_unknown:
        return syncer, None
    asker = make_asker(
        document,
        sight,
        gallery=gallery.snapshot,
        judge=judge,
        keep=keeper.keep,
        new_id=lambda: new_id(clock.now()),
        clock=clock,
        conditions=conditions,
    )
    return syncer, asker


def _state_of(syncer: Syncer | None) -> Callable[[], SyncState] | None:
    return (lambda: syncer.state) if syncer else None


def _gallery(state: StateDir, document: Document, model: ModelRef, clock: Clock, conditions: Conditions) -> Gallery:
    """The gallery; where its database is damaged, the last good backup, and a condition that says so."""
    try:
        return state.open_gallery(document, model)
    except Corrupt as damage:
        backup = state.restore(document, clock.now().utc)
        conditions.begin(
            "gallery.restored",
            Corrupt(
                f"{damage.what}; the backup of revision {backup.revision} took its place",
                f"Enrol again whoever came since. What was damaged lies in {state.root}.",
            ),
        )
        return state.open_gallery(document, model)
