"""Who is inside, as anti-passback counts."""

from __future__ import annotations

from collections.abc import Mapping

from edged.access.hours import last_time_of_day
from edged.access.standing import Standing
from edged.access.zone import zone_of
from edged.config.access import AccessSettings
from edged.domain.frame import Moment


def inside_for(key: str, area: str, access: AccessSettings, standing: Standing, now: Moment) -> float | None:
    """For how many seconds somebody has been inside an area; None where they count as being outside.

    Args:
        key: see `edged.access.standing.bearer`.
    """
    since = standing.inside.get(area, {}).get(key)
    if since is None:
        return None
    age = max(0.0, now.mono - since.mono)
    return None if _was_reset(age, area, access, standing, now) else age


def inside(area: str, access: AccessSettings, standing: Standing, now: Moment) -> Mapping[str, Moment]:
    """Everybody who counts as being inside, and since when."""
    there = standing.inside.get(area, {})
    return {key: at for key, at in there.items() if inside_for(key, area, access, standing, now) is not None}


def areas(access: AccessSettings) -> tuple[str, ...]:
    """The areas of the configuration, by name."""
    return tuple(sorted({door.area for door in access.doors.values() if door.area is not None}))


def _was_reset(age: float, area: str, access: AccessSettings, standing: Standing, now: Moment) -> bool:
    """Whether the daily hour of one of the area's doors has passed since, whichever clock is right."""
    times = standing.time.times(now)
    zone = zone_of(access.time_zone)
    hours = [door.anti_passback.reset_at for door in access.doors.values() if door.area == area]
    return bool(times) and any(
        all(utc - age < last_time_of_day(utc, hour, zone) for utc in times) for hour in hours if hour is not None
    )
