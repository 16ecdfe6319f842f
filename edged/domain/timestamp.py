"""Times as they are written down for others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def utc(seconds: float) -> str: ...


@overload
def utc(seconds: None) -> None: ...


@overload
def utc(seconds: float | None) -> str | None: ...


def utc(seconds: float | None) -> str | None:
    """UTC seconds since the epoch as RFC 3339, to the second: `2026-11-25T23:15:32Z`; None stays."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
