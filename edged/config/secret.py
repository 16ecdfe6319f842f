"""Secrets of a document: hidden from whoever looks, written out only into files that nobody else may read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

MASK: Final = "********"

_ADDRESS: Final = re.compile(r"(:/+).+", re.DOTALL)


def hidden(text: str) -> str:
    """The text without what follows `://`: an address may carry a user, a password or a token anywhere in it."""
    return _ADDRESS.sub(rf"\1{MASK}", text)


def shown(value: Any) -> Any:
    """A value of a document as JSON data for people, topics and pages: every secret is MASK."""
    match value:
        case SecretStr():
            return MASK
        case Mapping():
            return {key: shown(below) for key, below in value.items()}
        case list() | tuple():
            return [shown(below) for below in value]
        case str() | Path():
            return hidden(str(value))
        case _:
            return value


def revealed(value: Any) -> Any:
    """A value of a document as JSON data with its secrets, for a file that only the daemon may read."""
    match value:
        case SecretStr():
            return value.get_secret_value()
        case Mapping():
            return {key: revealed(below) for key, below in value.items()}
        case list() | tuple():
            return [revealed(below) for below in value]
        case Path():
            return str(value)
        case _:
            return value
