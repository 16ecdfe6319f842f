"""How things stand at the doors: what rules need to know besides the knock and the configuration."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from edged.access.attempts import Attempt, Attempts
from edged.access.timekeeping import Timekeeping
from edged.config.access import AccessSettings
from edged.domain.door import Contact, DoorAlarm, DoorSignal, Mode, Signal
from edged.domain.frame import Moment
from edged.domain.passage import Decision, Knock, Need, Rule, Verdict, Way

_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class ByHand:
    """How the guard set a door.

    Attributes:
        by: who, for the record; at: when; None where that is not known.
    """

    mode: Mode
    by: str = ""
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who may pass, and waits for a second person.

    Attributes:
        knock: its id; key: see `bearer`; at: when they were seen.
    """

    knock: str
    key: str
    at: Moment


def _none() -> Mapping[str, _V]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Standing:
    """A value: each method gives a new one. Any thread.

    All ages are taken from the clock that never jumps. After a start of the machine they are taken once from the one on
    the wall, since nothing else is left; an age that would be negative counts as none.

    Attributes:
        inside: by area, who came in and when; see `edged.access.areas` for what of it still counts.
        modes: of doors that the guard set by hand.
        first: by door, when somebody of `first_person` last passed.
        waiting: by door, who waits for a second person.
        let_through: by door, when somebody last was let through.
        contacts: of the doors, as they last said; unlocked: doors whose relay lets people through; lost: doors that do
            not answer.
        attempts: wrong codes and false faces.
        alarms: by door, those that are on.
        blocked: who may pass nowhere, our ids, and why.
        time: what time it is.
    """

    inside: Mapping[str, Mapping[str, Moment]] = field(default_factory=_none)
    modes: Mapping[str, ByHand] = field(default_factory=_none)
    first: Mapping[str, Moment] = field(default_factory=_none)
    waiting: Mapping[str, Waiting] = field(default_factory=_none)
    let_through: Mapping[str, Moment] = field(default_factory=_none)
    contacts: Mapping[str, Contact] = field(default_factory=_none)
    unlocked: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    attempts: Attempts = field(default_factory=Attempts)
    alarms: Mapping[str, tuple[DoorAlarm, ...]] = field(default_factory=_none)
    blocked: Mapping[str, str] = field(default_factory=_none)
    time: Timekeeping = field(default_factory=Timekeeping)

    def after_time(self, now: Moment) -> Standing:
        """To be asked for now and then, so that a jump of the clock is noticed when it happens."""
        time = self.time.after(now)
        return self if time is self.time else replace(self, time=time)

    def after_passage(self, decision: Decision, access: AccessSettings) -> Standing:
        """What follows from a decision; of one that grants, if the door did open for it."""
        standing = self.after_time(decision.at)
        knock = decision.knock
        if decision.verdict is Verdict.SPOOF:
            return standing.after_attempt(knock.door, Attempt.SPOOF, decision.at)
        if decision.verdict is Verdict.WAITS and decision.needs is Need.SECOND_PERSON:
            waiting = Waiting(knock.id, bearer(knock), knock.at)
            return replace(standing, waiting=_with(standing.waiting, knock.door, waiting))
        if decision.verdict is Verdict.GRANTED:
            return _after_grant(standing, decision, access)
        return standing

    def after_opening(self, door: str, now: Moment) -> Standing:
        """Somebody was let through without being judged."""
        return replace(self, let_through=_with(self.let_through, door, now))

    def after_attempt(self, door: str, attempt: Attempt, now: Moment) -> Standing:
        """A wrong code, once for each; false faces are counted by `after_passage`."""
        return replace(self, attempts=self.attempts.after(door, attempt, now.mono))

    def after_signal(self, signal: DoorSignal) -> Standing:
        """What a door said."""
        door, said = signal.door, signal.signal
        if said in (Signal.OPENED, Signal.SHUT):
            contact = Contact.OPEN if said is Signal.OPENED else Contact.SHUT
            return replace(self, contacts=_with(self.contacts, door, contact))
        if said is Signal.RELEASED:
            return replace(self, unlocked=self.unlocked | {door})
        if said is Signal.SECURED:
            return replace(self, unlocked=self.unlocked - {door})
        if said is Signal.LOST:
            return replace(self, contacts=_without(self.contacts, (door,)), lost=self.lost | {door})
        if said is Signal.BACK:
            return replace(self, lost=self.lost - {door})
        return self

    def after_alarm(self, alarm: DoorAlarm) -> Standing:
        """One began, or ended."""
        others = tuple(other for other in self.alarms.get(alarm.door, ()) if other.id != alarm.id)
        there = (*others, alarm) if alarm.on else others
        alarms = _with(self.alarms, alarm.door, there) if there else _without(self.alarms, (alarm.door,))
        return replace(self, alarms=alarms)

    def with_mode(self, door: str, mode: Mode, *, by: str = "", at: Moment | None = None) -> Standing:
        """Set by hand; `normal` gives the door back to its schedule."""
        if mode is Mode.NORMAL:
            return replace(self, modes=_without(self.modes, (door,)))
        return replace(self, modes=_with(self.modes, door, ByHand(mode, by, at)))

    def with_blocked(self, blocked: Mapping[str, str]) -> Standing:
        """With this block list in place of the former."""
        return replace(self, blocked=MappingProxyType(dict(blocked)))

    def reset(self, area: str) -> Standing:
        """Everybody counts as being outside of this area."""
        return replace(self, inside=_without(self.inside, (area,)))

    def without(self, people: Collection[str]) -> Standing:
        """Without a trace of these people, by our ids; itself where there was none."""
        gone = frozenset(people)
        if not gone & self._named():
            return self
        inside = {area: _without(there, gone) for area, there in self.inside.items()}
        waiting = {door: one for door, one in self.waiting.items() if one.key not in gone}
        return replace(
            self,
            inside=MappingProxyType(inside),
            waiting=MappingProxyType(waiting),
            blocked=_without(self.blocked, gone),
        )

    def without_passes_but(self, kept: Collection[str]) -> Standing:
        """Without a trace of passes that are forgotten; `kept`: ids of those that are not."""
        known = {_of_pass(ticket) for ticket in kept}
        return self.without({key for key in self._named() if key.startswith(_of_pass("")) and key not in known})

    def _named(self) -> frozenset[str]:
        there = (key for area in self.inside.values() for key in area)
        return frozenset((*there, *(one.key for one in self.waiting.values()), *self.blocked))


def bearer(knock: Knock) -> str:
    """Whom anti-passback and the two-person rule count: the person's id, or the pass; empty where nobody is known."""
    if knock.person is not None:
        return knock.person.id
    return "" if knock.ticket is None else _of_pass(knock.ticket.id)


def _of_pass(ticket: str) -> str:
    return f"pass:{ticket}"


def _after_grant(before: Standing, decision: Decision, access: AccessSettings) -> Standing:
    knock, door = decision.knock, access.doors.get(decision.knock.door)
    standing = replace(
        before,
        let_through=_with(before.let_through, knock.door, decision.at),
        waiting=_without(before.waiting, (knock.door,)),
    )
    if door is None:
        return standing
    if knock.person is not None and set(door.first_person) & set(knock.person.groups):
        standing = replace(standing, first=_with(standing.first, knock.door, decision.at))
    if door.area is None:
        return standing
    through = [bearer(knock)]
    if door.two_person and knock.door in before.waiting:
        through.append(before.waiting[knock.door].key)
    there = _without(before.inside.get(door.area, _none()), through)
    if knock.way is Way.IN and decision.decided_by is not Rule.EMERGENCY:
        there = MappingProxyType({**there, **{key: decision.at for key in through if key}})
    return replace(standing, inside=_with(standing.inside, door.area, there))


def _with(mapping: Mapping[str, _V], key: str, value: _V) -> Mapping[str, _V]:
    return MappingProxyType({**mapping, key: value})


def _without(mapping: Mapping[str, _V], keys: Collection[str]) -> Mapping[str, _V]:
    return MappingProxyType({key: value for key, value in mapping.items() if key not in keys})
