"""Doors that can be opened, as whoever orders it sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Opening:
    """A door was told to open.

    Attributes:
        door: its name; open_s: for how long.
    """

    door: str
    open_s: float


class Doors(Protocol):
    """The device's doors."""

    def open(self, door: str, *, by: str) -> Opening:
        """Opens one; returns when it was told to, not when it has closed again.

        Args:
            door: its name; empty: the only one there is.
            by: who asks, for the record.

        Raises:
            Refused: `no_door`, `which_door`, or why it stays shut.
            Unavailable: it cannot be reached.
        """
