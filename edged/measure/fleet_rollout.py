"""What becomes of roll-outs to many devices: a good change, a bad one, and one whose administrator is cut off."""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.domain.errors import Unavailable
from edged.domain.progress import Progress, quiet
from edged.measure.fleet_device import BROKEN_MARGIN
from edged.measure.fleet_site import GROUP, FleetSite, fleet_site
from edged.measure.report import Goal, Report, Table, goals_table

_BATCHES: Final = "1,10%,50%,100%"
_PACE: Final = ("--hold", "2s", "--patience", "60s")
_SHORTEST_LIFE_S: Final = 1.5
_LONGEST_LIFE_S: Final = 8.0
"""Starting takes about a second, a roll-out of two batches some five to ten."""
_DEATHS: Final = 2
"""So often one roll-out is cut off at most."""
_HOW: Final = """\
Simulated devices in one process, each with its own session and its own thread of the MQTT library, its own state \
directory, and the daemon's real steward that tries, keeps and takes back what it is told; it has no cameras and \
no people. One Mosquitto on loopback. The changes are rolled out by `edged fleet push` as a process of its own, in \
batches of 1, 10 %, 50 % and all, each watched for two seconds. A bad change sets what makes a device's judge stop: \
it is valid, and the device goes back by itself after its probation of three seconds. A rejected one sets what the \
file of the first device pins. The administrator's process is killed (SIGKILL) at random moments, of the roll-out or \
of `--resume`, with a good change and a bad one in turns."""


@dataclass(frozen=True, slots=True)
class GoodRollout:
    """Attributes: seconds: of the whole command; batches: their sizes; reported: devices that report the change."""

    seconds: float
    batches: tuple[int, ...]
    reported: int


@dataclass(frozen=True, slots=True)
class BadRollout:
    """Attributes: seconds: until all was taken back; told: devices that ever had it; left: that have it in the end, or
    have not confirmed that they are back; why: it was stopped.
    """

    seconds: float
    told: int
    left: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KilledRollouts:
    """Attributes: kills: of the tool; rollouts: that were begun; applied: that all devices had in the end; taken_back:
    after which all devices were as before.
    """

    kills: int
    rollouts: int
    applied: int
    taken_back: int

    @property
    def half(self) -> int:
        """How many ended otherwise."""
        return self.rollouts - self.applied - self.taken_back


@dataclass(frozen=True, slots=True)
class FleetTrial:
    """What was measured, see there."""

    devices: int
    good: GoodRollout
    group: GoodRollout
    reverted: BadRollout
    rejected: BadRollout
    killed: KilledRollouts

    @property
    def is_good(self) -> bool:
        """Whether everything ended as it should."""
        return (
            self.good.reported == self.group.reported == self.devices
            and self.reverted.told == self.rejected.told == 1
            and self.reverted.left == self.rejected.left == self.killed.half == 0
        )


def measure_rollouts(devices: int, kills: int, progress: Progress = quiet, *, seed: int = 1) -> FleetTrial:
    """All of it.

    Args:
        devices: how many; kills: of the tool, in the middle.

    Raises:
        Unsupported: Mosquitto is not installed.
        Unavailable: something does not start, or a command fails that should not.
    """
    with tempfile.TemporaryDirectory(prefix="edged-fleet-") as name:
        progress(f"{devices} devices start", 0.0)
        with fleet_site(Path(name), devices, pinned=1) as site:
            progress("a good change", 0.1)
            good = _good(site, "decision.margin", 0.05, "--all", "--batches", _BATCHES)
            progress("a good change for a group", 0.25)
            group = _good(site, "decision.frames", 5, "--group", GROUP)
            progress("a change that devices take back", 0.35)
            reverted = _bad(site, "decision.margin", BROKEN_MARGIN)
            progress("a change that a device rejects", 0.45)
            rejected = _bad(site, "quality.max_yaw", 0.7, "--unchecked")
            killed = _kill(site, kills, seed, lambda share: progress("killing the tool", 0.5 + share / 2))
    return FleetTrial(devices, good, group, reverted, rejected, killed)


def fleet_report(found: FleetTrial) -> Report:
    """The section of the page."""
    good, killed = found.good, found.killed
    goals = (
        Goal(
            f"roll-out of one change to {found.devices} devices",
            "all reported",
            f"{good.reported} in {good.seconds:.0f} s, in batches of {', '.join(map(str, good.batches))}",
            reached=good.reported == found.devices,
        ),
        Goal(
            "… through a group's topic, at once",
            "all reported",
            f"{found.group.reported} in {found.group.seconds:.0f} s",
            reached=found.group.reported == found.devices,
        ),
        _stopped("a change that devices take back by themselves", found.reverted),
        _stopped("a change that a device rejects", found.rejected),
        Goal(
            f"the tool killed {killed.kills} times in the middle, then `--resume`",
            "all have it, or nobody",
            f"{killed.rollouts} roll-outs: {killed.applied} applied on all, {killed.taken_back} taken back from all,"
            f" {killed.half} left half",
            reached=killed.half == 0 and killed.applied + killed.taken_back == killed.rollouts,
        ),
    )
    rows = (
        ("why the first bad one stopped", "; ".join(found.reverted.why)),
        ("why the second did", "; ".join(found.rejected.why)),
        ("seconds a batch, the two of watching among them", f"{good.seconds / len(good.batches):.1f}"),
    )
    return Report("Fleet", (goals_table(goals), _HOW, Table(("what", "measured"), rows)))


def _stopped(what: str, found: BadRollout) -> Goal:
    return Goal(
        what,
        "stops at the first batch, rolled back",
        f"{found.told} told it, {found.left} left with it, after {found.seconds:.0f} s",
        reached=found.told == 1 and found.left == 0,
    )


def _good(site: FleetSite, path: str, value: float, *whom: str) -> GoodRollout:
    began = time.monotonic()
    code, said = site.run("push", "--set", f"{path}={value}", *whom, *_PACE)
    seconds = time.monotonic() - began
    if code:
        raise Unavailable(f"a good change was not applied: {said}")
    reported = list(site.values(path).values()).count(value)
    return GoodRollout(seconds, tuple(said["batches"]), reported)


def _bad(site: FleetSite, path: str, value: float, *more: str) -> BadRollout:
    began = time.monotonic()
    code, said = site.run("push", "--set", f"{path}={value}", "--all", *_PACE, *more)
    seconds = time.monotonic() - began
    if code != 1 or "told" not in said:
        raise Unavailable(f"a bad change did not end in a roll-back: {said}")
    left = max(list(site.values(path).values()).count(value), len(said["open"]))
    return BadRollout(seconds, int(said["told"]), left, tuple(said["why"]))


def _kill(site: FleetSite, kills: int, seed: int, progress: Callable[[float], None]) -> KilledRollouts:
    """Every other change is a bad one, so that taking back is cut off, too."""
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    done = rollouts = applied = taken_back = 0
    while done < kills:
        margin = BROKEN_MARGIN if rollouts % 2 else round(0.1 + rollouts / 1000, 3)
        before, known = site.values("decision.margin"), len(site.rollouts())
        words: tuple[str, ...] = (
            "push",
            "--set",
            f"decision.margin={margin}",
            "--all",
            "--batches",
            "50%,100%",
            *_PACE,
        )
        killed = 0
        while killed < _DEATHS and _killed(site, words, chance) and len(site.rollouts()) > known:
            killed += 1
            words = ("push", "--resume", site.rollouts()[0])
        if not killed:
            continue  # it had not begun yet, or was over already
        if killed == _DEATHS:
            site.run(*words)
        after = site.values("decision.margin")
        done += killed
        rollouts += 1
        applied += set(after.values()) == {margin}
        taken_back += after == before
        progress(done / kills)
    return KilledRollouts(done, rollouts, applied, taken_back)


def _killed(site: FleetSite, words: tuple[str, ...], chance: random.Random) -> bool:
    """Runs the tool, and kills it at a random moment; False where it had ended by then."""
    with site.tool(*words) as process:
        try:
            process.communicate(timeout=chance.uniform(_SHORTEST_LIFE_S, _LONGEST_LIFE_S))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True
    return False
