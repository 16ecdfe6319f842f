"""Log lines: plain on a terminal, with a priority where systemd's journal reads them."""

from __future__ import annotations

import logging
import os
import sys
from typing import Final

_PRIORITY: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _Journal(logging.Formatter):
    """`<4>edged.runtime.eye: …`: sd-daemon(3)'s prefix, and no time, since the journal has its own."""

    def format(self, record: logging.LogRecord) -> str:
        priority = _PRIORITY.get(record.levelno, 6)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def set_up(level: str) -> None:
    """Sends everything of `level` and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    if "JOURNAL_STREAM" in os.environ:
        handler.setFormatter(_Journal("%(name)s: %(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S"))
    root = logging.getLogger()
    root.handlers = [handler]
    set_level(level)


def set_level(level: str) -> None:
    """Changes the level while running; `level` as in the document: debug, info, warning, error."""
    logging.getLogger().setLevel(level.upper())
