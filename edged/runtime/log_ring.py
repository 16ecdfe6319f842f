"""The latest lines of the log, in memory: for whoever asks from afar, and for the topic `log`."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_MOST: Final = 1000
_MOST_WAITING: Final = 200
"""Lines that wait to be published; beyond that the oldest are dropped, and counted."""
_LONGEST: Final = 1000
_LONGEST_TRACE: Final = 4000
"""Characters of a message, and of a traceback below it: together the ring holds 5 MB at the very most."""
_OF_THE_SESSION: Final = ("edged.mqtt", "edged.runtime.talker", "edged.runtime.clerk")
"""What these say of publishing would be published, and they would say so again: only warnings of theirs are."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log.

    Attributes:
        at: UTC seconds since the epoch.
        level: as `logging` counts.
        logger: its name; message: with the traceback, where there is one.
    """

    at: float
    level: int
    logger: str
    message: str


class LogRing(logging.Handler):
    """Keeps what is logged. Any thread.

    Args:
        without_secrets: takes what is secret out of a text; called when lines are given out.
    """

    def __init__(self, without_secrets: Callable[[str], str]) -> None:
        super().__init__()
        self._without_secrets = without_secrets
        self._lines: deque[Line] = deque(maxlen=_MOST)
        self._waiting: deque[Line] = deque()
        self._guard = threading.Lock()
        self._dropped = 0
        self.publish: int | None = None
        """From this level on lines wait to be published; None: none do. Any thread may set it."""

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`. Blocks for nobody, and logs nothing itself."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            self.handleError(record)
            return
        message = message[:_LONGEST]
        if record.exc_info:
            trace = logging.Formatter().formatException(record.exc_info)
            message = f"{message}\n{trace[-_LONGEST_TRACE:]}"
        # The name of a file may hold bytes that are no text: a payload cannot, and whoever makes it would end.
        message = message.encode(errors="backslashreplace").decode()
        line = Line(record.created, record.levelno, record.name, message)
        with self._guard:
            self._lines.append(line)
            if self._is_to_be_published(line):
                if len(self._waiting) >= _MOST_WAITING:
                    self._waiting.popleft()
                    self._dropped += 1
                self._waiting.append(line)

    def tail(self, most: int, *, level: int = logging.DEBUG, logger: str = "") -> list[Line]:
        """The latest lines, the oldest first.

        Args:
            most: so many at most.
            level: only from this one on.
            logger: only of this one and those below it; empty: of all.
        """
        with self._guard:
            lines = list(self._lines)
        found = [line for line in lines if line.level >= level and _is_below(line.logger, logger)]
        return [self._shown(line) for line in found[-most:]] if most else []

    def take(self, most: int) -> tuple[list[Line], int]:
        """The oldest of what waits to be published, each given out once; and how many before them were dropped."""
        with self._guard:
            taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
            dropped = self._dropped
            if taken:
                self._dropped = 0
        return [self._shown(line) for line in taken], dropped

    def _is_to_be_published(self, line: Line) -> bool:
        if self.publish is None or line.level < self.publish:
            return False
        return line.level >= logging.WARNING or not any(_is_below(line.logger, name) for name in _OF_THE_SESSION)

    def _shown(self, line: Line) -> Line:
        return Line(line.at, line.level, line.logger, self._without_secrets(line.message))


def _is_below(logger: str, above: str) -> bool:
    return not above or logger == above or logger.startswith(f"{above}.")
