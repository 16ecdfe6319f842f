"""How a place in the list of changes is written: what a device shows when it asks for more."""

from __future__ import annotations

import re
from typing import Final

from edged.api.fleet import Place

_CURSOR: Final = re.compile(r"([0-9a-f-]{1,64})\.(\d{1,18})\.(\d{1,18})", re.ASCII)


def cursor_of(epoch: str, place: Place) -> str:
    """A place in a life of the directory, as text."""
    return f"{epoch}.{place.revision}.{place.number}"


def read_cursor(text: str) -> tuple[str, Place] | None:
    """The life of the directory and the place in it; None for what is no cursor."""
    match = _CURSOR.fullmatch(text)
    return None if match is None else (match[1], Place(int(match[2]), int(match[3])))
