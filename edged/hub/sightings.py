"""What the watchtower has seen, on the disk, so that every process of the hub can tell of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from edged.domain.errors import Unavailable
from edged.fleet.history import History
from edged.vault.private_file import private_file
from edged.wire.fleet import FleetList, FleetPush, FleetPushes

_MOST_BYTES: Final = 64 * 1024 * 1024


class Sightings:
    """A file with how all devices stand, and one with who has told them what: an `edged.api.watch.Watch`.

    Args:
        fleet, pushes: the two files.
    """

    def __init__(self, fleet: Path, pushes: Path) -> None:
        self._fleet = fleet
        self._history = History(pushes)
        self._lock = threading.Lock()
        self._read: tuple[object, FleetList] | None = None

    def fleet(self) -> FleetList:
        """See `Watch.fleet`. Reads the file anew only when it has changed."""
        try:
            found = self._fleet.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            with self._lock:
                if self._read is not None and self._read[0] == stamp:
                    return self._read[1]
                with self._fleet.open("rb") as file:
                    self._read = (stamp, FleetList.model_validate_json(file.read(_MOST_BYTES)))
                return self._read[1]
        except FileNotFoundError:
            raise Unavailable("nothing was seen of the devices yet", "Come again in a moment") from None
        except (OSError, ValidationError) as error:
            raise Unavailable(f"{self._fleet} cannot be read", "It is written anew within a minute") from error

    def pushes(self, limit: int) -> FleetPushes:
        """See `Watch.pushes`."""
        return FleetPushes(pushes=tuple(self._newest(limit)))

    def show(self, fleet: FleetList) -> None:
        """Puts down how all devices stand now.

        Raises:
            Unavailable: the disk does not let us.
        """
        try:
            with private_file(self._fleet, durable=False) as file:
                file.write(fleet.encoded())
        except OSError as error:
            raise Unavailable(f"{self._fleet} cannot be written: {error.strerror}", "Check the disk") from error

    def add(self, push: FleetPush) -> None:
        """Puts down who has told somebody what; it is on the disk then. Raises as `show`."""
        self._history.add(push.model_dump(mode="json"))

    def _newest(self, limit: int) -> Iterator[FleetPush]:
        for entry in self._history.newest(limit):
            try:
                yield FleetPush.model_validate(entry)
            except ValidationError:  # of another version
                continue
