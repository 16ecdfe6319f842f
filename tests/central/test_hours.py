"""When people may be fetched."""

from __future__ import annotations

from datetime import time

import pytest

from edged.central.hours import is_open


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        ((), time(3), True),
        (("22:00-06:00",), time(22), True),
        (("22:00-06:00",), time(5, 59), True),
        (("22:00-06:00",), time(6), False),
        (("22:00-06:00",), time(21, 59), False),
        (("08:00-09:30", "12:00-13:00"), time(9, 29), True),
        (("08:00-09:30", "12:00-13:00"), time(9, 30), False),
        (("08:00-09:30", "12:00-13:00"), time(12), True),
        (("07:00-07:00",), time(3), True),
    ],
)
def test_the_hours_are_open_from_their_beginning_to_before_their_end(
    hours: tuple[str, ...], now: time, expected: bool
) -> None:
    assert is_open(hours, now) is expected
