"""What a change would do to a device, out of what it reported: asked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from edged.config.field import Cost
from edged.config.problems import checked
from edged.config.tree import flaws, leaves, merge_patch
from edged.domain.errors import ConfigInvalid, Problem
from edged.fleet.census import Sight, group_of
from edged.fleet.masking import masked
from edged.fleet.place import cost_of, is_file_only, place_of

_FILE: Final = "file"


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that would be another one.

    Attributes:
        path: dotted.
        before, after: as JSON data, secrets masked; None before: it is not set, or was never reported; None after: it
            is taken back.
        cost: what has to be taken up again on the device; None: that cannot be said.
        overruled_by: who says otherwise there, so that it would not hold; empty: nobody.
    """

    path: str
    before: Any
    after: Any
    cost: Cost | None
    overruled_by: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would become of one device.

    Attributes:
        device: its name.
        changes: values that differ from what is in force there.
        problems: why it would not follow; empty: it would, as far as can be said from here.
        is_guess: it has never reported, so that only the schema could be asked.
    """

    device: str
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    is_guess: bool

    @property
    def costliest(self) -> Cost | None:
        costs = [change.cost for change in self.changes if change.cost is not None and not change.overruled_by]
        return max(costs, key=list(Cost).index, default=None)


def forecast(sight: Sight, address: str, change: Mapping[str, Any]) -> Forecast:
    """What the change would do to a device, if it is pushed to this address: the device's own, or a group's.

    The schema is that of the edged which asks; a device that runs another one may see it otherwise.
    """
    reported = sight.reported
    effective = merge_patch({}, sight.standing.patch) if reported is None else reported.effective
    provenance = {} if reported is None else reported.provenance
    problems = [*flaws(change)] or [
        *_misplaced(change, address, effective, provenance),
        *_invalid(effective, change),
    ]
    return Forecast(
        sight.name, tuple(_changes(change, address, effective, provenance)), tuple(problems), is_guess=reported is None
    )


def _misplaced(
    change: Mapping[str, Any], address: str, effective: Mapping[str, Any], provenance: Mapping[str, str]
) -> Iterator[Problem]:
    """What is valid, and may not be said here."""
    for path, value in leaves(change):
        if value is None:
            continue
        if is_file_only(place_of(path.split("."))):
            yield Problem(path, "can be set in the device's own file only")
        elif provenance.get(path) == _FILE and value != _at(effective, path):
            yield Problem(path, "is set by the device's own file and cannot be pushed over")
        elif path == "control.groups" and group_of(address) is not None:
            yield Problem(path, "cannot be set for a group: it could not be left again")


def _invalid(effective: Mapping[str, Any], change: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the change, and not only with what was reported: its secrets are not there."""
    known = set(_problems(effective))
    yield from (problem for problem in _problems(merge_patch(effective, change)) if problem not in known)


def _problems(tree: Mapping[str, Any]) -> tuple[Problem, ...]:
    try:
        checked(tree, "the change")
    except ConfigInvalid as error:
        return error.problems
    return ()


def _changes(
    change: Mapping[str, Any], address: str, effective: Mapping[str, Any], provenance: Mapping[str, str]
) -> Iterator[Change]:
    for path, value in leaves(masked(change)):
        place = place_of(path.split("."))
        before = _at(effective, path)
        if isinstance(before, Mapping):
            before = "a section"
        if value != before:
            yield Change(path, before, value, cost_of(place), _overruled_by(address, value, provenance.get(path, "")))


def _overruled_by(address: str, value: Any, origin: str) -> str:
    """Who is nearer to the device: its file than everybody, where nothing is asked of it; its own topic than groups."""
    if origin == _FILE and value is None:
        return origin
    if group_of(address) is None:
        return ""
    return origin if origin in {"pushed", "page"} else ""


def _at(tree: Mapping[str, Any], path: str) -> Any:
    value: Any = tree
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
