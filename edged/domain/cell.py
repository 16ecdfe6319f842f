"""Text in a cell of a spreadsheet, so that no formula hides in it."""

from __future__ import annotations

from typing import Final

_LIVE: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection)."""


def defused(cell: str) -> str:
    """The cell with an apostrophe before whatever a spreadsheet would run; `plain` takes it off again."""
    return "'" + cell if cell.startswith((*_LIVE, "'")) else cell


def plain(cell: str) -> str:
    """What `defused` was given. A cell that was never defused stays as it is, `'s-Hertogenbosch` among them."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_LIVE, "'")) else cell
