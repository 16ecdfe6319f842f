"""Log lines: calm on a terminal; `key=value` with a priority where systemd's journal reads them.

Whoever has something to say for programs, too, says it beside the sentence for people::

    log.info("front: known after 41 ms", extra={"keys": {"camera": "front", "outcome": "known", "ms": 41}})

A terminal shows the sentence only. Names of people, keys and pictures of them belong in neither: a journal forgets
nobody who asks for it.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import IO, Final

from edged.runtime.logfmt import escaped, pairs
from edged.runtime.redaction import redacted

_PRIORITY: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_OWN: Final = "edged."
_MOST_LINES: Final = 200


class JournalForm(logging.Formatter):
    """`<4>msg="camera.door: no frame for 5 s" room=runtime.conditions condition=camera.door`: sd-daemon(3)'s prefix,
    and no time, since the journal has its own. Further lines of a message follow as `more="…"`, those of a traceback
    as `trace="…"`, so that no line can pass for another message.
    """

    def format(self, record: logging.LogRecord) -> str:
        priority = f"<{_PRIORITY.get(record.levelno, 6)}>"
        # Redacted as a whole: a key may have several lines.
        first, *rest = redacted(record.getMessage()).split("\n")
        lines = [pairs("msg", first, {"room": record.name.removeprefix(_OWN), **_keys(record)})]
        lines += [pairs("more", line, {}) for line in rest[:_MOST_LINES]]
        lines += [pairs("trace", line, {}) for line in _trace(self, record)]
        return "\n".join(priority + line for line in lines)


class TerminalForm(logging.Formatter):
    """`12:00:01 WARNING edged.runtime.conditions: camera.door: no frame for 5 s`; further lines are indented, so that
    no message can pass for another one.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        text = escaped(redacted(super().format(record)), keep="\n")
        return text.replace("\n", "\n    ")


def set_up(level: str) -> None:
    """Sends everything of `level` and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JournalForm() if is_journal(sys.stderr) else TerminalForm())
    root = logging.getLogger()
    root.handlers = [handler]
    set_level(level)


def set_level(level: str) -> None:
    """Changes the level while running; `level` as in the document: debug, info, warning, error."""
    logging.getLogger().setLevel(level.upper())


def is_journal(stream: IO[str]) -> bool:
    """Whether systemd's journal reads what is written there (systemd.exec(5), JOURNAL_STREAM): not where the variable
    is inherited only, and the stream leads elsewhere.
    """
    told = os.environ.get("JOURNAL_STREAM", "")
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # no file at all
        return False
    return told == f"{status.st_dev}:{status.st_ino}"


def _keys(record: logging.LogRecord) -> Mapping[str, object]:
    keys = getattr(record, "keys", None)
    return keys if isinstance(keys, Mapping) else {}


def _trace(form: logging.Formatter, record: logging.LogRecord) -> list[str]:
    if not record.exc_info:
        return []
    return redacted(form.formatException(record.exc_info)).split("\n")
