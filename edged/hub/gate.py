"""The gate of the hub: whose token it is, and whether there is room for one more request."""

from __future__ import annotations

import ipaddress
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

from edged.api.access import Cost, Grant
from edged.api.bucket import Buckets
from edged.api.token import Token, digest_of, id_in
from edged.domain.errors import Unavailable
from edged.hub.settings import LimitSettings

_log = logging.getLogger(__name__)

CACHED_S: Final = 1.0
"""What another process revokes is in force here after so long at the latest."""
_MOST_CACHED: Final = 4096
_HOUR_S: Final = 3600
_NETWORK_BITS: Final = 64
"""One customer of an IPv6 provider has a whole network of this size: it counts as one address."""


class TokenShelf(Protocol):
    """Where tokens are kept. Any thread; blocks on the disk or the database server; raises Unavailable."""

    @property
    def endings(self) -> int:
        """Grows when this process has revoked or rotated a token; does not block."""
        ...

    def find(self, token_id: str) -> Token | None: ...

    def note_use(self, token_id: str, hour: float) -> None:
        """That it was used in the hour that began then, UTC seconds since the epoch."""
        ...


class HubGate:
    """`edged.api.access.Gate` on tokens that are kept. Any thread.

    Args:
        shelf: of the tokens.
        limits: how much is let in.
        clock: UTC seconds since the epoch; ticks: seconds of a clock that never goes back.
    """

    def __init__(
        self,
        shelf: TokenShelf,
        limits: LimitSettings,
        *,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shelf = shelf
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._grants: OrderedDict[bytes, tuple[float, int, Grant]] = OrderedDict()
        self._tokens = {
            Cost.READING: Buckets(limits.reading, limits.burst_s),
            Cost.LOOKING: Buckets(limits.looking, limits.burst_s),
        }
        self._addresses = {
            Cost.READING: Buckets(limits.address_reading, limits.burst_s),
            Cost.LOOKING: Buckets(limits.address_looking, limits.burst_s),
        }
        self._strangers = Buckets(limits.strangers, limits.burst_s)

    def grant(self, token: str) -> Grant | None:
        """See `Gate.grant`. Asks the shelf at most once a second for one token, and anew when this process has ended
        one; wrong ones are not remembered.
        """
        token_id = id_in(token)
        if token_id is None:
            return None
        digest = digest_of(token)
        with self._lock:
            checked, endings, grant = self._grants.get(digest, (-math.inf, 0, None))
            if self._ticks() - checked < CACHED_S and endings == self._shelf.endings:
                return grant
        return self._asked(token_id, digest)

    def admit(self, grant: Grant | None, address: str, cost: Cost) -> int:
        """See `Gate.admit`. What is not let in takes nothing from any bucket; never blocks."""
        place = _place(address)
        with self._lock:
            now = self._ticks()
            if grant is None:
                buckets = [(self._strangers, place)]
            else:
                buckets = [(self._tokens[cost], grant.id), (self._addresses[cost], place)]
            wait_s = max(bucket.wait_s(key, now) for bucket, key in buckets)
            if wait_s:
                return max(1, math.ceil(wait_s))
            for bucket, key in buckets:
                bucket.take(key, now)
        return 0

    def _asked(self, token_id: str, digest: bytes) -> Grant | None:
        asked, endings = self._ticks(), self._shelf.endings
        now = self._clock()
        token = self._shelf.find(token_id)
        if token is None or not token.opens_for(digest, now):
            with self._lock:
                self._grants.pop(digest, None)
            return None
        hour = now // _HOUR_S * _HOUR_S
        if token.used is None or token.used < hour:
            try:
                self._shelf.note_use(token_id, hour)
            except Unavailable as error:  # a full disk must not lock everybody out
                _log.warning("the use of the token %s was not noted: %s", token_id, error.what)
        grant = token.grant()
        with self._lock:
            self._grants[digest] = (asked, endings, grant)
            self._grants.move_to_end(digest)
            if len(self._grants) > _MOST_CACHED:
                self._grants.popitem(last=False)
        return grant


def _place(address: str) -> str:
    """What is one asker for the limits: an IPv4 address, an IPv6 network, or the text itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _NETWORK_BITS), strict=False))
