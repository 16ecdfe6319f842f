"""All of sync that is measured, and the section of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from edged.config.document import ModelSettings
from edged.domain.progress import Progress
from edged.measure.report import Goal, Report, Table, goals_table
from edged.measure.sync_cuts import cut_connections
from edged.measure.sync_first import PHOTOS, FirstSync, QuietRound, measure_first
from edged.measure.sync_fleet import Fleet, measure_fleet
from edged.measure.sync_kills import kill_syncing
from edged.measure.sync_speed import EVERY_S, SyncSpeed, measure_speed
from edged.measure.sync_trial import SyncTrial

_SOON_S: Final = 5.0
_FIRST_S: Final = 60.0
_GROWTH_MB: Final = 100.0
_QUIET_BYTES: Final = 1000
_HOW: Final = """\
A real `edged hub run` on SQLite over HTTPS on loopback, as a process of its own, all on one machine. For the first \
rows a real daemon with a camera and Mosquitto; recognised is whoever is counted in its topic `index`, which is \
published when the gallery has them: a face at the door is told some 0.1 to 0.2 s after it is seen (see Pipeline). \
Everything else is the daemon's own follower and gallery in a process of their own, or for the fleet on a thread for \
each device, without models. Duplicates, losses and whoever is back are counted on both sides, against what had been \
done."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured.

    Attributes:
        times: enrolments and deletions; people: of the first sync; cuts, kills: of a device with `few` people.
        devices, changes: of the fleet.
    """

    times: int
    people: int
    few: int
    cuts: int
    kills: int
    devices: int
    changes: int


FULL: Final = Amount(times=12, people=10_000, few=300, cuts=200, kills=100, devices=50, changes=300)
QUICK: Final = Amount(times=1, people=300, few=50, cuts=5, kills=3, devices=3, changes=6)


@dataclass(frozen=True, slots=True)
class Sync:
    """What was measured, see there."""

    speed: SyncSpeed
    first: FirstSync
    quiet: QuietRound
    cuts: SyncTrial
    kills: SyncTrial
    fleet: Fleet


def measure_sync(models: ModelSettings, photo: Path, amount: Amount, progress: Progress) -> Sync:
    """Everything, in temporary folders; raises what the parts raise."""

    def step(begin: float, end: float) -> Progress:
        return lambda doing, share: progress(doing, begin + share * (end - begin))

    speed = measure_speed(models, photo, amount.times, step(0.0, 0.3))
    first, quiet = measure_first(models, amount.people, step(0.3, 0.5))
    cuts = cut_connections(models, amount.few, amount.cuts, step(0.5, 0.6))
    kills = kill_syncing(models, amount.few, amount.kills, step(0.6, 0.8))
    fleet = measure_fleet(models, amount.devices, amount.changes, step(0.8, 1.0))
    return Sync(speed, first, quiet, cuts, kills, fleet)


def sync_report(found: Sync) -> Report:
    """The section of the page."""
    speed, first, quiet, fleet = found.speed, found.first, found.quiet, found.fleet
    growth = first.peak_mb - first.before_mb
    goals = (
        _soon("enrolled at the hub, recognised on a device, MQTT up", speed.enrolled, _SOON_S),
        _soon(f"… by polling every {EVERY_S:.0f} s", speed.polled, EVERY_S + _SOON_S),
        _soon("deleted at the hub, not matched on a device", speed.deleted, _SOON_S),
        Goal(
            "… when it was offline",
            "before the first match after reconnecting",
            f"{speed.offline:.1f} s after the hub was back; {speed.matches_offline} matches before that,"
            f" {speed.matches_after} of {speed.seen_after} faces after it",
            reached=speed.matches_after == 0 and speed.seen_after > 0,
        ),
        Goal(
            f"first sync of {first.people:,} people with {PHOTOS} templates each",
            "≤ 60 s, progress shown",
            f"{first.seconds:.1f} s, told {first.told} times",
            reached=first.seconds <= _FIRST_S and first.told > 1,
        ),
        Goal("… growth of resident memory", "≤ 100 MB", f"{growth:.0f} MB", reached=growth <= _GROWTH_MB),
        Goal(
            "nothing changed",
            "one request, ≤ 1 kB",
            f"{quiet.requests} request, {quiet.plain} bytes both ways",
            reached=quiet.requests == 1 and quiet.plain <= _QUIET_BYTES,
        ),
        _survived(f"{found.cuts.cuts} random cuts of the connection", found.cuts),
        _survived(f"{found.kills.cuts} SIGKILLs during sync", found.kills),
        Goal(
            f"{fleet.devices} devices on one hub, {fleet.changes} changes",
            "all converge",
            f"{fleet.agreeing} have the hub's digest",
            reached=fleet.agreeing == fleet.devices,
        ),
    )
    return Report("Sync", (goals_table(goals), _HOW, _details(found)))


def _soon(what: str, seconds: Sequence[float], most_s: float) -> Goal:
    result = f"median {median(seconds):.1f} s, worst {max(seconds):.1f} s of {len(seconds)}"
    return Goal(what, f"≤ {most_s:.0f} s", result, reached=max(seconds) <= most_s)


def _survived(what: str, trial: SyncTrial) -> Goal:
    result = (
        f"{'same digest' if trial.converged else 'did not converge'}, {trial.duplicates} duplicates, {trial.lost} lost,"
        f" {trial.back} back, {trial.strange} strange, {trial.repairs} repairs, of {trial.deeds:,} deeds"
    )
    return Goal(what, "same digest, no duplicate, no loss", result, reached=trial.is_good)


def _details(found: Sync) -> Table:
    first, quiet, fleet = found.first, found.quiet, found.fleet
    rows = (
        ("first sync: people a second", f"{first.people / first.seconds:,.0f}"),
        ("… templates a second", f"{first.templates / first.seconds:,.0f}"),
        ("… requests, bytes of answers", f"{first.requests}, {first.received / 1e6:.1f} MB"),
        ("… resident memory before, at most", f"{first.before_mb:.0f} MB, {first.peak_mb:.0f} MB"),
        ("nothing changed: bytes as they travel on a connection that stands", f"{quiet.encrypted}"),
        ("… with a new connection", f"{quiet.fresh}"),
        (f"{fleet.devices} devices: the hub's processor time for the first sync of one", _ms(fleet.first_s)),
        ("… for one change at one device, asking in vain included", _ms(fleet.change_s)),
        ("… requests of one device and change", f"{fleet.requests / fleet.changes:.2f}"),
        ("… bytes of one device and change, both ways", f"{fleet.bytes / fleet.changes:,.0f}"),
        ("… seconds that the changes took", f"{fleet.seconds:.0f}"),
        ("… memory of the hub at most", f"{fleet.peak_mb:.0f} MB"),
    )
    return Table(("what", "measured"), rows)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
