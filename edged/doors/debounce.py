"""Contacts bounce: what lasts too short is not believed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Debounce:
    """A level that counts once it has stood for a while.

    Attributes:
        level: what is believed.
        seconds: a change must last so long.
    """

    level: bool
    seconds: float
    _since: float | None = None

    def see(self, level: bool, now: float) -> bool:
        """What the pin shows now; true where that makes a change believed.

        One that bounces is looked at again at `due`, and must show the same then.
        """
        if level == self.level:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if now - self._since < self.seconds:
            return False
        self.level = level
        self._since = None
        return True

    @property
    def due(self) -> float | None:
        """When to look again; None: only when the pin changes."""
        return None if self._since is None else self._since + self.seconds
