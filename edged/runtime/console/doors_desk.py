"""What the console's page of doors asks of the device."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from edged.access.decide import decide
from edged.access.standing import Standing
from edged.api.console.doors import (
    AreaPart,
    DoorList,
    DoorPart,
    HolidayPart,
    Hours,
    InsidePart,
    PassageQuery,
    TrialForm,
)
from edged.api.console.passage import KeptPassage, PassageList, kept_passage, who
from edged.config.access import AccessSettings, DoorSettings
from edged.config.layers import Loaded
from edged.config.tree import leaves
from edged.control.doors import Opening
from edged.domain.door import Alarm, Contact, DoorState, Mode
from edged.domain.errors import Refused
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.passage import Decision, Factor, Knock, Liveness, LivenessMethod, Way
from edged.domain.person import Person
from edged.mqtt.outbox_reader import OutboxReader, StoredPassage
from edged.runtime.clock import Clock
from edged.runtime.console.entry_names import entry_names
from edged.wire.passage import passage_of
from edged.wire.payload import instant

_AT_ONCE: Final = 500
_MOST_LOOKED_AT: Final = 20_000
"""Passages that are looked through for one page of a door's; more are for the timeline."""
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holidays")


class Doorkeeper(Protocol):
    """Who keeps the doors: `edged.runtime.doorman.Doorman`. Any thread."""

    def states(self) -> Mapping[str, DoorState]: ...
    def standing(self) -> Standing: ...
    def open(self, door: str, *, by: str) -> Opening: ...
    def set_mode(self, door: str, mode: Mode, *, by: str) -> None: ...
    def reset_area(self, area: str, *, by: str) -> None: ...
    def quiet(self, door: str, alarm: Alarm, *, by: str) -> None: ...


class DeviceDoorsDesk:
    """The device's doors: `edged.api.console.doors.DoorsDesk`. Any thread.

    Args:
        people: whoever is enrolled.
        loaded: the document in force.
        outbox: the file that keeps passages.
        zone: of this machine, IANA; empty where it is not known.
        new_id: makes a UUIDv7 of a moment.
    """

    def __init__(
        self,
        keeper: Doorkeeper,
        *,
        people: Callable[[], Iterable[Person]],
        loaded: Callable[[], Loaded],
        outbox: Path,
        zone: str,
        clock: Clock,
        new_id: Callable[[Moment], str],
    ) -> None:
        self._keeper = keeper
        self._people = people
        self._loaded = loaded
        self._outbox = outbox
        self._zone = zone
        self._clock = clock
        self._new_id = new_id

    def doors(self) -> DoorList:
        access, states, now = self._access, self._keeper.states(), self._clock.now()
        doors = tuple(_door(name, door, states.get(name), now) for name, door in access.doors.items())
        return DoorList(at=instant(now.utc), doors=doors, areas=tuple(self._areas(access)))

    def hours(self) -> Hours:
        loaded = self._loaded()
        access = loaded.document.access
        return Hours(
            time_zone=access.time_zone or self._zone,
            schedules={
                name: {day: getattr(schedule, day) for day in _DAYS} for name, schedule in access.schedules.items()
            },
            zones={name: schedule.time_zone for name, schedule in access.schedules.items() if schedule.time_zone},
            holidays={
                name: HolidayPart(first=day.first, last=day.last or day.first, yearly=day.yearly)
                for name, day in access.holidays.items()
            },
            origins=dict(entry_names(loaded)),
            fixed=tuple(path for path, _ in leaves(loaded.file) if path.startswith("access.")),
        )

    def open(self, door: str, by: str) -> float:
        return self._keeper.open(door, by=_account(by)).open_s

    def set_mode(self, door: str, mode: Mode, by: str) -> None:
        self._keeper.set_mode(door, mode, by=_account(by))

    def quiet(self, door: str, alarm: Alarm, by: str) -> None:
        self._keeper.quiet(door, alarm, by=_account(by))

    def reset_area(self, area: str, by: str) -> None:
        if area not in {door.area for door in self._access.doors.values()}:
            raise Refused("no_area", f"there is no area {area}", "Load the page again")
        self._keeper.reset_area(area, by=_account(by))

    def passages(self, query: PassageQuery) -> PassageList:
        with closing(OutboxReader.open(self._outbox)) as reader:
            found = []
            for stored in _since(reader, query):
                if not query.door or stored.record.door == query.door:
                    found.append(kept_passage(stored.record, stored.number))
                if len(found) > query.limit:
                    break
        return PassageList(passages=tuple(found[: query.limit]), more=len(found) > query.limit)

    def trial(self, form: TrialForm) -> KeptPassage:
        loaded = self._loaded()
        door = loaded.document.access.doors.get(form.door)
        if door is None:
            raise Refused("no_door", f"there is no door {form.door}", "Load the page again")
        person = next((one for one in self._people() if one.customer_person_id == form.person), None)
        if form.person and person is None:
            raise Refused("unknown_person", f"nobody has the ID {form.person}", "Their page under People says it")
        return kept_passage(passage_of(self._tried(form, door, person, loaded), opened=False))

    @property
    def _access(self) -> AccessSettings:
        return self._loaded().document.access

    def _areas(self, access: AccessSettings) -> Iterator[AreaPart]:
        inside = self._keeper.standing().inside
        there = {person for people in inside.values() for person in people if not person.startswith("pass:")}
        named = {one.id: one for one in self._people() if one.id in there} if there else {}
        for area in dict.fromkeys(door.area for door in access.doors.values() if door.area):
            people = sorted(inside.get(area, {}).items(), key=lambda pair: -pair[1].utc)
            yield AreaPart(
                name=area,
                doors=tuple(name for name, door in access.doors.items() if door.area == area),
                inside=tuple(
                    InsidePart(who=who(named[person]) if person in named else None, since=instant(since.utc))
                    for person, since in people
                ),
            )

    def _tried(self, form: TrialForm, door: DoorSettings, person: Person | None, loaded: Loaded) -> Decision:
        """What would be decided then, as things stand now; both clocks are moved by as much."""
        now = self._clock.now()
        later = (form.at.timestamp() if form.at else now.utc) - now.utc
        then = Moment(now.mono + later, now.utc + later)
        factors = frozenset(Factor(factor) for factor in form.factors)
        by_face = Factor.FACE in factors
        method = LivenessMethod(door.liveness)
        live = None if method is LivenessMethod.OFF or not by_face else Liveness(method, passed=form.living)
        outcome = (Outcome.KNOWN if person else Outcome.UNKNOWN) if by_face else Outcome.NO_FACE
        knock = Knock(
            id=self._new_id(then),
            door=form.door,
            way=Way(door.way),
            at=then,
            outcome=outcome,
            person=person if factors else None,
            factors=factors,
            liveness=live,
            camera=door.camera,
        )
        standing = replace(self._keeper.standing(), waiting={})
        return decide(knock, loaded.document.access, standing, then, id=self._new_id(then), config=loaded.digest)


def local_zone(link: Path = Path("/etc/localtime")) -> str:
    """This machine's time zone, IANA; empty where it is not known."""
    name = str(link.resolve()).partition("/zoneinfo/")[2]
    try:
        return ZoneInfo(name).key if name else ""
    except (OSError, ValueError):
        return ""


def _since(reader: OutboxReader, query: PassageQuery) -> Iterator[StoredPassage]:
    before, since = query.before, query.since
    for _ in range(_MOST_LOOKED_AT // _AT_ONCE):
        some = reader.recent_passages(_AT_ONCE, before=before)
        for stored in some:
            if since is not None and stored.record.at.decided < since:
                return
            yield stored
        if len(some) < _AT_ONCE:
            return
        before = some[-1].number


def _door(name: str, door: DoorSettings, state: DoorState | None, now: Moment) -> DoorPart:
    return DoorPart(
        name=name,
        mode=state.mode if state else Mode.NORMAL,
        contact=state.contact if state else Contact.NONE,
        unlocked=state is not None and state.unlocked,
        reachable=state is not None and state.reachable,
        alarms=state.alarms if state else (),
        since=instant(state.since.utc if state else now.utc),
        camera=door.camera,
        way=door.way,
        area=door.area or "",
        relay=door.relay.kind,
        pulse_s=door.pulse_s,
        schedule=door.schedule or "",
        hold_open=door.hold_open or "",
        liveness=door.liveness,
        second_factor=door.second_factor,
        two_person=door.two_person,
    )


def _account(name: str) -> str:
    """As the audit log has it."""
    return f"account:{name}"
