"""How much each part of edged logs, changed for a while."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ROOT: Final = "edged"


@dataclass(frozen=True, slots=True)
class _Held:
    level: str
    until: float


class LogLevels:
    """Levels that hold in place of the document's, until their time is over. Belongs to one thread.

    The document's own level is that of the root logger, and stays what it is: these are set on `edged` and on the
    loggers below it, which `logging` asks first.
    """

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    @property
    def levels(self) -> Mapping[str, str]:
        """By room, what holds there; the empty name stands for all of edged."""
        return {room: held.level for room, held in self._held.items()}

    @property
    def first_end(self) -> float | None:
        """When the first of them is over, on the clock of `until`; None: there is none."""
        return min((held.until for held in self._held.values()), default=None)

    def hold(self, room: str, level: str, until: float) -> None:
        """Lets a level hold in a room.

        Args:
            room: `mqtt`, …; empty: everywhere but in rooms with a level of their own.
            level: as in the document.
            until: seconds of a clock that never jumps, the one that `lapse` is given.
        """
        self._held[room] = _Held(level, until)
        _logger(room).setLevel(level.upper())

    def let_go(self, room: str) -> None:
        """Lets the document's level hold again."""
        if self._held.pop(room, None) is not None:
            _logger(room).setLevel(logging.NOTSET)

    def lapse(self, now: float) -> None:
        """Ends what is over."""
        for room, held in tuple(self._held.items()):
            if held.until <= now:
                self.let_go(room)


def _logger(room: str) -> logging.Logger:
    return logging.getLogger(f"{_ROOT}.{room}" if room else _ROOT)
