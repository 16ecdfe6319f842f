"""The one place where the parts meet that follow requests over MQTT."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edged.config.document import Document
from edged.config.kept import Verdict
from edged.config.layers import Loaded
from edged.config.secret import secrets_of, without_secrets
from edged.control.authority import Authority
from edged.control.journal import Journal
from edged.domain.errors import Corrupt
from edged.gallery.departures import Departures
from edged.gallery.snapshot import Snapshot
from edged.mqtt.hearer import Hearer, Word
from edged.mqtt.inbox import Inbox
from edged.mqtt.log_teller import LogTeller
from edged.mqtt.session import Session
from edged.runtime import comeback, reboot
from edged.runtime.clerk import Clerk
from edged.runtime.clock import Clock
from edged.runtime.comeback import Comeback
from edged.runtime.conditions import Conditions
from edged.runtime.errand import Errand
from edged.runtime.eye import Eye
from edged.runtime.judge import Judge
from edged.runtime.keeper import Keeper
from edged.runtime.log_ring import LogRing
from edged.runtime.pulse import Pulse
from edged.runtime.replies import Replies
from edged.runtime.state_dir import StateDir
from edged.runtime.summons import Summons
from edged.vision.sight import Sight
from edged.wire.topics import Topics

if TYPE_CHECKING:
    from edged.control.doors import Doors
    from edged.runtime.booth import Booth
    from edged.runtime.deed import Deeds
    from edged.runtime.deeds.log import LogDeeds
    from edged.runtime.syncer import Syncer
    from edged.runtime.talker import Talker
    from edged.wire.commands.journal import LogLine


@dataclass(frozen=True, slots=True)
class Means:
    """What requests are followed with.

    Attributes:
        authority: judges who asks.
        gallery, eyes, loaded: as they are at the moment.
        sight: used on the judge's thread only.
        syncer, doors, booth: None where the device has none.
        talker: speaks to the broker; None until it is made.
        restart: has edged start again in a moment; returns at once.
        propose: has a patch of the configuration followed, for whom it names; see `Steward.ask`.
        start_machine: has the machine start again.
    """

    authority: Authority
    state: StateDir
    sight: Sight
    judge: Judge
    keeper: Keeper
    pulse: Pulse
    syncer: Syncer | None
    gallery: Callable[[], Snapshot]
    eyes: Callable[[], Mapping[str, Eye]]
    loaded: Callable[[], Loaded]
    talker: Callable[[], Talker | None]
    boot: str
    clock: Clock
    conditions: Conditions
    restart: Callable[[], None]
    propose: Callable[[Mapping[str, Any], str], Errand[Verdict]]
    start_machine: Callable[[], None] = reboot.reboot
    doors: Doors | None = None
    booth: Callable[[], Booth | None] = lambda: None


class Orders:
    """Makes the clerk, and who hears for it. From then on the latest lines of the log are kept in memory.

    Args:
        document: as it is in force at the start.
        means: asked for nothing before the first request.

    Raises:
        Unavailable: the journal of requests cannot be read.
    """

    def __init__(self, document: Document, means: Means) -> None:
        self._means = means
        self._topics = Topics(document.mqtt.prefix, document.device.name)
        self._ring = LogRing(lambda text: without_secrets(text, secrets_of(means.loaded().document)))
        logging.getLogger().addHandler(self._ring)
        self._log: LogDeeds | None = None
        journal = Journal(means.state.orders, lambda: means.clock.now().utc)
        if journal.damage:
            means.conditions.begin("orders.journal", Corrupt(journal.damage, "Requests of before may be done again"))
        replies = Replies(self._topics, self._say, means.clock)
        self.clerk = Clerk(
            Summons(
                means.authority,
                journal,
                lambda: means.loaded().document.control.allow,
                replies,
                means.clock,
            ),
            self._deeds,
            replies,
            Comeback(means.state.root / comeback.FILE),
            boot=means.boot,
            clock=means.clock,
            settle=self._settle,
        )

    def hearers(self, session: Session) -> tuple[Hearer, ...]:
        """Who hears requests on a session with the broker, and who says lines of the log there."""
        clock = self._means.clock
        return (
            Inbox(session, self._topics, self._groups, self.clerk.take),
            LogTeller(session, self._topics.log, self._lines, lambda: clock.now().mono),
        )

    def _say(self, word: Word) -> None:
        talker = self._means.talker()
        assert talker is not None  # noqa: S101  it heard the request, or has begun before the clerk
        talker.say(word)

    def _groups(self) -> Sequence[str]:
        return self._means.loaded().document.control.groups

    def _settle(self) -> None:
        if self._log is not None:
            self._log.settle()

    def _lines(self, most: int) -> Sequence[LogLine]:
        if self._ring.publish is None:
            return ()
        from edged.runtime.deeds.log import to_be_said  # noqa: PLC0415  as in `_deeds`

        return to_be_said(self._ring, most)

    def _deeds(self) -> Deeds:
        # Loaded with the first request: together they take some MB, and most devices are never asked for anything.
        from edged.runtime.deeds.diagnostics import DiagnosticsDeed  # noqa: PLC0415
        from edged.runtime.deeds.enroll import EnrollDeed  # noqa: PLC0415
        from edged.runtime.deeds.eyes import Eyes  # noqa: PLC0415
        from edged.runtime.deeds.identify import IdentifyDeed  # noqa: PLC0415
        from edged.runtime.deeds.lent_sight import LentSight  # noqa: PLC0415
        from edged.runtime.deeds.log import LogDeeds  # noqa: PLC0415
        from edged.runtime.deeds.machine import DoorDeed, LeaveDeed, SyncDeed  # noqa: PLC0415
        from edged.runtime.deeds.models import ModelDeeds  # noqa: PLC0415
        from edged.runtime.deeds.people import PeopleDeeds  # noqa: PLC0415
        from edged.runtime.deeds.photo import PhotoDeed  # noqa: PLC0415
        from edged.runtime.deeds.snapshot import SnapshotDeed  # noqa: PLC0415

        means = self._means
        eyes = Eyes(means.eyes)
        people = PeopleDeeds(means.keeper, Departures(means.state.root))
        log = self._log = LogDeeds(self._ring, lambda: means.loaded().document.log.level, means.clock)
        models = ModelDeeds(means.state, means.loaded, means.propose)
        lent = LentSight(means.sight, means.judge)
        return {
            "snapshot": SnapshotDeed(eyes, means.judge),
            "identify": IdentifyDeed(eyes, lent, gallery=means.gallery, loaded=means.loaded),
            "enroll": EnrollDeed(eyes, means.sight, means.judge, means.keeper, means.loaded),
            "people_list": people.page,
            "people_get": people.one,
            "people_delete": people.delete,
            "sync": SyncDeed(means.syncer, means.conditions),
            "open_door": DoorDeed(means.doors),
            "photo": PhotoDeed(means.booth()),
            "log_level": log.level,
            "log_tail": log.tail,
            "diagnostics": DiagnosticsDeed(
                self._ring,
                means.pulse,
                lambda: talker.queues if (talker := means.talker()) else {},
                outbox=means.state.events,
                state=means.state.root,
                loaded=means.loaded,
                clock=means.clock,
            ),
            "models_list": models.listed,
            "models_switch": models.switch,
            "restart": LeaveDeed(means.restart),
            "reboot": LeaveDeed(means.start_machine),
        }


def make_orders(document: Document, means: Means) -> Orders | None:
    """See `Orders`; None where the device speaks to no broker."""
    return Orders(document, means) if document.mqtt.enabled else None


def clerk_of(orders: Orders | None) -> Clerk | None:
    """Who follows requests, if somebody does."""
    return orders.clerk if orders else None


def hearers_of(orders: Orders | None, session: Session) -> tuple[Hearer, ...]:
    """See `Orders.hearers`."""
    return orders.hearers(session) if orders else ()
