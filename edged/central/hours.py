"""When people may be fetched and pushed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time


def is_open(hours: Sequence[str], now: time) -> bool:
    """Whether a time of the day lies in one of these, written `22:00-06:00`; without any it always does.

    The end is not part of it; where both ends are the same, that is the whole day.
    """
    if not hours:
        return True
    minute = now.hour * 60 + now.minute
    return any(_lies_in(minute, *map(_minute, text.split("-"))) for text in hours)


def _lies_in(minute: int, begin: int, end: int) -> bool:
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
