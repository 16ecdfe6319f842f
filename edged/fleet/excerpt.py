"""The beginning of what a device says: whoever may speak could say a book."""

from __future__ import annotations

from typing import Final

_MOST_LETTERS: Final = 300


def excerpt(text: str) -> str:
    """The text, or as much of its beginning as anybody reads, with `…` at the end."""
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…"
