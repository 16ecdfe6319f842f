"""How often somebody may try to sign in: often enough for people, too seldom for guessing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from edged.accounts.account import key_of
from edged.api.bucket import Buckets, place_of

_BURST_S: Final = 60.0
_ADDRESS_PER_MINUTE: Final = 10
_NAME_PER_MINUTE: Final = 6
_ALL_PER_MINUTE: Final = 60
_ALL: Final = ""


class SignInPace:
    """Counts tries, before a password is looked at. Belongs to the event loop.

    Strangers share what a name takes, so that many addresses guess no faster than one; a browser that has signed in
    with that name before has a measure of its own, so that nobody can keep the guard out by guessing. There is no
    other lock-out: whoever waits half a minute may try again.

    Args:
        ticks: seconds of a clock that never goes back.
    """

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._addresses = Buckets(_ADDRESS_PER_MINUTE, _BURST_S)
        self._names = Buckets(_NAME_PER_MINUTE, _BURST_S)
        self._all = Buckets(_ALL_PER_MINUTE, _BURST_S)
        self._browsers = Buckets(_NAME_PER_MINUTE, _BURST_S)
        self._familiar = Buckets(_ALL_PER_MINUTE, _BURST_S)

    def wait_s(self, address: str, name: str, browser: str) -> int:
        """After how many whole seconds the next try is let through; 0: this one was, and counts.

        Args:
            address: whence it comes.
            name: of the account, whether or not there is one; empty for a link.
            browser: what a browser shows that has signed in with that name before; empty where it has not.
        """
        now = self._ticks()
        if browser:
            asked = [(self._browsers, browser), (self._familiar, _ALL)]
        else:
            asked = [(self._addresses, place_of(address)), (self._all, _ALL)]
            asked += [(self._names, key_of(name))] if name else []
        wait_s = max(buckets.wait_s(key, now) for buckets, key in asked)
        if wait_s > 0:
            return max(1, math.ceil(wait_s))
        for buckets, key in asked:
            buckets.take(key, now)
        return 0
