"""How things stand at the doors, kept over a restart, and the codes that people show there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from edged.access.standing import Standing
from edged.access.standing_record import decoded, encoded, fresh
from edged.credentials.credentials import Credentials, Reset
from edged.domain.errors import Corrupt, EdgedError
from edged.domain.frame import Moment
from edged.domain.passage import Factor, Pass
from edged.runtime.conditions import Conditions

_T = TypeVar("_T")


class Gatebook:
    """Holds the standing and writes it down when it has changed. Belongs to the doorman's thread; blocks for the disk.

    Where the disk refuses, doors go on by what is in memory, and a condition says so; codes fit nobody then.

    Args:
        credentials: its own.
        boot: names this start of the machine.
        now: this moment.
        departed: who was deleted, our ids; asked when something was written beside it.

    Attributes:
        standing: may be replaced; `save` writes it down.
    """

    def __init__(
        self,
        credentials: Credentials,
        boot: str,
        now: Moment,
        conditions: Conditions,
        departed: Callable[[], Collection[str]],
    ) -> None:
        self._credentials = credentials
        self._departed = departed
        self._boot = boot
        self._conditions = conditions
        self.standing = self._written = self._opened(now)
        self._forget_departed()

    def follow(self, now: Moment) -> tuple[tuple[str, str], ...]:
        """Takes over what other processes have written, and the time; the areas that were reset, and by whom."""
        self.standing = self.standing.after_time(now)
        if not self._tried(self._credentials.changed, or_else=False):
            return ()
        blocked = self._tried(self._credentials.blocked, or_else=self.standing.blocked)
        if blocked != self.standing.blocked:
            self.standing = self._written = self.standing.with_blocked(blocked)
        self._forget_departed()
        resets: tuple[Reset, ...] = self._tried(self._credentials.resets, or_else=())
        for reset in resets:
            self.standing = self.standing.reset(reset.area)
        self.save(now)
        if resets:
            self._tried(lambda: self._credentials.reset_done(resets[-1].number), or_else=None)
        return tuple((reset.area, reset.by) for reset in resets)

    def save(self, now: Moment) -> None:
        """Writes down what has changed."""
        if self.standing is self._written:
            return
        text, standing = encoded(self.standing, boot=self._boot, now=now), self.standing
        if self._tried(lambda: self._kept(text), or_else=False):
            self._written = standing

    def fits(self, person_id: str, factor: Factor, code: str) -> bool:
        """See `Credentials.fits`."""
        return self._tried(lambda: self._credentials.fits(person_id, factor, code), or_else=False)

    def whose(self, factor: Factor, code: str) -> str | Pass | None:
        """See `Credentials.whose`."""
        return self._tried(lambda: self._credentials.whose(factor, code), or_else=None)

    def use(self, ticket: Pass) -> bool:
        """See `Credentials.use`."""
        return self._tried(lambda: self._credentials.use(ticket.id), or_else=False)

    def close(self, now: Moment) -> None:
        """Writes down what is left."""
        self.save(now)
        self._credentials.close()

    def _opened(self, now: Moment) -> Standing:
        blocked = self._credentials.blocked()
        kept = self._credentials.kept_standing()
        if kept is None:
            return fresh(now=now, blocked=blocked)
        try:
            return decoded(kept, boot=self._boot, now=now, blocked=blocked)
        except Corrupt as damage:
            self._conditions.begin("access.standing", damage)
            return fresh(now=now, blocked=blocked)

    def _forget_departed(self) -> None:
        """Whoever was deleted is not written down again, and of passes nothing that outlives them."""
        gone: Collection[str] = self._tried(self._departed, or_else=())
        self.standing = self.standing.without(gone)
        passes = self._tried(self._credentials.passes, or_else=None)
        if passes is not None:
            self.standing = self.standing.without_passes_but({ticket.id for ticket in passes})

    def _kept(self, text: bytes) -> bool:
        self._credentials.keep_standing(text)
        return True

    def _tried(self, work: Callable[[], _T], or_else: _T) -> _T:
        try:
            done = work()
        except EdgedError as error:
            self._conditions.begin("access", error)
            return or_else
        self._conditions.end("access")
        return done
