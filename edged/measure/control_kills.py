"""SIGKILL while a pushed change is taken over: does the device come up, and with a document that somebody wanted?"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any, Final

from edged.config.kept import read_pushed
from edged.config.tree import Tree, merge_patch
from edged.domain.errors import EdgedError
from edged.domain.progress import Progress
from edged.measure.control_site import ControlSite

_LONGEST_S: Final = 4.0
"""A change that wants a new start takes about so long."""
_STILL_S: Final = 0.7


@dataclass(frozen=True, slots=True)
class ControlKills:
    """What came of it.

    Attributes:
        kills: how often; applied: of these, how often the change held afterwards; reverted: how often it was gone.
        dark: starts that failed, or took longer than a minute.
        strange: documents that were neither the former nor the pushed one.
    """

    kills: int
    applied: int
    reverted: int
    dark: int
    strange: int

    @property
    def is_good(self) -> bool:
        return self.dark + self.strange == 0


def kill_while_applying(site: ControlSite, kills: int, progress: Progress, *, seed: int = 1) -> ControlKills:
    """Pushes a change, kills the device at a random moment, starts it again and looks what holds; about five seconds a
    kill. Every third change touches a camera, every third wants a new start.

    Raises:
        Unavailable: the broker is away.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    applied = reverted = dark = strange = 0
    site.start()
    for number in range(kills):
        progress(f"killing while a change is applied, {number + 1} of {kills}", number / kills)
        before = _settled(site)
        patch = _patch(number)
        site.push(patch)
        time.sleep(chance.uniform(0.0, _LONGEST_S if number % 3 else 0.4))
        site.kill()
        site.forget()
        try:
            site.start()
        except EdgedError:
            dark += 1
            site.kill()
            site.start()
        holds = _settled(site)
        if holds == merge_patch(before, patch):
            applied += 1
        elif holds == before:
            reverted += 1
        else:
            strange += 1
    return ControlKills(kills, applied, reverted, dark, strange)


def _settled(site: ControlSite) -> Tree:
    """What holds once no change is on probation, nor one comes that the broker still had for the device."""
    since, last = time.monotonic(), read_pushed(site.state)
    while last.trial is not None or time.monotonic() - since < _STILL_S:
        time.sleep(0.05)
        now = read_pushed(site.state)
        if now != last:
            since, last = time.monotonic(), now
    return last.layers.get("device", {})


def _patch(number: int) -> dict[str, Any]:
    value = number % 40
    return (
        {"decision": {"margin": 0.01 + value / 1000}},
        {"cameras": {"front": {"interval_s": 0.2 + value / 100}}},
        {"mqtt": {"keepalive_s": 10 + value}},
    )[number % 3]
