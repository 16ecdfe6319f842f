"""Who may change this device over the network, and what they may ask of it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import StringConstraints

from edged.config.field import AbsolutePath, Section, live, restart

GroupName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]

Command: TypeAlias = Literal[
    "snapshot",
    "identify",
    "enroll",
    "people_list",
    "people_get",
    "people_delete",
    "sync",
    "open_door",
    "photo",
    "log_level",
    "log_tail",
    "diagnostics",
    "models_list",
    "models_switch",
    "restart",
    "reboot",
]
"""What can be asked of a device by `request/<command>`."""

COMMANDS: tuple[Command, ...] = get_args(Command)

_HARMLESS: tuple[Command, ...] = ("sync", "log_level", "log_tail", "diagnostics", "models_list", "restart")
"""They show nobody's face and open nothing."""


class ControlSettings(Section):
    """Orders over MQTT: a new configuration, or requests."""

    groups: tuple[GroupName, ...] = live((), max_length=16, strict=False)
    """Groups of devices that this one belongs to, each with topics of its own; where two set the same, the later one of
    this list holds."""
    configure: bool = live(True, file_only=True)
    """Follow what is pushed as configuration."""
    allow: tuple[Command, ...] = live(_HARMLESS, max_length=len(COMMANDS), strict=False, file_only=True)
    """Requests that are followed. Those that show faces or take photographs, change people, open a door or stop the
    machine are followed only where they are named here."""
    keys: AbsolutePath | None = restart(None, file_only=True)
    """A folder with the public keys (Ed25519, PEM, one a file) of those whose orders are followed; unsigned ones are
    refused then. Without it the broker's access list decides who may order anything."""
    probation_s: float = live(20.0, ge=3, le=40)
    """So long the parts that a pushed change touches have to prove themselves; else the former configuration comes
    back."""
