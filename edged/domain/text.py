"""Text that comes from outside."""

from __future__ import annotations


def is_storable(text: str) -> bool:
    """Whether every store can hold a text: no NUL, nothing that is no character."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
