"""The composition root: the one place where the parts meet."""

from __future__ import annotations

import gc

from edged.config.cameras import CameraSettings
from edged.config.layers import load
from edged.domain.errors import Unsupported
from edged.mqtt.outbox import Outbox
from edged.recognition.recognizer import Recognizer
from edged.runtime import heap
from edged.runtime.alarm import Alarm
from edged.runtime.auditor import Auditor
from edged.runtime.boot import Boot
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.daemon import Daemon
from edged.runtime.eye import Eye
from edged.runtime.gatehouse import make_gatehouse
from edged.runtime.intake import Intake
from edged.runtime.judge import Judge, Standing
from edged.runtime.keeper import Keeper
from edged.runtime.liaison import make_liaison
from edged.runtime.orders import Means, clerk_of, make_orders
from edged.runtime.parts import Parts
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
from edged.vision.sight import open_sight
from edged.wire.device import ModelPart


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
    gallery = state.open_or_restore_gallery(document, sight.model, clock=clock, conditions=conditions)
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
    upkeep = Upkeep(state, document, clock=clock, conditions=conditions)
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
        keep=lambda events: keeper.keep(liaison.amended(events)),
        heed=gatehouse.doorman.heed,
        clock=clock,
        stages=stages,
    )
    liaison = make_liaison(
        document,
        state,
        sight,
        gallery=gallery.snapshot,
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
            sync=liaison.sync,
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
            syncer=liaison.syncer,
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
        syncer=liaison.syncer,
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
            liaison=liaison,
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
