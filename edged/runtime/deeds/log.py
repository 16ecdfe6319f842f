"""`request/log_level` and `request/log_tail`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from edged.runtime.clock import Clock
from edged.runtime.deed import Call
from edged.runtime.log_levels import LogLevels as Levels
from edged.runtime.log_ring import Line, LogRing
from edged.runtime.replies import MAX_ANSWER_BYTES
from edged.wire.commands.journal import Level, LogEntry, LogLevelAsked, LogLevels, LogLine, LogTail, LogTailAsked
from edged.wire.payload import instant

_ROOM_BYTES: Final = MAX_ANSWER_BYTES - 2048
_PUBLISHING: Final = "publish"
_EVERYWHERE: Final = ""


class LogDeeds:
    """Belongs to one thread, but for `lines`.

    Args:
        document: gives the level that the document names.
    """

    def __init__(self, ring: LogRing, document: Callable[[], Level], clock: Clock) -> None:
        self._ring = ring
        self._document = document
        self._clock = clock
        self._levels = Levels()
        self._publish: tuple[Level, float] | None = None

    def settle(self) -> None:
        """Ends what is over."""
        now = self._clock.now().mono
        self._levels.lapse(now)
        if self._publish is not None and self._publish[1] <= now:
            self._say_from(None, now)

    def level(self, asked: LogLevelAsked, _call: Call) -> LogLevels:
        """Changes what was given, and tells what holds now."""
        self.settle()
        until = self._clock.now().mono + asked.for_s
        if "level" in asked.model_fields_set:
            room = asked.room or _EVERYWHERE
            if asked.level is None:
                self._levels.let_go(room)
            else:
                self._levels.hold(room, asked.level, until)
        if _PUBLISHING in asked.model_fields_set:
            self._say_from(asked.publish, until)
        return self._now()

    def tail(self, asked: LogTailAsked, _call: Call) -> LogTail:
        """The latest lines, as many as fit into a message."""
        logger = f"edged.{asked.room}" if asked.room else ""
        lines = self._ring.tail(asked.lines, level=_number(asked.level), logger=logger)
        kept = newest_within(lines, _ROOM_BYTES)
        return LogTail(lines=kept, left_out=len(lines) - len(kept))

    def _say_from(self, level: Level | None, until: float) -> None:
        self._publish = None if level is None else (level, until)
        self._ring.publish = None if level is None else _number(level)

    def _now(self) -> LogLevels:
        held = dict(self._levels.levels)
        ends = [end for end in (self._levels.first_end, self._publish and self._publish[1]) if end is not None]
        now = self._clock.now()
        return LogLevels.model_validate(
            {
                "document": self._document(),
                "everywhere": held.pop(_EVERYWHERE, None),
                "rooms": held,
                "publish": self._publish and self._publish[0],
                "until": instant(now.utc + min(ends) - now.mono) if ends else None,
            }
        )


def newest_within(lines: Sequence[Line], most_bytes: int) -> tuple[LogEntry, ...]:
    """The newest of these, the oldest first, as many as take no more than so many bytes."""
    kept: list[LogEntry] = []
    room = most_bytes
    for line in reversed(lines):
        entry = LogEntry(at=instant(line.at), level=_word(line.level), logger=line.logger, message=line.message)
        room -= len(entry.model_dump_json().encode()) + 1
        if room < 0:
            break
        kept.append(entry)
    return tuple(reversed(kept))


def to_be_said(ring: LogRing, most: int) -> list[LogLine]:
    """Of the lines that wait to be published so many, as they are published. Any thread."""
    lines, dropped = ring.take(most)
    said = [
        LogLine(at=instant(line.at), level=_word(line.level), logger=line.logger, message=line.message)
        for line in lines
    ]
    return [said[0].model_copy(update={"dropped": dropped}), *said[1:]] if said else []


def _number(level: Level) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def _word(level: int) -> str:
    return logging.getLevelName(level).lower()
