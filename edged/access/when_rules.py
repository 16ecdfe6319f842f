"""Rules about when: now, within the hours of the door, and after whoever has to come first."""

from __future__ import annotations

from edged.access.case import SILENT, Case, Said, no, yes
from edged.access.door_mode import first_came, mode_of
from edged.access.hours import Hours, shown
from edged.access.words import Word
from edged.access.zone import zone_name
from edged.domain.door import Mode
from edged.domain.passage import FRESH_S


def fresh(case: Case) -> Said:
    """What the answer rests on was seen within the last second, by the clock that never jumps."""
    age = case.now.mono - case.knock.at.mono
    if 0.0 <= age <= FRESH_S:
        return yes(Word.FRESH)
    return no(Word.STALE, f"seen {age:.1f} s ago")


def emergency(case: Case) -> Said:
    """In an emergency the door is open, whoever comes."""
    if mode_of(case.knock.door, case.access, case.standing, case.now) is not Mode.EMERGENCY:
        return SILENT
    return yes(Word.EMERGENCY, _by_hand(case))


def not_locked(case: Case) -> Said:
    """A door that the guard has locked opens for nobody."""
    if mode_of(case.knock.door, case.access, case.standing, case.now) is not Mode.LOCKED:
        return SILENT
    return no(Word.LOCKED, _by_hand(case))


def schedule(case: Case) -> Said:
    """Within the hours of the door; whoever is exempt passes outside them, too."""
    name = case.door.schedule
    if name is None:
        return SILENT
    if case.is_exempt:
        return yes(Word.EXEMPT, case.group_among(case.door.exempt_groups) or "")
    if not case.times:
        return no(Word.CLOCK_UNKNOWN, "this device does not know what time it is")
    hours = Hours.of(case.access, name)
    outside = [utc for utc in case.times if not hours.include(utc)]
    if not outside:
        return yes(Word.IN_HOURS, f"{name}, {zone_name(hours.zone)}")
    detail = f"{name}, {zone_name(hours.zone)}: it is {' or '.join(shown(utc, hours.zone) for utc in case.times)}"
    if len(case.times) > 1:
        return no(Word.OUTSIDE_HOURS, f"{detail}; the clock was set, and both must fit for an hour")
    opens = hours.next_change(case.now.utc)
    return no(Word.OUTSIDE_HOURS, f"{detail}, again {shown(opens, hours.zone)}" if opens else detail, retry_at=opens)


def first_person(case: Case) -> Said:
    """Somebody entitled to it has come first, since these hours began.

    These are the hours of the door's schedule, or else those of `hold_open`, outside which the day counts. Whoever is
    exempt from the schedule does not wait outside it.
    """
    door, name = case.door, case.door.schedule or case.door.hold_open
    if not door.first_person or name is None:
        return SILENT
    if case.is_in(door.first_person):
        return yes(Word.IS_FIRST, case.group_among(door.first_person) or "")
    hours = Hours.of(case.access, name)
    if door.schedule and case.is_exempt and not all(hours.include(utc) for utc in case.times):
        return SILENT
    came = first_came(case.knock.door, hours, case.standing, case.now, else_today=not door.schedule)
    return yes(Word.FIRST_CAME) if came else no(Word.FIRST_MISSING, f"{name}: nobody of {', '.join(door.first_person)}")


def _by_hand(case: Case) -> str:
    by_hand = case.standing.modes.get(case.knock.door)
    return f"by {by_hand.by}" if by_hand is not None and by_hand.by else ""
