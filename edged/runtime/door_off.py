"""Every relay off, when nobody else holds them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import closing
from typing import Final

from edged.domain.errors import EdgedError, Unavailable
from edged.doors.plan import DoorPlan, Plan
from edged.runtime.door_relays import open_relay, take_chip, uses_gpio

_PATIENCE_S: Final = 4.0


def switch_off(plan: Plan) -> Mapping[str, EdgedError | None]:
    """Switches all relays off, at once and each on a thread of its own: one that hangs holds up no other.

    Off is locked at a door that fails secure, and unlocked at one that fails safe. Blocks for a few seconds at most.

    Returns:
        What became of each door: None where its relay is off.
    """
    trouble = _take_chip(plan)
    found: dict[str, EdgedError | None] = {
        door.name: trouble or Unavailable("its relay does not answer") for door in plan.doors
    }

    def try_it(door: DoorPlan) -> None:
        try:
            with closing(open_relay(door.relay)) as relay:
                relay.check()
                relay.off()
            found[door.name] = None
        except EdgedError as error:
            found[door.name] = error

    threads = [threading.Thread(target=try_it, args=(door,), daemon=True) for door in plan.doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE_S)
    return dict(found)


def _take_chip(plan: Plan) -> EdgedError | None:
    if not any(uses_gpio(door) for door in plan.doors):
        return None
    try:
        take_chip()
    except EdgedError as error:
        return error
    return None
