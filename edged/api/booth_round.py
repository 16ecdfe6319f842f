"""One guest's turn at the booth: what they agreed to, and what the screen may show until they go."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from edged.photos.album import PhotoEvent

IDLE_S: Final = 300.0
"""A round in which nothing is asked for so long is over: the page has ended it long before, unless it died."""
_LONGEST_S: Final = 1800.0
_TOKEN_BYTES: Final = 16


class Purpose(StrEnum):
    """What a guest agrees to, each by itself."""

    TAKE = "take"
    """A photograph that is added to the event."""
    FIND = "find"
    """A look at their face, to find them in the event's photographs."""


@dataclass(slots=True)
class Round:
    """What one guest does at the booth.

    Attributes:
        token: 128 bits that nobody can guess; event: at which it began.
        agreed: to what, with the version of the text of consent that was shown.
        taken: id of the photograph that was taken last, which may be discarded; empty without one.
        request_id: of the search that was done last; empty without one.
        shown: ids of the photographs that the screen may show.
    """

    token: str
    event: PhotoEvent
    began: float
    touched: float
    agreed: dict[Purpose, int] = field(default_factory=dict)
    taken: str = ""
    request_id: str = ""
    shown: frozenset[str] = frozenset()

    def found(self, request_id: str, photos: Collection[str]) -> None:
        """A search was done."""
        self.request_id, self.shown = request_id, frozenset(photos)


class Rounds:
    """The round that is on: one at a time, for there is one camera. In memory only; belongs to the event loop.

    Args:
        ticks: seconds of a clock that never goes back.
    """

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._now: Round | None = None

    def begin(self, event: PhotoEvent) -> Round:
        """A new one; the former one is over."""
        at = self._ticks()
        self._now = Round(secrets.token_urlsafe(_TOKEN_BYTES), event, at, at)
        return self._now

    def of(self, token: str) -> Round | None:
        """The round of this token, which lives on; None where it is over, or never was."""
        if not self.is_on(token):
            return None
        assert self._now is not None  # noqa: S101  it is on
        self._now.touched = self._ticks()
        return self._now

    def is_on(self, token: str) -> bool:
        """The same, without a sign of life."""
        now, at = self._now, self._ticks()
        if now is None or not hmac.compare_digest(now.token.encode(), token.encode()):
            return False
        if at - now.touched < IDLE_S and at - now.began < _LONGEST_S:
            return True
        self._now = None
        return False

    def end(self, token: str) -> None:
        """It is over, if it was on."""
        if self.is_on(token):
            self._now = None
