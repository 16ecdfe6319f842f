"""How far the watched folder has come."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

_LATEST: Final = 50
_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class FolderProgress:
    """Immutable: read it from any thread.

    Attributes:
        folder: that is watched; at: when this was so, UTC seconds since the epoch.
        seen: files that are photographs, or may be; done: that are in an event, refused: that were not taken.
        waiting: that are still to be read; settling: of those, that somebody may still be writing.
        ignored: how many others there are, by why; `other_kind`: neither JPEG nor PNG nor WebP.
        refusals: name, reason and words of the latest that were refused.
        event: slug of the event that gets them; empty: none is on, and all wait.
        per_hour: photographs an hour at the speed of the latest; 0 where none was read yet.
        finishes: when all that wait will be done, UTC seconds since the epoch; None where none waits or nobody knows.
    """

    folder: str
    at: float = 0.0
    seen: int = 0
    done: int = 0
    refused: int = 0
    waiting: int = 0
    settling: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)
    refusals: tuple[tuple[str, str, str], ...] = ()
    event: str = ""
    per_hour: float = 0.0
    finishes: float | None = None

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What `document` gave, as JSON; None where it is nothing, or another version's."""
        try:
            told = json.loads(text)
            refusals = tuple((str(name), str(reason), str(what)) for name, reason, what in told.pop("refusals"))
            return cls(**told, refusals=refusals)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


class Pace:
    """How fast photographs are read: the latest fifty."""

    def __init__(self) -> None:
        self._took: deque[float] = deque(maxlen=_LATEST)

    def add(self, seconds: float) -> None:
        """Another one took so long."""
        self._took.append(seconds)

    @property
    def each_s(self) -> float:
        """Seconds for one; 0 where none was read yet."""
        return sum(self._took) / len(self._took) if self._took else 0.0

    @property
    def per_hour(self) -> float:
        return _HOUR_S / self.each_s if self.each_s else 0.0
