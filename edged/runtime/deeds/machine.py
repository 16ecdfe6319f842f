"""`request/sync`, `open_door`, `restart` and `reboot`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edged.control.doors import Doors
from edged.domain.errors import Refused, Unavailable
from edged.runtime.conditions import Conditions
from edged.runtime.deed import Call
from edged.runtime.syncer import Syncer
from edged.wire.commands.asked import Nothing
from edged.wire.commands.machine import DoorOpened, OpenDoorAsked, SyncAsked, Synced
from edged.wire.device import CentralPart
from edged.wire.payload import Part

_LOOK_S: Final = 0.1


class SyncDeed:
    """Args:
    syncer: follows the centre; None: there is no centre.
    conditions: where it says what is wrong.
    """

    def __init__(self, syncer: Syncer | None, conditions: Conditions) -> None:
        self._syncer = syncer
        self._conditions = conditions

    def __call__(self, asked: SyncAsked, call: Call) -> Synced:
        if self._syncer is None:
            raise Refused("no_centre", "this device follows no centre", "See central.kind in the configuration")
        now = call.clock.now().mono
        self._syncer.wake(0.0)
        while not self._has_followed(now) and call.clock.now().mono - now < asked.wait_s:
            call.wait(_LOOK_S)
        followed = self._has_followed(now)
        trouble = next((item for item in self._conditions.current() if item.name == "central"), None)
        if not followed and trouble is not None:
            raise Unavailable(trouble.what, trouble.remedy)
        state = self._syncer.state
        stale = None if state.followed is None else round(max(0.0, call.clock.now().mono - state.followed), 1)
        return Synced(
            followed=followed,
            central=CentralPart(
                revision=state.revision,
                stale_s=stale,
                shared=state.shared,
                queued=state.queued,
                held=state.held,
                roster=state.roster,
            ),
        )

    def _has_followed(self, since: float) -> bool:
        followed = self._syncer.state.followed if self._syncer else None
        return followed is not None and followed >= since


class DoorDeed:
    """Args:
    doors: None: the device has none.
    """

    def __init__(self, doors: Doors | None) -> None:
        self._doors = doors

    def __call__(self, asked: OpenDoorAsked, call: Call) -> DoorOpened:
        if self._doors is None:
            raise Refused("no_door", "this device has no door", "")
        opening = self._doors.open(asked.door, by=call.by)
        return DoorOpened(door=opening.door, open_s=opening.open_s)


class LeaveDeed:
    """Has edged or the machine start again.

    Args:
        leave: does it; raises EdgedError where it cannot be done.
    """

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave

    def __call__(self, _asked: Nothing, _call: Call) -> Part:
        self._leave()
        return Part()
