"""Schedules, against a reference that looks at a clock on the wall every minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edged.access.hours import Hours, last_time_of_day
from edged.access.zone import machine_zone, zone_of
from edged.config.access import AccessSettings

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANGES: Final = {
    "Europe/Berlin": ("2026-03-28", "2026-10-24"),
    "America/New_York": ("2026-03-07", "2026-10-31"),
    "Australia/Lord_Howe": ("2026-04-04", "2026-10-03"),
    "Africa/Cairo": ("2026-04-23", "2026-10-29"),
    "Asia/Kathmandu": ("2026-06-01", "2026-12-31"),
    "America/St_Johns": ("2026-03-07", "2026-10-31"),
    "Pacific/Apia": ("2011-12-29", "2026-01-01"),
}
"""Zones with days before the clocks are changed: by an hour, by half of one, at midnight, by a day, and not at all."""


def hours(zone: str, days: Mapping[str, Sequence[str]], off: Mapping[str, Any] | None = None) -> Hours:
    document = {"time_zone": zone, "schedules": {"some": days}, "holidays": off or {}}
    return Hours.of(AccessSettings.model_validate(document), "some")


def minutes_of(text: str) -> tuple[int, int]:
    begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return begin, end


def wall_says(utc: float, zone: ZoneInfo, days: Mapping[str, Sequence[str]], holidays: set[date]) -> bool:
    """The reference: two strings and a comparison, whatever the zone does."""
    shown = datetime.fromtimestamp(utc, UTC).astimezone(zone)
    clock = shown.hour * 60 + shown.minute

    def on(day: date) -> list[tuple[int, int]]:
        return [minutes_of(text) for text in days.get("holidays" if day in holidays else DAYS[day.weekday()], [])]

    today = any(begin <= clock and (clock < end or end < begin) for begin, end in on(shown.date()))
    yesterday = any(end < begin and clock < end for begin, end in on(shown.date() - timedelta(days=1)))
    return today or yesterday


@st.composite
def spans(draw: st.DrawFn) -> str:
    quarter = st.integers(0, 95).map(lambda number: f"{number // 4:02d}:{number % 4 * 15:02d}")
    begin = draw(quarter)
    return f"{begin}-{draw(quarter.filter(lambda end: end != begin) | st.just('24:00'))}"


WEEKS: Final = st.dictionaries(st.sampled_from([*DAYS, "holidays"]), st.lists(spans(), max_size=3), max_size=8)


@settings(max_examples=15, deadline=None)
@given(zone=st.sampled_from(sorted(CHANGES)), which=st.integers(0, 1), days=WEEKS, holiday=st.integers(0, 3))
def test_a_schedule_agrees_with_a_clock_that_is_looked_at_every_minute(
    zone: str, which: int, days: dict[str, list[str]], holiday: int
) -> None:
    start = date.fromisoformat(CHANGES[zone][which])
    holidays = {start + timedelta(days=1)} if holiday == 1 else set()
    schedule = hours(zone, days, {"one": {"first": min(holidays).isoformat()}} if holidays else {})
    begin = datetime(start.year, start.month, start.day, 12, tzinfo=UTC).timestamp()
    minutes = [begin + 60.0 * number for number in range(36 * 60)]

    expected = [wall_says(utc, ZoneInfo(zone), days, holidays) for utc in minutes]

    assert [schedule.include(utc) for utc in minutes] == expected
    changes = [after for (before, was), (after, now) in pairwise(zip(minutes, expected, strict=True)) if was != now]
    found, at = [], minutes[0]
    while (change := schedule.next_change(at)) is not None and change <= minutes[-1]:
        found.append(change)
        at = change
    assert found == changes


@settings(max_examples=40, deadline=None)
@given(zone=st.sampled_from(sorted(CHANGES)), which=st.integers(0, 1), days=WEEKS, minute=st.integers(0, 4319))
def test_hours_began_when_they_did(zone: str, which: int, days: dict[str, list[str]], minute: int) -> None:
    start = date.fromisoformat(CHANGES[zone][which])
    schedule = hours(zone, days)
    utc = datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp() + 60.0 * minute

    began = schedule.began(utc)

    assert (began is not None) is schedule.include(utc)
    if began is not None:
        assert utc - 26 * 3600 <= began <= utc
        shown = datetime.fromtimestamp(began, schedule.zone)
        begins = {minutes_of(text)[0] for texts in days.values() for text in texts}
        leapt = shown.utcoffset() != datetime.fromtimestamp(began - 1, schedule.zone).utcoffset()
        assert began == utc or leapt or shown.hour * 60 + shown.minute in begins


def berlin(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()


def test_hours_that_reach_into_the_next_day_belong_to_the_day_on_which_they_begin() -> None:
    night = hours("Europe/Berlin", {"thu": ["22:00-06:00"]}, {"xmas": {"first": "2026-12-25"}})

    assert night.include(berlin("2026-12-25 05:59")), "the morning after, though it is a holiday"
    assert not night.include(berlin("2026-12-25 06:00"))
    assert not night.include(berlin("2026-12-24 05:00"))


def test_holidays_have_hours_of_their_own_over_the_turn_of_the_year_too() -> None:
    days = {day: ["08:00-18:00"] for day in DAYS}
    yearly = {"turn": {"first": "2020-12-24", "last": "2021-01-02", "yearly": True}}
    schedule = hours("Europe/Berlin", {**days, "holidays": ["10:00-12:00"]}, yearly)

    for day in ("2026-12-24", "2026-12-31", "2027-01-01", "2027-01-02"):
        assert not schedule.include(berlin(f"{day} 09:00")), day
        assert schedule.include(berlin(f"{day} 11:00")), day
    for day in ("2026-12-23", "2027-01-03", "2026-07-01"):
        assert schedule.include(berlin(f"{day} 09:00")), day
    once = hours("Europe/Berlin", days, {"turn": {"first": "2026-12-24", "last": "2027-01-02"}})
    assert not once.include(berlin("2027-01-02 09:00"))
    assert once.include(berlin("2027-12-24 09:00"))


def test_a_schedule_has_its_own_zone_where_it_says_so() -> None:
    days = {"time_zone": "Asia/Tokyo", "thu": ["08:00-09:00"]}
    access = AccessSettings.model_validate({"time_zone": "Europe/Berlin", "schedules": {"far": days}})

    assert Hours.of(access, "far").include(berlin("2026-11-26 00:30"))
    assert not Hours.of(access, "far").include(berlin("2026-11-26 08:30"))


def test_hours_that_never_come_have_no_next_change() -> None:
    assert hours("Europe/Berlin", {}).next_change(berlin("2026-11-26 12:00")) is None
    always = {day: ["00:00-24:00"] for day in DAYS}
    assert hours("Europe/Berlin", always).next_change(berlin("2026-11-26 12:00")) is None
    assert hours("Europe/Berlin", always).began(berlin("2026-11-26 12:00")) == berlin("2026-11-26 00:00")


@pytest.mark.parametrize(
    ("now", "clock", "last"),
    [
        ("2026-11-26 12:00", "03:00", "2026-11-26 03:00"),
        ("2026-11-26 02:59", "03:00", "2026-11-25 03:00"),
        ("2026-11-26 03:00", "03:00", "2026-11-26 03:00"),
        ("2026-03-29 12:00", "02:30", "2026-03-29 03:00"),
        ("2026-10-25 12:00", "02:30", "2026-10-25 02:30"),
    ],
)
def test_an_hour_that_comes_once_a_day(now: str, clock: str, last: str) -> None:
    assert last_time_of_day(berlin(now), clock, ZoneInfo("Europe/Berlin")) == berlin(last)


def test_without_a_name_the_zone_is_that_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, offset in (("Asia/Tokyo", 9), (":Asia/Kathmandu", 5.75)):
        monkeypatch.setenv("TZ", name)
        machine_zone.cache_clear()
        assert datetime.fromtimestamp(0, zone_of("")).utcoffset() is not None
        noon = datetime(2026, 6, 1, 12, tzinfo=zone_of(""))
        assert noon.utcoffset() == timedelta(hours=offset)
    machine_zone.cache_clear()
