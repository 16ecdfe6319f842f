"""All of the audit log that is measured, and the section of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edged.domain.progress import Progress
from edged.measure.audit_damage import Damaged, damage_chain
from edged.measure.audit_speed import AuditSpeed, measure_speed
from edged.measure.report import Goal, Report, Table, goals_table

_HOW: Final = """\
Each trial takes a fresh copy of an audit log that a device has written, damages the file as somebody can who has \
it and not the device's key, in one way drawn at random, and has it verified. "Rolled back" is an older copy of \
both files, which is what the device once wrote: it is found by a head that was noted elsewhere, and by nothing \
else. Intact copies are verified in between, every second one with a head that is behind, as a power cut between \
the two writes leaves it. Entries are added by one process with `synchronous=FULL`; each batch and its head are on \
the disk before the next."""


@dataclass(frozen=True, slots=True)
class AuditFigures:
    """What was measured, see there."""

    damaged: Damaged
    speed: AuditSpeed


def measure_audit(progress: Progress, *, trials: int, entries: int, verified: int) -> AuditFigures:
    """Damages a log of so many `entries` in so many `trials`, and adds and verifies `verified` others."""
    damaged = damage_chain(trials, entries, lambda doing, share: progress(doing, 0.8 * share))
    speed = measure_speed(verified, progress=lambda doing, share: progress(doing, 0.8 + 0.2 * share))
    return AuditFigures(damaged, speed)


def audit_report(found: AuditFigures) -> Report:
    """The section of the page."""
    damaged, speed = found.damaged, found.speed
    trials, hits, named = (sum(counts.values()) for counts in (damaged.trials, damaged.found, damaged.named))
    goals = (
        Goal(
            f"damage to a log of {damaged.entries:,} entries, {trials} trials",
            f"{trials} found",
            f"{hits} found, {named} called what it was",
            reached=hits == trials,
        ),
        Goal(
            f"intact and interrupted logs, {damaged.intact} trials",
            "0 false alarms",
            f"{damaged.false_alarms} false alarms",
            reached=damaged.false_alarms == 0,
        ),
    )
    by_damage = Table(
        ("damage", "trials", "found", "called what it was"),
        tuple(
            (name, str(damaged.trials[name]), str(damaged.found[name]), str(damaged.named[name]))
            for name in sorted(damaged.trials)
        ),
    )
    costs = [("one entry alone, on the disk", f"{speed.one_p50:.1f} ms p50, {speed.one_p95:.1f} ms p95")]
    costs += [(f"in batches of {size}", f"{rate:,.0f} entries a second") for size, rate in speed.batches.items()]
    costs += [
        (f"verifying {speed.entries:,} entries", f"{speed.verified:,.0f} entries a second"),
        ("on the disk", f"{speed.bytes_each:.0f} bytes an entry"),
    ]
    return Report("Audit log", (goals_table(goals), _HOW, by_damage, Table(("what", "cost"), tuple(costs))))
