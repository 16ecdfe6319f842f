"""How all devices stand on the broker, for whoever asks the centre."""

from __future__ import annotations

from typing import Protocol

from edged.wire.fleet import FleetList, FleetPushes


class Watch(Protocol):
    """What was seen. Any thread; blocks on the disk; raises Unavailable where that does not let us."""

    def fleet(self) -> FleetList:
        """All devices.

        Raises:
            Unavailable: nothing was seen yet.
        """
        ...

    def pushes(self, limit: int) -> FleetPushes:
        """At most so many of the pushes that were heard, the newest first."""
        ...
