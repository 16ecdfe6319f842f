"""What `edged doctor` says of the doors: what would not work, and who could get in who should not."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from edged.config.access import DoorSettings
from edged.config.document import Document
from edged.runtime.finding import Finding, Mark


def door_findings(document: Document, devices: Path = Path("/dev")) -> Iterator[Finding]:
    """One for each door. Nothing is opened, and no relay is asked.

    Args:
        devices: where the chips that have pins are.
    """
    for name, door in document.access.doors.items():
        broken = tuple(_broken(door, document, devices))
        weak = tuple(_weak(name, door, document))
        faults = broken + weak
        if faults:
            what, remedy = ("; ".join(parts) for parts in zip(*faults, strict=True))
            yield Finding(f"door.{name}", Mark.FAIL if broken else Mark.WARN, what, remedy)
        else:
            yield Finding(f"door.{name}", Mark.OK, f"a {door.relay.kind} relay; {_asked(door)}")


def _asked(door: DoorSettings) -> str:
    """What opens it, beside what alone does."""
    shown = " or ".join(door.second_factor)
    if not door.camera:
        return f"opened by {' or '.join(door.code_alone) or 'nobody: it has no camera, and takes no code alone'}"
    return f"opened by a face{f' and {shown}' if shown else ''}, liveness {door.liveness}"


def _broken(door: DoorSettings, document: Document, devices: Path) -> Iterator[tuple[str, str]]:
    """What is wrong, and what to do."""
    if door.relay.kind == "gpio" and not any(devices.glob("gpiochip*")):
        yield "this machine has no pins (/dev/gpiochip*)", "Use a relay of kind mqtt or http, or a board that has pins"
    elif door.relay.kind == "gpio" and find_spec("gpiozero") is None:
        yield "what drives pins is not installed", "scripts/install brings it; by hand: pip install 'edged[gpio]'"
    if door.liveness == "passive" and document.models.liveness is None:
        yield "liveness is passive, and no model does that: nobody gets in", "Set models.liveness, or another liveness"


def _weak(name: str, door: DoorSettings, document: Document) -> Iterator[tuple[str, str]]:
    if door.relay.kind == "none":
        yield "it decides and opens nothing: it has no relay", f"Set access.doors.{name}.relay when you have tried it"
    if door.camera and door.liveness == "off" and not door.second_factor:
        yield (
            "a photograph of somebody may open it: the face is enough, and nothing tells it from a picture",
            f"Ask for a second factor, or measure what liveness achieves: edged liveness test --door {name}",
        )
    beside = sorted(
        other for other, its in document.access.doors.items() if other != name and its.camera == door.camera != ""
    )
    if beside:
        yield (
            f"whoever stands before {door.camera} opens {', '.join(beside)} as well: they share the camera",
            "Give each door a camera of its own, unless they are meant to open together",
        )
