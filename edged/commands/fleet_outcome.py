"""What a roll-out would do, and what came of it: for people, and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from edged.commands.fleet_table import batches_text, devices_text, names_text, plain
from edged.config.tree import leaves
from edged.fleet.census import Census
from edged.fleet.forecast import Forecast
from edged.fleet.rollout import Phase, Rollout

ASKED: Final = "asked for"
"""Why a roll-out was taken back that nothing was wrong with."""


def forecasts_text(forecasts: Sequence[Forecast], rollout: Rollout) -> str:
    """What would change; devices of which the same is to be said together."""
    found: dict[str, list[str]] = {}
    for forecast in forecasts:
        found.setdefault("\n".join(_forecast_lines(forecast)), []).append(forecast.device)
    lines = []
    for text, devices in found.items():
        many = f" ({len(devices)})" if len(devices) > 1 else ""
        lines += [f"{names_text(devices)}{many}", text]
    wrong = sum(bool(forecast.problems) for forecast in forecasts)
    if wrong:
        lines.append(f"{wrong} of {len(forecasts)} would not take it.")
    else:
        lines.append(f"{devices_text(len(forecasts))}, in batches of {batches_text(rollout)}. Nothing was sent.")
    return "\n".join(lines)


def _forecast_lines(forecast: Forecast) -> Iterator[str]:
    if forecast.is_guess:
        yield "  It has never reported: only the schema was asked."
    for change in forecast.changes:
        cost = "" if change.cost is None else f"  [{change.cost}]"
        but = f", but {change.overruled_by} says otherwise there" if change.overruled_by else ""
        after = "given back" if change.after is None else _short(change.after)
        yield f"  {plain(change.path, 80)}: {_short(change.before)} → {after}{cost}{but}"
    for problem in forecast.problems:
        yield f"  ✗ {plain(str(problem), 300)}"
    if not forecast.changes and not forecast.problems:
        yield "  nothing would change"


def forecasts_document(forecasts: Sequence[Forecast], rollout: Rollout) -> dict[str, Any]:
    """The same for programs."""
    return {
        "batches": [[target.address for target in batch] for batch in rollout.batches],
        "later": [target.address for target in rollout.later],
        "devices": [
            {
                "device": item.device,
                "guess": item.is_guess,
                "cost": item.costliest,
                "changes": [
                    {
                        "path": change.path,
                        "before": change.before,
                        "after": change.after,
                        "cost": change.cost,
                        "overruled_by": change.overruled_by,
                    }
                    for change in item.changes
                ],
                "problems": [
                    {"path": one.path, "message": one.message, "got": one.got, "allowed": one.allowed}
                    for one in item.problems
                ],
            }
            for item in forecasts
        ],
    }


def overruled_of(rollout: Rollout, census: Census) -> list[tuple[str, tuple[str, ...]]]:
    """Where something nearer says otherwise, by device."""
    paths = {path for path, _ in leaves(rollout.change)}
    found = []
    for device in rollout.devices:
        reported = census.sight(device).reported
        theirs = () if reported is None else tuple(sorted(paths & set(reported.overruled)))
        if theirs:
            found.append((device, theirs))
    return found


def outcome_words(rollout: Rollout) -> str:
    """In short."""
    return str(rollout.phase).replace("_", " ") + (f", {len(rollout.open)} not confirmed" if rollout.open else "")


def outcome_document(rollout: Rollout, overruled: Sequence[tuple[str, tuple[str, ...]]]) -> Mapping[str, Any]:
    """For programs."""
    return {
        "id": rollout.id,
        "outcome": rollout.phase,
        "devices": len(rollout.devices),
        "batches": [sum(len(target.devices) for target in batch) for batch in rollout.batches],
        "told": len(rollout.told),
        "taken_back": len(rollout.undone),
        "later": [target.address for target in rollout.later],
        "why": list(rollout.why),
        "open": dict(rollout.open),
        "overruled": {device: list(paths) for device, paths in overruled},
    }


def outcome_text(rollout: Rollout, overruled: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """For people."""
    if rollout.phase is Phase.APPLIED:
        lines = [f"Applied on {devices_text(len(rollout.devices))}. Take it back: edged fleet rollback {rollout.id}"]
        if rollout.later:
            lines.append(f"Follow when they come: {names_text([target.address for target in rollout.later])}.")
        if overruled:
            lines.append("It does not hold where something nearer to the device says otherwise:")
            lines += [f"  {name}: {plain(', '.join(paths), 200)}" for name, paths in overruled]
        return "\n".join(lines)
    told, all_of_them = len(rollout.undone), len(list(rollout.targets))
    if rollout.why == (ASKED,):
        lines = [f"Taken back; {told} of {all_of_them} had been told it."]
    else:
        lines = ["Rolled back, because:", *(f"  {plain(why, 300)}" for why in rollout.why)]
        lines.append(f"{told} of {all_of_them} had been told it, and are told otherwise.")
    if rollout.open:
        lines += [
            "These have not confirmed it:",
            *(f"  {name}: {plain(why, 200)}" for name, why in rollout.open.items()),
        ]
    return "\n".join(lines)


def _short(value: Any) -> str:
    return plain("not set" if value is None else json.dumps(value, ensure_ascii=False), 60)
