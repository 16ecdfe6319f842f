"""What is to be known of each command before it is followed: values, so that nobody asks for a command by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edged.config.control import Command


class End(StrEnum):
    """When a command is over."""

    NOW = "now"
    """When it was done."""
    NEXT_START = "next_start"
    """When edged has started again; the answer comes then."""
    NEXT_BOOT = "next_boot"
    """The same, after the machine has started again."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a command is to be followed.

    Attributes:
        changes: something is different afterwards. It is done once for each transaction, also across restarts, and
            asking again brings the same answer.
        limit_s: how long it may take; beyond that it gives up.
        patience_s: how long it may wait for those before it; beyond that nobody means it any more.
        end: when it is over.
    """

    changes: bool = False
    limit_s: float = 10.0
    patience_s: float = 60.0
    end: End = End.NOW


RULES: Final[Mapping[Command, Rule]] = {
    "snapshot": Rule(),
    "identify": Rule(limit_s=30.0),
    "enroll": Rule(changes=True, limit_s=50.0),
    "people_list": Rule(),
    "people_get": Rule(),
    "people_delete": Rule(changes=True, limit_s=40.0),
    "sync": Rule(limit_s=30.0),
    "open_door": Rule(changes=True, limit_s=5.0, patience_s=5.0),
    "photo": Rule(changes=True, limit_s=15.0, patience_s=5.0),
    "log_level": Rule(changes=True),
    "log_tail": Rule(),
    "diagnostics": Rule(limit_s=20.0),
    "models_list": Rule(limit_s=30.0),
    "models_switch": Rule(changes=True, limit_s=1800.0),
    "restart": Rule(changes=True, limit_s=20.0, end=End.NEXT_START),
    "reboot": Rule(changes=True, limit_s=20.0, end=End.NEXT_BOOT),
}
"""By command. A door must not open because somebody asked for it a while ago, nor a photograph be taken."""
