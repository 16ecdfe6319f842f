"""How a door stands: as the guard set it, else as its schedule says."""

from __future__ import annotations

from edged.access.hours import Hours
from edged.access.standing import Standing
from edged.config.access import AccessSettings, DoorSettings
from edged.domain.door import Mode
from edged.domain.frame import Moment


def mode_of(door: str, access: AccessSettings, standing: Standing, now: Moment) -> Mode:
    """How this door stands now. One that the configuration does not have is locked."""
    settings = access.doors.get(door)
    if settings is None:
        return Mode.LOCKED
    by_hand = standing.modes.get(door)
    if by_hand is not None:
        return by_hand.mode
    return Mode.HELD_OPEN if _is_held(door, settings, access, standing, now) else Mode.NORMAL


def next_change(door: str, access: AccessSettings, standing: Standing, now: Moment) -> float | None:
    """When the mode may change by itself next, UTC seconds since the epoch as the clock shows; None: not by itself.

    It may change before that all the same, when somebody of `first_person` comes.
    """
    settings = access.doors.get(door)
    if settings is None or settings.hold_open is None or door in standing.modes:
        return None
    hours = Hours.of(access, settings.hold_open)
    changes = [(hours.next_change(utc), utc) for utc in standing.time.times(now)]
    soonest = [now.utc + change - utc for change, utc in changes if change is not None]
    settled = standing.time.settles_at(now)
    return min((*soonest, *(() if settled is None else (settled,))), default=None)


def first_came(door: str, hours: Hours, standing: Standing, now: Moment, *, else_today: bool = False) -> bool:
    """Whether somebody of `first_person` has passed since these hours began, whichever clock is right.

    Args:
        else_today: outside the hours, count from midnight; else nobody came.
    """
    came = standing.first.get(door)
    times = standing.time.times(now)
    if came is None or not times:
        return False
    age = max(0.0, now.mono - came.mono)
    for utc in times:
        began = hours.began(utc)
        if began is None and else_today:
            began = hours.midnight(utc)
        if began is None or utc - age < began:
            return False
    return True


def _is_held(door: str, settings: DoorSettings, access: AccessSettings, standing: Standing, now: Moment) -> bool:
    times = standing.time.times(now)
    if settings.hold_open is None or not times:
        return False
    hours = Hours.of(access, settings.hold_open)
    if not all(hours.include(utc) for utc in times):
        return False
    return not settings.first_person or first_came(door, hours, standing, now)
