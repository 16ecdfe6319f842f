"""Times as the interface writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def written(seconds: float) -> str:
    """UTC seconds since the epoch as `2016-06-13T11:12:13.000045`: always six digits, no zone."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
