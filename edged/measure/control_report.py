"""All of control over MQTT that is measured, and the section of the page."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.document import ModelSettings
from edged.domain.progress import Progress
from edged.measure.control_faults import Faults, try_faults
from edged.measure.control_kills import ControlKills, kill_while_applying
from edged.measure.control_mutants import ControlMutants, send_mutants
from edged.measure.control_site import control_site
from edged.measure.control_speed import ControlSpeed, measure_speed
from edged.measure.report import Goal, Report, Table, goals_table

_SOON_MS: Final = 500.0
_BACK_S: Final = 60.0
_HOW: Final = """\
A real `edged run` with its models and a camera, a process of its own, and Mosquitto, all on one machine; an \
administrator pushes over MQTT and reads `config/reported`. The time of a push is from its publication to the report \
`applied`. A damaged order counts as fully refused where the device names just the problems that the document's own \
check finds. SIGKILL comes at a random moment up to 4 s after a push; a third of the pushes are live, a third touch a \
camera, a third want a new start. Events are counted against a subscriber that was there all the time."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured."""

    pushes: int
    mutants: int
    kills: int
    probation_s: float


FULL: Final = Amount(pushes=200, mutants=1000, kills=100, probation_s=20.0)
QUICK: Final = Amount(pushes=10, mutants=40, kills=3, probation_s=5.0)


@dataclass(frozen=True, slots=True)
class Control:
    """What was measured, see there."""

    speed: ControlSpeed
    mutants: ControlMutants
    faults: Faults
    kills: ControlKills

    @property
    def is_good(self) -> bool:
        return self.mutants.is_good and self.faults.is_good and self.kills.is_good


def measure_control(models: ModelSettings, photo: Path, amount: Amount, progress: Progress) -> Control:
    """Everything, in temporary folders; raises what the parts raise.

    Args:
        models: where they are.
        photo: a portrait to show to a camera.
    """

    def step(begin: float, end: float) -> Progress:
        return lambda doing, share: progress(doing, begin + share * (end - begin))

    with tempfile.TemporaryDirectory(prefix="edged-control-") as name:
        with control_site(_made(Path(name) / "a"), models, amount.probation_s) as site:
            site.start()
            speed = measure_speed(site, amount.pushes, step(0.0, 0.1))
            mutants = send_mutants(site, amount.mutants, step(0.1, 0.2))
            faults = try_faults(site, models, photo, step(0.2, 0.4))
        with control_site(_made(Path(name) / "b"), models, amount.probation_s) as site:
            kills = kill_while_applying(site, amount.kills, step(0.4, 1.0))
    return Control(speed, mutants, faults, kills)


def control_report(found: Control) -> Report:
    """The section of the page."""
    speed, mutants, faults, kills = found.speed, found.mutants, found.faults, found.kills
    slowest = max(fault.seconds for fault in faults.faults)
    goals = (
        Goal(
            f"push → reported, {speed.pushes} pushes of live fields, idle device: p95",
            f"≤ {_SOON_MS:.0f} ms",
            f"{speed.p95:.0f} ms (p50 {speed.p50:.0f}, longest {speed.longest:.0f})",
            reached=speed.p95 <= _SOON_MS,
        ),
        Goal(
            f"{mutants.sent:,} damaged orders",
            "0 crashes, all refused with all problems, last good as before",
            f"{mutants.crashes} crashes, {mutants.refused:,} refused, {mutants.fully:,} with all problems,"
            f" {'the same bytes' if mutants.unchanged else 'CHANGED'}",
            reached=mutants.is_good,
        ),
        Goal(
            "a push that kills the camera, the broker link or the models",
            f"as before by itself within {_BACK_S:.0f} s, events kept",
            f"{sum(fault.restored for fault in faults.faults)} of {len(faults.faults)} as before, the slowest in"
            f" {slowest:.0f} s; {faults.lost} of {faults.events} events lost",
            reached=faults.is_good and slowest <= _BACK_S,
        ),
        Goal(
            f"SIGKILL × {kills.kills} while a change is applied",
            "always boots with a valid document",
            f"{kills.dark} failed starts, {kills.strange} documents nobody wanted; {kills.applied} held,"
            f" {kills.reverted} taken back",
            reached=kills.is_good,
        ),
    )
    rows = tuple(
        (fault.what, fault.status, f"{fault.seconds:.1f} s", ", ".join(fault.paths)) for fault in faults.faults
    )
    return Report("Control", (goals_table(goals), _HOW, Table(("a push of", "ends", "after", "named"), rows)))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
