"""Whether what a change touches works: values in, what is wrong out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from edged.config.kept import Trial
from edged.domain.errors import Problem
from edged.runtime.eye import EyeState

_SERVED = {"http": "page", "api": "api"}
"""By section of the document, the condition that says that its part does not work."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the device is, at one moment.

    Attributes:
        cameras: by name, what each that is switched on does.
        connected: whether there is a session with the broker; None where none is wanted.
        rounds: when each thread that reads the document last came round, on the steady clock.
        conditions: what is wrong, by the names of the conditions.
    """

    cameras: Mapping[str, EyeState]
    connected: bool | None
    rounds: Mapping[str, float]
    conditions: Mapping[str, str]


def shortcomings(trial: Trial, vitals: Vitals, since: float) -> tuple[Problem, ...]:
    """What does not work of that which the change touches; empty when all of it does.

    Args:
        trial: the change.
        vitals: of now.
        since: when the change took effect, on the steady clock.
    """
    return (*_idle(vitals, since), *_blind(trial, vitals), *_mute(trial, vitals), *_unserved(trial, vitals))


def _idle(vitals: Vitals, since: float) -> Iterator[Problem]:
    for name, moment in vitals.rounds.items():
        if moment <= since:
            yield Problem("", f"the {name} does not come round")


def _blind(trial: Trial, vitals: Vitals) -> Iterator[Problem]:
    """Cameras that the change touches must see; after a new start those that saw before, too."""
    touched = {path.split(".")[1] for path in trial.touched if path.startswith("cameras.")}
    wanted = touched.union(trial.well) if _has_begun_anew(trial) else touched
    for name, state in vitals.cameras.items():
        if name in wanted and state not in {EyeState.ONLINE, EyeState.ENDED}:
            why = vitals.conditions.get(f"camera.{name}", "no frame has come yet")
            yield Problem(f"cameras.{name}", f"the camera gives no pictures: {why}")


def _mute(trial: Trial, vitals: Vitals) -> Iterator[Problem]:
    if vitals.connected is False and ((trial.connected and _has_begun_anew(trial)) or _touches(trial, "mqtt")):
        why = vitals.conditions.get("broker", "it does not answer")
        yield Problem("mqtt", f"there is no session with the broker: {why}")


def _unserved(trial: Trial, vitals: Vitals) -> Iterator[Problem]:
    for section, condition in _SERVED.items():
        if _touches(trial, section) and condition in vitals.conditions:
            yield Problem(section, f"it is not served: {vitals.conditions[condition]}")
    if _touches(trial, "central") and "central" in vitals.conditions:
        yield Problem("central", f"the centre cannot be followed: {vitals.conditions['central']}")


def _has_begun_anew(trial: Trial) -> bool:
    """Everything was let go then, and must work again; else only what the change touches can have failed by it."""
    return trial.stage == "booting"


def _touches(trial: Trial, section: str) -> bool:
    return section in sections(trial.touched)


def sections(paths: Collection[str]) -> frozenset[str]:
    """The sections of the document that these dotted paths lie in."""
    return frozenset(path.partition(".")[0] for path in paths)
