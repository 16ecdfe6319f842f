"""From how a door is to what it said."""

from __future__ import annotations

from collections.abc import Iterator

from edged.domain.door import Signal
from edged.doors.order import Report


def signals(before: Report | None, now: Report) -> Iterator[tuple[Signal, str]]:
    """What a door said, by what is different."""
    # Whoever hears of a door for the first time may remember how it was before a restart.
    old = before or Report(now.door, 0.0, reachable=not now.reachable, tampered=not now.tampered)
    if now.reachable != old.reachable:
        yield (Signal.BACK, "") if now.reachable else (Signal.LOST, now.why)
    if now.tampered != old.tampered:
        yield (Signal.TAMPERED if now.tampered else Signal.RESTORED), ""
    if now.exits > old.exits:
        yield Signal.EXIT_PRESSED, ""
    if now.released and not old.released:
        yield Signal.RELEASED, ""
    if now.contact not in {old.contact, "none"}:
        yield (Signal.OPENED if now.contact == "open" else Signal.SHUT), ""
    if old.released and not now.released:
        yield Signal.SECURED, ""
