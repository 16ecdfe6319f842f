"""What switches current: one driver a kind, all behind this port.

Whoever adds a kind (OSDP, Wiegand, a bus of their own) writes a class that fits `Relay`, names it in
`edged.runtime.door_helper` and gives it its fields in the configuration; nothing else changes.
"""

from __future__ import annotations

from typing import Final, Protocol

TIMEOUT_S: Final = 1.0
"""No relay is waited for any longer at one go."""


class Relay(Protocol):
    """One relay. Belongs to one thread of the helper, which may block in it, for about TIMEOUT_S at most.

    It knows current, and not whether current locks or unlocks. It never tries again on its own: whoever calls does, and
    never for an `on` that is too late.
    """

    @property
    def check_s(self) -> float:
        """So often `check` is worth calling."""

    def on(self, seconds: float) -> None:
        """Switches it on.

        Args:
            seconds: after so long it will be told off; one that has a timer of its own sets it to this, rounded up,
                so that it switches off even where nobody tells it.

        Raises:
            Unavailable: it does not answer, so nobody knows how it stands.
            Refused: it says no.
        """

    def off(self) -> None:
        """Switches it off.

        Raises:
            Unavailable, Refused: likewise.
        """

    def check(self) -> None:
        """Looks whether it can be reached, and reaches for it again where it could not; switches nothing.

        Raises:
            Unavailable, Refused: it cannot.
        """

    def close(self) -> None:
        """Lets go of what reaches it: after this, whatever watches over it (the kernel, the broker) has it off."""


class NoRelay:
    """Switches nothing, for trying rules."""

    check_s = 60.0

    def on(self, seconds: float) -> None:
        """See `Relay.on`."""

    def off(self) -> None:
        """See `Relay.off`."""

    def check(self) -> None:
        """See `Relay.check`."""

    def close(self) -> None:
        """See `Relay.close`."""
