"""What belongs to which command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edged.config.control import Command
from edged.wire.commands import booth, journal, looking, machine, people
from edged.wire.commands.asked import Asked, Nothing
from edged.wire.payload import Part


@dataclass(frozen=True, slots=True)
class Shape:
    """The `data` of a command.

    Attributes:
        asked: of the request; answered: of a response whose status is `ok`.
    """

    asked: type[Asked]
    answered: type[Part]


SHAPES: Final[Mapping[Command, Shape]] = {
    "snapshot": Shape(looking.SnapshotAsked, looking.Snapshot),
    "identify": Shape(looking.IdentifyAsked, looking.Identified),
    "enroll": Shape(looking.EnrollAsked, looking.Enrolled),
    "people_list": Shape(people.PeopleListAsked, people.PeopleListed),
    "people_get": Shape(people.PersonAsked, people.PersonShown),
    "people_delete": Shape(people.PersonAsked, people.PersonDeleted),
    "sync": Shape(machine.SyncAsked, machine.Synced),
    "open_door": Shape(machine.OpenDoorAsked, machine.DoorOpened),
    "photo": Shape(Nothing, booth.PhotoTaken),
    "log_level": Shape(journal.LogLevelAsked, journal.LogLevels),
    "log_tail": Shape(journal.LogTailAsked, journal.LogTail),
    "diagnostics": Shape(machine.DiagnosticsAsked, machine.Diagnostics),
    "models_list": Shape(Nothing, machine.ModelsListed),
    "models_switch": Shape(machine.ModelsSwitchAsked, machine.ModelsSwitched),
    "restart": Shape(Nothing, machine.Restarted),
    "reboot": Shape(Nothing, machine.Restarted),
}
