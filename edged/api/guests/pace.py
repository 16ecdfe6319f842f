"""How often guests may ask, and how many at once: a phone that goes mad must not keep the others waiting."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from edged.api.bucket import Buckets
from edged.api.guests.turned_away import TurnedAway, Why


class Deed(Enum):
    """What costs more than reading."""

    SAY = "say"
    """Not me, report, delete me."""
    AGAIN = "again"
    """All faces of the event are compared."""
    ARCHIVE = "archive"
    """All photographs are sent."""


class Pace:
    """Counts what guests do. Belongs to the event loop.

    An address may be a whole hall behind one router: what it may do is enough for a hundred phones that open a page at
    once. A link is one guest.

    Args:
        ticks: seconds of a clock that never goes back.
        requests, archives: how many may be under way, of an address and in all; `archives_each`: of a link.
    """

    def __init__(
        self,
        ticks: Callable[[], float],
        *,
        requests: int = 320,
        archives: int = 32,
        archives_each: int = 2,
    ) -> None:
        self._ticks = ticks
        self._most = {"address": requests, "archives": archives, "link": archives_each}
        self._addresses = Buckets(per_minute=6000, burst_s=30)
        self._strangers = Buckets(per_minute=20, burst_s=30)
        self._links = Buckets(per_minute=1200, burst_s=30)
        self._deeds = {
            Deed.SAY: Buckets(per_minute=30, burst_s=60),
            Deed.AGAIN: Buckets(per_minute=6, burst_s=30),
            Deed.ARCHIVE: Buckets(per_minute=10, burst_s=60),
        }
        self._under_way: Counter[str] = Counter()
        self._archives: Counter[str] = Counter()

    @contextmanager
    def request(self, address: str) -> Iterator[None]:
        """A request of an address, while it is answered. Raises TurnedAway TOO_OFTEN or BUSY."""
        self._take(self._addresses, address)
        with _one_more(self._under_way, address, self._most["address"]):
            yield

    def check(self, request_id: str) -> None:
        """Whether a guest may ask now, before their link is looked at; counts nothing. Raises TurnedAway TOO_OFTEN."""
        self._check(self._links, request_id)

    def link(self, request_id: str) -> None:
        """Counts a request whose link was a good one: strangers take nothing from a guest."""
        self._links.take(request_id, self._ticks())

    def deed(self, request_id: str, deed: Deed) -> None:
        """A guest does something. Raises TurnedAway TOO_OFTEN."""
        self._take(self._deeds[deed], request_id)

    def is_guessing(self, address: str) -> bool:
        """Counts a link that was none of ours; whether there were too many of an address."""
        now = self._ticks()
        if self._strangers.wait_s(address, now):
            return True
        self._strangers.take(address, now)
        return False

    @contextmanager
    def archive(self, request_id: str) -> Iterator[None]:
        """An archive that is sent, while it is. Raises TurnedAway BUSY."""
        with (
            _one_more(self._archives, "", self._most["archives"]),
            _one_more(self._archives, request_id, self._most["link"]),
        ):
            yield

    def _take(self, buckets: Buckets, key: str) -> None:
        self._check(buckets, key)
        buckets.take(key, self._ticks())

    def _check(self, buckets: Buckets, key: str) -> None:
        wait_s = buckets.wait_s(key, self._ticks())
        if wait_s:
            raise TurnedAway(Why.TOO_OFTEN, max(1, math.ceil(wait_s)))


@contextmanager
def _one_more(counts: Counter[str], key: str, most: int) -> Iterator[None]:
    if counts[key] >= most:
        raise TurnedAway(Why.BUSY, 5)
    counts[key] += 1
    try:
        yield
    finally:
        counts[key] -= 1
        if not counts[key]:
            del counts[key]
