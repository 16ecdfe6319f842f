"""What does a command: the thing itself, and what it is told about the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from edged.config.control import Command
from edged.domain.errors import Unavailable
from edged.runtime.clock import Clock
from edged.runtime.stop import Stop
from edged.wire.payload import Part


@dataclass(frozen=True, slots=True)
class Call:
    """A request as whoever does it sees it.

    Attributes:
        by: who asks: the name of the key that signed it, else what the request says itself.
        until: when it has to give up, seconds of the steady clock.
        clock: that clock.
        stop: set when edged ends.
    """

    by: str
    until: float
    clock: Clock
    stop: Stop

    def left_s(self) -> float:
        """Seconds until it has to give up; 0 when it should have."""
        return max(0.0, self.until - self.clock.now().mono)

    def go_on(self) -> None:
        """Raises Unavailable where it has to give up, or edged ends."""
        if self.stop.is_set():
            raise Unavailable("edged is being stopped", "Ask again when it has started")
        if not self.left_s():
            raise Unavailable("it took too long and was given up", "Ask again: what is done is done")

    def wait(self, seconds: float) -> None:
        """Blocks for so long, or less where it has to give up. Raises as `go_on`."""
        self.go_on()
        self.stop.wait(min(seconds, self.left_s()))


Deed: TypeAlias = Callable[[Any, Call], Part]
"""Does a command: takes the `asked` of its shape, gives the `answered`. On the clerk's thread; may block for as long as
the command's rule allows. Raises EdgedError: it was not done, or not all of it.
"""

Deeds: TypeAlias = Mapping[Command, Deed]
