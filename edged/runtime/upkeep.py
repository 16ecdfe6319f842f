"""What is done now and then: forgetting, backups, leftovers, a look at the keys."""

from __future__ import annotations

import logging
import math
from contextlib import closing
from typing import TYPE_CHECKING, Final

from edged.config.document import Document
from edged.domain.errors import EdgedError, Unavailable
from edged.gallery.departures import Departures
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.purge import purge
from edged.runtime.state_dir import StateDir
from edged.runtime.stop import Stop

if TYPE_CHECKING:
    from edged.control.keyring import Keyring

log = logging.getLogger(__name__)

_TIDY_S: Final = 3600.0
"""Changes of an hour are backed up together: a backup writes the whole database to a card that wears out."""
_FIRST_TIDY_S: Final = 60.0
_ROUND_S: Final = 1.0
"""A deletion is older than that when its traces are removed: the keeper has seen it and stores nothing that names them
any more. Counted from when it was noticed: the clock of a device may be set meanwhile."""
_LONG_S: Final = 20.0
_RETRY_S: Final = 5.0
"""Between two tries to forget somebody; a minute is promised."""
_STRAY_S: Final = 3600.0
"""A kept face that belongs to nobody for so long was left by an enrolment that was cut off."""


class Upkeep:
    """A thread of its own, with connections of its own: nobody waits for it.

    Args:
        state: the state directory.
        document: as it is in force at the beginning.
        clock: measures when something is due, and dates backups.
        conditions: whatever fails is named there.
    """

    def __init__(
        self,
        state: StateDir,
        document: Document,
        *,
        clock: Clock,
        conditions: Conditions,
    ) -> None:
        self.document = document
        """Replaced by the daemon when it changes."""
        self._state = state
        self._clock = clock
        self._conditions = conditions
        self._departures = Departures(state.root)
        self._tidy_due = clock.now().mono + _FIRST_TIDY_S
        self._noticed: dict[str, float] = {}
        self._keyring: Keyring | None = None
        if document.control.keys is not None:
            from edged.control.keyring import Keyring  # noqa: PLC0415  most devices have none, and it takes 2 MB

            self._keyring = Keyring(document.control.keys)

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
        if self._keyring is not None:
            self._look_at_keys(self._keyring)
        if self._is_time_to_purge(now.mono):
            for receipt in purge(self._state, self.document, now.utc):
                log.info("forgotten everywhere on this device: person %s", receipt["person"])
        if now.mono >= self._tidy_due:
            self._tidy_due = now.mono + _FIRST_TIDY_S  # where it fails it is tried again soon
            self._tidy(now.utc)
            self._tidy_due = now.mono + _TIDY_S

    def _look_at_keys(self, keyring: Keyring) -> None:
        """Names what is wrong with the keys of those who may give orders: an order that is refused does not say so."""
        problems = keyring.now().problems
        if problems:
            self._conditions.begin("control.keys", Unavailable("; ".join(problems), "edged control key list"))
        else:
            self._conditions.end("control.keys")

    def _is_time_to_purge(self, mono: float) -> bool:
        """Whether every deletion was seen a round ago, or one has waited long for others that came after it."""
        waiting = [departure.person for departure in self._departures.pending()]
        self._noticed = {person: self._noticed.get(person, mono) for person in waiting}
        ages = [mono - noticed for noticed in self._noticed.values()]
        return bool(ages) and (min(ages) >= _ROUND_S or max(ages) >= _LONG_S)

    def _tidy(self, now: float) -> None:
        """Backs people up where they have changed, and removes kept faces that are not to be kept."""
        privacy = self.document.privacy
        with closing(self._state.open_people(self.document)) as people:
            newest = next(iter(people.backups.all()), None)
            if newest is None or newest.revision != people.revision():
                people.back_up(privacy.backups)
            if privacy.keep_crops:
                people.keepsakes.forget_all_but(people.ids(), older_than=now - _STRAY_S)
            else:
                people.keepsakes.forget_all_but((), older_than=math.inf)
