"""How many people have a face that fits: counted once for each state of the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edged.api.directory import FaceFilter

_MOST: Final = 1000
"""Filters whose count is kept."""


class Headcount:
    """Every identification asks for it; counting 100,000 takes milliseconds, a million a second. Any thread.

    A count is used only while the store says that nothing has changed since, whichever process would have changed it.
    """

    def __init__(self) -> None:
        self._counted: tuple[int, dict[FaceFilter, int]] = (-1, {})

    def people(self, revision: int, wanted: FaceFilter, count: Callable[[], int]) -> int:
        """The count as of a state.

        Args:
            revision: of the state of the store that `count` sees.
            wanted: who is counted; count: counts them anew.
        """
        as_of, counts = self._counted
        if as_of != revision or len(counts) >= _MOST:
            counts = {}
            self._counted = (revision, counts)
        found = counts.get(wanted)
        if found is None:
            found = counts[wanted] = count()
        return found
