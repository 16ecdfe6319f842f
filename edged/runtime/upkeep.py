"""What is done now and then about what is kept of people: forgetting, backups, leftovers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from typing import Final

from edged.config.document import Document
from edged.domain.errors import EdgedError
from edged.gallery.departures import Departures
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.purge import purge
from edged.runtime.state_dir import StateDir
from edged.runtime.stop import Stop

log = logging.getLogger(__name__)

_BACKUP_S: Final = 3600.0
"""Changes of an hour are backed up together: a backup writes the whole database to a card that wears out."""
_FIRST_BACKUP_S: Final = 60.0
_ROUND_S: Final = 1.0
"""A deletion is older than that when its traces are removed: the keeper has seen it and stores nothing that names them
any more."""
_RETRY_S: Final = 5.0
"""Between two tries to forget somebody; a minute is promised."""
_STRAY_S: Final = 3600.0
"""A kept face that belongs to nobody for so long was left by an enrolment that was cut off."""


class Upkeep:
    """A thread of its own, with connections of its own: nobody waits for it.

    Args:
        state: the state directory.
        document: as it is in force at the beginning.
        revision: the database's, as lookups see it now.
    """

    def __init__(
        self,
        state: StateDir,
        document: Document,
        *,
        revision: Callable[[], int],
        clock: Clock,
        conditions: Conditions,
    ) -> None:
        self.document = document
        """Replaced by the daemon when it changes."""
        self._state = state
        self._revision = revision
        self._clock = clock
        self._conditions = conditions
        self._departures = Departures(state.root)
        self._backup_due = clock.now().mono + _FIRST_BACKUP_S
        self._backed_up = -1

    def run(self, stop: Stop) -> None:
        """Works until `stop`; what fails becomes a condition and is tried again. Blocks."""
        wait = _ROUND_S
        while not stop.wait(wait):
            try:
                self.run_once()
            except EdgedError as error:
                self._conditions.begin("upkeep", error)
                wait = _RETRY_S
            else:
                self._conditions.end("upkeep")
                wait = _ROUND_S

    def run_once(self) -> None:
        """Does what is due.

        Raises:
            Unavailable, Corrupt: it did not work.
        """
        now = self._clock.now()
        waiting = self._departures.pending()
        if waiting and min(now.utc - departure.requested for departure in waiting) >= _ROUND_S:
            for receipt in purge(self._state, self.document, now.utc):
                log.info("forgotten everywhere on this device: person %s", receipt["person"])
        if now.mono >= self._backup_due and self._revision() != self._backed_up:
            self._backup_due = now.mono + _BACKUP_S
            self._back_up(now.utc)

    def _back_up(self, now: float) -> None:
        privacy = self.document.privacy
        with closing(self._state.open_people(self.document)) as people:
            revision = people.revision()
            newest = next(iter(people.backups.all()), None)
            if newest is None or newest.revision != revision:
                people.back_up(privacy.backups)
            self._backed_up = revision
            wanted = people.ids() if privacy.keep_crops else frozenset()
            people.keepsakes.forget_all_but(wanted, older_than=now - _STRAY_S)
