"""Schedules: what a clock on the wall shows decides, in the zone where the hours are meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from edged.access.zone import zone_of
from edged.config.access import AccessSettings, HolidaySettings, ScheduleSettings

_SEARCHED: Final = (range(-1, 9), range(8, 62))
"""Days ahead among which the next change is looked for: a week, mostly; else two months."""
_DAY_MINUTES: Final = 24 * 60
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Span:
    """Hours as written: minutes since midnight; `end` is past 24:00 where they reach into the next day."""

    begin: int
    end: int

    @classmethod
    def read(cls, text: str) -> Span:
        """From `22:00-06:00`, as the configuration has it."""
        begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
        return cls(begin, end if end > begin else end + _DAY_MINUTES)


class Hours:
    """One schedule of the configuration, with its holidays and its zone. Immutable; any thread.

    An instant is within the hours if the time and the date that a clock on the wall shows at it are. So an hour that a
    change of the clocks leaves out is in no schedule, and one that it repeats is in it twice. Hours that reach into the
    next day belong to the day on which they begin, whether the next one is a holiday or not.
    """

    __slots__ = ("_holidays", "_on_holidays", "_week", "zone")

    def __init__(self, schedule: ScheduleSettings, holidays: Iterable[HolidaySettings], zone: tzinfo) -> None:
        days = (schedule.mon, schedule.tue, schedule.wed, schedule.thu, schedule.fri, schedule.sat, schedule.sun)
        self._week = tuple(_spans(day) for day in days)
        self._on_holidays = _spans(schedule.holidays)
        self._holidays = tuple(_holiday(holiday) for holiday in holidays)
        self.zone = zone

    @classmethod
    def of(cls, access: AccessSettings, name: str) -> Hours:
        """The schedule with this name; raises KeyError where there is none, which a valid configuration excludes."""
        schedule = access.schedules[name]
        return cls(schedule, access.holidays.values(), zone_of(schedule.time_zone or access.time_zone))

    def include(self, utc: float) -> bool:
        """Whether the hours hold at this instant, seconds since the epoch."""
        return self.began(utc) is not None

    def began(self, utc: float) -> float | None:
        """When the hours that hold at this instant began, as they are written, not later than it; None outside them.

        Where several hold, the earliest begin. Hours that follow one another without a gap are still two.
        """
        now = datetime.fromtimestamp(utc, self.zone)
        minute = now.hour * 60 + now.minute
        begins = [
            _instant(now.date() - timedelta(days=back), span.begin, self.zone)
            for back in (0, 1)
            for span in self._on(now.date() - timedelta(days=back))
            if span.begin <= minute + back * _DAY_MINUTES < span.end
        ]
        return min(*begins, utc) if begins else None

    def midnight(self, utc: float) -> float:
        """When the day of this instant began."""
        return min(_instant(datetime.fromtimestamp(utc, self.zone).date(), 0, self.zone), utc)

    def next_change(self, utc: float) -> float | None:
        """The first instant after this one at which the hours begin, or end; None within two months."""
        inside = self.include(utc)
        first = datetime.fromtimestamp(utc, self.zone).date()
        for days in _SEARCHED:
            for at in self._edges(first + timedelta(days=ahead) for ahead in days):
                if at > utc and self.include(at) != inside:
                    return at
        return None

    def _on(self, day: date) -> tuple[Span, ...]:
        is_holiday = any(falls_in(day) for falls_in in self._holidays)
        return self._on_holidays if is_holiday else self._week[day.weekday()]

    def _edges(self, days: Iterable[date]) -> list[float]:
        """Instants of these days at which something may change, in order."""
        edges: set[float] = set()
        for day in days:
            edges.update(_leaps(day, self.zone))
            for back in (0, 1):
                for span in self._on(day - timedelta(days=back)):
                    for minute in (span.begin - back * _DAY_MINUTES, span.end - back * _DAY_MINUTES):
                        if 0 <= minute <= _DAY_MINUTES:
                            edges.update(_instants(day, minute, self.zone))
        return sorted(edges)


def last_time_of_day(utc: float, clock: str, zone: tzinfo) -> float:
    """The last instant, not after this one, at which a clock on the wall came to `clock` (`03:00`)."""
    minute = int(clock[:2]) * 60 + int(clock[3:])
    today = datetime.fromtimestamp(utc, zone).date()
    return max(at for back in (0, 1, 2) if (at := _instant(today - timedelta(days=back), minute, zone)) <= utc)


def shown(utc: float, zone: tzinfo) -> str:
    """An instant as a person reads it: `Thu 2026-11-26 08:00`."""
    return datetime.fromtimestamp(utc, zone).strftime("%a %Y-%m-%d %H:%M")


def _spans(texts: Sequence[str]) -> tuple[Span, ...]:
    return tuple(Span.read(text) for text in texts)


def _holiday(holiday: HolidaySettings) -> Callable[[date], bool]:
    """Whether a day is one of these."""
    first = date.fromisoformat(holiday.first)
    last = date.fromisoformat(holiday.last) if holiday.last else first
    if not holiday.yearly:
        return lambda day: first <= day <= last
    if (last - first).days >= 365:
        return lambda day: day is not None
    begin, end = (first.month, first.day), (last.month, last.day)
    if begin <= end:
        return lambda day: begin <= (day.month, day.day) <= end
    return lambda day: (day.month, day.day) >= begin or (day.month, day.day) <= end


def _instant(day: date, minute: int, zone: tzinfo) -> float:
    """When a clock on the wall first shows this time of this day; where it leaps over it, when it leaps."""
    first = _instants(day, minute, zone)[0]
    then = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001  what the wall shows
    if datetime.fromtimestamp(first, zone).replace(tzinfo=None, fold=0) == then:
        return first
    return next((at for at in _leaps(then.date(), zone) if at >= first), first)


def _instants(day: date, minute: int, zone: tzinfo) -> tuple[float, ...]:
    """In order: both, where the clock shows it twice; for a time that it leaps over, what it is by either offset."""
    at = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    return tuple(sorted({at.replace(fold=fold).timestamp() for fold in (0, 1)}))


def _leaps(day: date, zone: tzinfo) -> tuple[float, ...]:
    """The instant of this day at which the clocks are changed, if there is one."""
    begin = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() - 1
    end = begin + _DAY_S + 2
    before = _offset(begin, zone)
    if _offset(end, zone) == before:
        return ()
    while end - begin > 1:
        middle = (begin + end) // 2
        begin, end = (middle, end) if _offset(middle, zone) == before else (begin, middle)
    return (float(end // 1),)


def _offset(utc: float, zone: tzinfo) -> timedelta | None:
    return datetime.fromtimestamp(utc, zone).utcoffset()
