"""Where the hours are meant."""

from __future__ import annotations

import os
from datetime import UTC, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCALTIME: Final = Path("/etc/localtime")
_TABLES: Final = "zoneinfo/"


def zone_of(name: str) -> tzinfo:
    """The time zone with this name in the IANA database; this machine's where the name is empty.

    Reads the tables of time zones on first use, and nothing after that.
    """
    return ZoneInfo(name) if name else machine_zone()


@lru_cache(maxsize=1)
def machine_zone() -> tzinfo:
    """This machine's time zone, as it was when first asked for; UTC where nobody has set one."""
    return _named(os.environ.get("TZ", "").removeprefix(":")) or _linked(_LOCALTIME) or UTC


def zone_name(zone: tzinfo) -> str:
    """How the zone is called in an explanation."""
    return str(zone)


def _linked(path: Path) -> tzinfo | None:
    """The zone that a link into the system's tables names, or whose table the file is."""
    try:
        target = str(path.resolve(strict=True))
        named = _named(target.partition(_TABLES)[2])
        if named is not None:
            return named
        with path.open("rb") as file:
            return ZoneInfo.from_file(file, key="local time")
    except (OSError, ValueError):
        return None


def _named(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
