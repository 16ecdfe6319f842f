"""A clock that a test moves by hand."""

from __future__ import annotations

from edged.domain.frame import Moment


class HandClock:
    def __init__(self, utc: float = 1_700_000_000.0) -> None:
        self._mono, self._utc = 1000.0, utc

    def now(self) -> Moment:
        return Moment(self._mono, self._utc)

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._mono += seconds
        self._utc += seconds

    def set(self, utc: float) -> None:
        """Somebody, or a time server, sets the wall clock."""
        self._utc = utc
