"""A fleet for people to read, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from edged.commands.columns import columns
from edged.fleet.rollout import Rollout
from edged.wire.availability import Availability
from edged.wire.fleet import Drift, FleetDevice, FleetList

_COLOURS: Final = {"✓": "\x1b[32m", "!": "\x1b[33m", "✗": "\x1b[31m"}
_FOLLOWS: Final = {
    Drift.IN_STEP: "in step",
    Drift.APPLYING: "trying it",
    Drift.REJECTED: "rejected",
    Drift.REVERTED: "reverted",
    Drift.AHEAD: "ahead",
    Drift.SILENT: "no answer",
}
_SHOWN: Final = 40
"""Letters of a text in a cell."""


def sign(device: FleetDevice) -> str:
    """How it stands, in one letter: well, something is to be looked at, or it does not work."""
    if device.available is not Availability.ONLINE or device.drift in {Drift.REJECTED, Drift.REVERTED}:
        return "✗"
    return "!" if device.conditions or device.drift is not Drift.IN_STEP or device.restart_required else "✓"


def fleet_table(fleet: FleetList) -> str:
    """A line for each device, and what they come to."""
    if not fleet.devices:
        return "No device has spoken at this broker under this prefix, or this user may not read there."
    has_groups = any(device.groups for device in fleet.devices)
    headings = ("", "DEVICE", *(("GROUPS",) if has_groups else ()), "IS", "EDGED", "CONFIG", "FOLLOWS", "FPS", "°C")
    rows = [(*headings, "PEOPLE", "AGE", "TROUBLE")]
    for device in fleet.devices:
        groups = (plain(",".join(device.groups), 24),) if has_groups else ()
        rows.append((sign(device), device.name, *groups, *_cells(device, fleet.at)))
    return f"{coloured(columns(rows))}\n\n{summary(fleet)}"


def summary(fleet: FleetList) -> str:
    """What the devices come to, in a line."""
    online = sum(device.available is Availability.ONLINE for device in fleet.devices)
    counts = [
        (sum(device.drift in {Drift.REJECTED, Drift.REVERTED} for device in fleet.devices), "not following the newest"),
        (sum(bool(device.pending) for device in fleet.devices), "with something to follow yet"),
        (sum(bool(device.conditions) for device in fleet.devices), "with trouble"),
    ]
    said = [f"{count} {words}" for count, words in counts if count]
    return f"{devices_text(len(fleet.devices))}, {online} online" + "".join(f", {words}" for words in said) + "."


def device_text(device: FleetDevice, at: datetime) -> str:
    """All of one device."""
    rows: list[tuple[str, str]] = [
        ("is", _is(device, at)),
        ("edged", plain(device.edged) or "–"),
        ("groups", plain(", ".join(device.groups), 200) or "none"),
        ("config", plain(device.config) + (", waits for a restart" if device.restart_required else "")),
        ("follows", follows(device)),
    ]
    rows += [(f"  {order.source}", f"version {order.followed} of {order.desired}") for order in device.orders]
    rows += [("  problem", plain(f"{item.path}: {item.message}".lstrip(": "), 200)) for item in device.problems]
    rows += [("  overruled", plain(path, 200)) for path in device.overruled]
    rows += [(f"camera {plain(name)}", f"{fps:.1f} frames a second") for name, fps in device.fps.items()]
    if device.temperature_c is not None:
        rows.append(("temperature", f"{device.temperature_c:.0f} °C"))
    if device.index is not None:
        age = "" if device.index.age_s is None else f", all of the centre's {span(device.index.age_s)} ago"
        rows.append(("people", f"{device.index.persons:,}, index {plain(device.index.digest, 12)}{age}"))
    if device.events_waiting:
        rows.append(("events", f"{device.events_waiting:,} wait to be sent"))
    for condition in device.conditions:
        rows.append(("trouble", plain(f"{condition.name}: {condition.what}", 200)))
        rows += [("", plain(f"→ {condition.remedy}", 200))] if condition.remedy else []
    return coloured(columns([(sign(device), device.name), *((f"  {name}", words) for name, words in rows)]))


def follows(device: FleetDevice) -> str:
    """How it stands to what it was told, in words."""
    if device.drift is Drift.PENDING:
        return f"{device.pending} to come"
    return _FOLLOWS[device.drift]


def devices_text(count: int) -> str:
    """`1 device`, `200 devices`."""
    return f"{count:,} {'device' if count == 1 else 'devices'}"


def names_text(names: Sequence[str]) -> str:
    """The first few of them."""
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def span(seconds: float) -> str:
    """A length of time, roughly."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def plain(text: str, most: int = _SHOWN) -> str:
    """A device's words, fit for a terminal: nothing in them moves the cursor or changes the direction of writing."""
    clean = "".join(letter if letter.isprintable() else "�" for letter in text)
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def coloured(table: str) -> str:
    """With the signs at the beginning of lines in their colours, on a terminal."""
    if not sys.stdout.isatty():
        return table
    lines = table.split("\n")
    return "\n".join(
        f"{_COLOURS[line[0]]}{line[0]}\x1b[0m{line[1:]}" if line[:1] in _COLOURS else line for line in lines
    )


def _cells(device: FleetDevice, at: datetime) -> Iterator[str]:
    yield _is(device, at)
    yield plain(device.edged, 12) or "–"
    yield plain(device.config, 12) or "–"
    yield follows(device)
    yield _fps(device)
    yield "–" if device.temperature_c is None else f"{device.temperature_c:.0f}"
    yield "–" if device.index is None else f"{device.index.persons:,}"
    yield "–" if device.index is None or device.index.age_s is None else span(device.index.age_s)
    trouble = [condition.name for condition in device.conditions]
    yield plain(", ".join([*trouble, *(["restart needed"] if device.restart_required else [])]))


def _is(device: FleetDevice, at: datetime) -> str:
    if device.available is None:
        return "never seen"
    if device.available is Availability.ONLINE:
        return str(device.state or device.available)
    heard = "" if device.heard is None else f" {span((at - device.heard).total_seconds())}"
    return f"{device.available}{heard}"


def _fps(device: FleetDevice) -> str:
    if not device.fps:
        return "–"
    slowest, fastest = min(device.fps.values()), max(device.fps.values())
    return f"{slowest:.1f}" if slowest == fastest else f"{slowest:.1f}–{fastest:.1f}"


def batches_text(rollout: Rollout) -> str:
    """`1, 9, 40`: the sizes of its batches."""
    return ", ".join(str(sum(len(target.devices) for target in batch)) for batch in rollout.batches)
