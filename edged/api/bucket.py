"""Token buckets: who may ask how often."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from typing import Final

_MOST: Final = 16_384
"""Buckets of one kind: some 3 MB."""


class Buckets:
    """A bucket for each key, full at first, which fills at a steady pace. Not for several threads at once.

    At most `most` are remembered. Beyond that, the one that was not asked for longest is forgotten, which is to say
    full again: a crowd of addresses costs no memory, and takes nothing from anybody else.

    Args:
        per_minute: the pace.
        burst_s: a full one holds what comes in so many seconds, and one at least.
    """

    def __init__(self, per_minute: float, burst_s: float, most: int = _MOST) -> None:
        self._pace = per_minute / 60
        self._full = max(1.0, self._pace * burst_s)
        self._most = most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def wait_s(self, key: str, now: float) -> float:
        """After how many seconds there is one to take; 0 where there is now. Takes nothing."""
        return max(0.0, (1 - self._level(key, now)) / self._pace)

    def take(self, key: str, now: float) -> None:
        """Takes one; there must be one. `now`: seconds of a clock that never goes back."""
        self._levels[key] = (self._level(key, now) - 1, now)
        self._levels.move_to_end(key)
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)

    def _level(self, key: str, now: float) -> float:
        level, at = self._levels.get(key, (self._full, now))
        return min(self._full, level + (now - at) * self._pace)


def place_of(address: str) -> str:
    """What is one asker: an IPv4 address, or an IPv6 network of one customer."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))
