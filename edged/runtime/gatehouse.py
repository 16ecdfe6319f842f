"""What keeps the doors: the line to their relays, and the doorman."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edged.audit.noting import Noting
from edged.config.document import Document
from edged.config.layers import Loaded
from edged.gallery.departures import Departures
from edged.gallery.snapshot import Snapshot
from edged.runtime.clock import Clock
from edged.runtime.code_reader import CodeReader
from edged.runtime.conditions import Conditions
from edged.runtime.door_line import DoorLine
from edged.runtime.doorman import Doorman
from edged.runtime.eye import Eye
from edged.runtime.judge import Judge
from edged.runtime.keeper import Keeper
from edged.runtime.machine import boot_id
from edged.runtime.stages import Stages
from edged.runtime.state_dir import StateDir, new_id
from edged.vision.sight import Sight


@dataclass(frozen=True, slots=True)
class Gatehouse:
    """Both, each with a thread of its own."""

    line: DoorLine
    doorman: Doorman


def make_gatehouse(
    document: Document,
    state: StateDir,
    sight: Sight,
    *,
    gallery: Callable[[], Snapshot],
    judge: Callable[[], Judge],
    keeper: Keeper,
    audit: Noting,
    loaded: Callable[[], Loaded],
    eyes: Callable[[], Mapping[str, Eye]],
    changed: Callable[[], None],
    stages: Stages,
    clock: Clock,
    conditions: Conditions,
) -> Gatehouse:
    """Makes the keepers of all doors, also where there is none yet: one may be pushed.

    Args:
        judge, loaded, eyes: asked once everything runs.
        changed: called when a door's state has changed.
    """
    doorman: Doorman

    def closely(cameras: frozenset[str]) -> None:
        judge().closely = cameras

    def sees(camera: str) -> bool:
        eye = eyes().get(camera)
        newest = None if eye is None else eye.newest
        # One that hangs keeps its last picture until it is given up.
        return eye is not None and newest is not None and clock.now().mono - newest.at.mono <= eye.settings.stall_s

    line = DoorLine(document, lambda signal: doorman.heard(signal), clock)  # noqa: PLW0108  not there yet
    doorman = Doorman(
        loaded,
        line,
        open_credentials=lambda: state.open_credentials(document),
        departed=Departures(state.root).everybody,
        codes=CodeReader(),
        boot=boot_id(),
        curve=sight.curve,
        person=lambda person_id: gallery().person(person_id),
        sees=sees,
        tell=keeper.keep,
        audit=audit,
        took=lambda camera, seconds: stages.add("open", camera, seconds),
        closely=closely,
        changed=changed,
        new_id=new_id,
        clock=clock,
        conditions=conditions,
    )
    return Gatehouse(line, doorman)
