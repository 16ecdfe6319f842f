"""What somebody who asks is told when something behind us fails: not what, nor where; the log is told that."""

from __future__ import annotations

import logging
import time
from typing import Final

from edged.domain.errors import Busy, EdgedError

AWAY: Final = "The storage does not answer. Come again in a moment"
_log = logging.getLogger(__name__)
_AGAIN_S: Final = 60.0
_said: dict[str, float] = {}
"""What was said last, and when: everybody who asks meets the same failure."""


def words(error: EdgedError) -> str:
    """What is told of an `Unavailable`: its own words where they are for everybody. The others go into the log."""
    if isinstance(error, Busy):
        return str(error)
    keep(error)
    return AWAY


def keep(error: EdgedError) -> None:
    """Puts an error into the log that nobody else will tell; the same one again once a minute only. Any thread."""
    text, now = str(error), time.monotonic()
    if now - _said.get(text, -_AGAIN_S) >= _AGAIN_S:
        _said.clear()
        _said[text] = now
        _log.error("cannot answer: %s", text)
