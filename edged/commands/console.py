"""What a command says: to people on a terminal, or one JSON document to a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

from edged.domain.errors import ConfigInvalid, EdgedError, Refused
from edged.runtime.logfmt import escaped

_BAR_WIDTH: Final = 24


class Exit(IntEnum):
    """Exit codes; 78 is sysexits' EX_CONFIG, which the systemd unit knows as final."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CONFIG = 78


class Console:
    """The command's mouth. The result goes to standard output, everything else to standard error.

    What others said may be in any of it; nothing of that moves the cursor of whoever reads it on a terminal.

    Args:
        as_json: print one JSON document instead of text.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._bar = sys.stderr.isatty() and not as_json
        self._bar_open = False

    def say(self, text: str) -> None:
        """A line for a person who watches; nothing with `--json`."""
        if not self.as_json:
            self._end_bar()
            print(escaped(text, keep="\n"), file=sys.stderr, flush=True)

    def progress(self, doing: str, share: float) -> None:
        """A `Progress`: a bar on a terminal, nothing elsewhere but the beginning of each step."""
        if self._bar:
            filled = round(min(max(share, 0.0), 1.0) * _BAR_WIDTH)
            bar = "█" * filled + "·" * (_BAR_WIDTH - filled)
            print(f"\r\x1b[K{bar} {share:4.0%}  {doing}", end="", file=sys.stderr, flush=True)
            self._bar_open = True
            if share >= 1:
                self._end_bar()

    def result(self, document: Mapping[str, Any], text: str) -> None:
        """The command's answer: `document` with `--json`, else `text`."""
        self._end_bar()
        print(json_text(document) if self.as_json else text, flush=True)

    def fail(self, error: EdgedError) -> Exit:
        """Says what went wrong and what to do, and gives the exit code that fits."""
        self._end_bar()
        if self.as_json:
            print(json_text({"error": _error_document(error)}), flush=True)
        else:
            print(escaped(f"edged: {error}", keep="\n"), file=sys.stderr, flush=True)
        return Exit.CONFIG if isinstance(error, ConfigInvalid) else Exit.FAILED

    def _end_bar(self) -> None:
        if self._bar_open:
            print(file=sys.stderr, flush=True)
            self._bar_open = False


def json_text(document: Mapping[str, Any], *, indent: int | None = 2) -> str:
    """JSON in which letters of all scripts are themselves, and what cannot be seen is spelled out."""
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1] for letter in text)


def _error_document(error: EdgedError) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": type(error).__name__, "what": error.what, "remedy": error.remedy}
    if isinstance(error, Refused):
        document["reason"] = error.reason
    if isinstance(error, ConfigInvalid):
        document["problems"] = [
            {"path": item.path, "message": item.message, "got": item.got, "allowed": item.allowed}
            for item in error.problems
        ]
    return document
