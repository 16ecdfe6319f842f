"""Times as commands write and read them."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta
from typing import Final

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_SPAN: Final = re.compile(r"([0-9]{1,6})([smhdw])")


def local(seconds: float | None) -> str:
    """`2026-12-31 23:30` on this machine's clock, for people; a dash where there is none."""
    return "–" if seconds is None else f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"


def span_s(text: str) -> float:
    """Seconds in `90d`, `12h`, `30m`, `0s`; an argparse type."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no span of time: 30m, 12h, 90d and 4w are")
    return float(int(found[1]) * _UNITS[found[2]])


def moment(text: str) -> float:
    """Seconds since the epoch in `2026-12-31T22:00+01:00`, `2026-12-31T21:00Z`, or `+2d` from now: for argparse."""
    try:
        if text.startswith("+"):
            found = datetime.now(UTC) + timedelta(seconds=span_s(text[1:]))
        else:
            found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC).timestamp()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: 2026-12-31T22:00:00Z and +2d are") from None
    except OverflowError:
        raise argparse.ArgumentTypeError(f"{text!r} is too far away") from None
    raise argparse.ArgumentTypeError(f"{text!r} has no time zone: add Z, or one like +01:00")
