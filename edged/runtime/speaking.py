"""What makes the device speak and hear on the broker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from edged.config.document import Document
from edged.control.authority import CONFIG, Authority
from edged.mqtt.desired import DesiredEar
from edged.mqtt.ear import Ear
from edged.mqtt.hearer import Hearer
from edged.mqtt.session import Session
from edged.runtime.home_assistant import FILE, HomeAssistant
from edged.runtime.orders import hearers_of
from edged.runtime.talker import Talker
from edged.runtime.wish import Opens
from edged.wire.door import status_of
from edged.wire.order import Desired
from edged.wire.topics import Topics, announcements

if TYPE_CHECKING:
    from edged.gallery.shots import ShotStore
    from edged.runtime.clock import Clock
    from edged.runtime.conditions import Conditions
    from edged.runtime.daemon import Daemon
    from edged.runtime.doorman import Doorman
    from edged.runtime.keeper import Keeper
    from edged.runtime.orders import Orders
    from edged.runtime.pulse import Pulse
    from edged.runtime.stages import Stages
    from edged.runtime.state_dir import StateDir
    from edged.runtime.syncer import Syncer


def make_talker(
    document: Document,
    state: StateDir,
    *,
    pulse: Pulse,
    shots: ShotStore,
    keeper: Keeper,
    syncer: Syncer | None,
    orders: Orders | None,
    doorman: Doorman,
    daemon: Callable[[], Daemon],
    clock: Clock,
    conditions: Conditions,
    stages: Stages,
) -> Talker | None:
    """Who speaks to the broker; None where the document wants none. `daemon` is asked once it runs."""
    if not document.mqtt.enabled:
        return None
    topics = Topics(document.mqtt.prefix, document.device.name)
    talker: Talker | None = None
    home_assistant = HomeAssistant(
        document,
        state.root / FILE,
        loaded=lambda: daemon().loaded,
        talker=lambda: talker,
        clock=clock,
        conditions=conditions,
    )

    def hearers(session: Session) -> Sequence[Hearer]:
        desired = DesiredEar(
            session,
            topics,
            lambda: daemon().loaded.document.control.groups,
            lambda *order: daemon().steward.take(*order),  # noqa: PLW0108  not there yet
        )
        return (
            desired,
            *hearers_of(orders, session),
            *_ears(syncer, session, document.mqtt.prefix),
            *home_assistant.hearers(session),
        )

    def standing() -> Mapping[str, bytes]:
        doors = {topics.door(name): status_of(state).encoded() for name, state in doorman.states().items()}
        return {topics.reported: daemon().steward.report, **doors, **home_assistant.standing()}

    talker = Talker(
        document.mqtt,
        document.device.name,
        pulse=pulse,
        outbox=state.events,
        shots=shots,
        acknowledge=keeper.acknowledge,
        publish_image=lambda: daemon().loaded.document.events.publish_image,
        hearers=hearers,
        standing=standing,
        holds_events=lambda: daemon().steward.holds_events,
        clock=clock,
        conditions=conditions,
        stages=stages,
    )
    return talker


def make_authority(document: Document, groups: Callable[[], Sequence[str]]) -> Authority:
    """Who says which orders may be followed.

    Args:
        document: names the folder of keys, if there is one.
        groups: of the device, at each moment.
    """
    if document.control.keys is None:
        return Authority(document.device.name, groups, None)
    from edged.control.keyring import Keyring  # noqa: PLC0415  most devices have none, and it takes 2 MB

    return Authority(document.device.name, groups, Keyring(document.control.keys))


def opens_desired(authority: Authority) -> Opens:
    """What the steward opens orders with."""
    return lambda payload, to, now: authority.opened(payload, Desired, kind=CONFIG, to=to, now=now)


def _ears(syncer: Syncer | None, session: Session, prefix: str) -> tuple[Ear, ...]:
    """Only a hub of ours announces anything; where there is none, nothing is asked for."""
    if syncer is None:
        return ()
    return (Ear(session, announcements(prefix), lambda announcement: syncer.heard(announcement.revision)),)
