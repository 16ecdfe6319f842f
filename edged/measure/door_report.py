"""What was found about faults around relays, as a section of the page."""

from __future__ import annotations

from edged.measure.door_faults import LIMIT_S, DoorFaults
from edged.measure.report import Goal, Report, Table, goals_table

_HOW = """\
Real helper processes, and where the daemon is killed or stopped a real process that holds them as the daemon does. \
The pins are gpiozero's pretended ones, and each change of a level is told to the trial before the call that made it \
returns; the relay on a broker is a subscriber of a real Mosquitto. A death comes at a random moment of a pulse of \
30 s. A pin counts as off only when it was driven so: what a kernel does with the pins of a dead process does not \
count, so the time for a killed helper is the one on boards that keep the level, until the helper that stands by has \
taken the pin; it has had a second to get ready. Unwanted is every level that no fresh, first order explains, and a \
relay that is on for longer than 1 s after a death. The wall clock is moved by ± 1.5 s, an hour or a year at each \
look that the helper takes at it; the clock that it goes by, CLOCK_BOOTTIME, nobody can set."""


def door_report(found: DoorFaults) -> Report:
    """As text and as a section."""
    rows = tuple(
        (
            fault.what,
            str(fault.times),
            str(fault.unwanted),
            "" if fault.longest_s is None else f"{fault.longest_s:.3f} s",
        )
        for fault in found.faults
    )
    unwanted = sum(fault.unwanted for fault in found.faults)
    longest = max((fault.longest_s for fault in found.faults if fault.longest_s is not None), default=0.0)
    goals = (
        Goal("unwanted openings, all faults", "0", str(unwanted), unwanted == 0),
        Goal("relay on after a death, longest", f"≤ {LIMIT_S:g} s", f"{longest:.3f} s", longest <= LIMIT_S),
    )
    pins, broker = found.helper_kb
    memory = (
        f"A helper holds {pins / 1024:.0f} MB with pins, {broker / 1024:.0f} MB with a relay on a broker (resident)."
    )
    table = Table(("fault", "times", "unwanted openings", "relay on afterwards, longest"), rows)
    return Report("Faults around the relay", (_HOW, goals_table(goals), table, memory))
