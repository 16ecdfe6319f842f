"""Whoever is dealt with at a door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.access.sighting import Sighting, said_of
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.passage import Decision, Liveness
from edged.liveness.challenge import Challenge, Progress

_LEFT_S: Final = 1.0
"""A face unseen for so long has left the doorstep."""
_TYPING_S: Final = 4.0
"""While a code is waited for it may be out of sight, or be anybody's, for longer: whoever types looks down."""


@dataclass(slots=True, eq=False)
class Subject:
    """Belongs to its doorstep.

    Attributes:
        sighting: as last seen; seen: when it was last certain to be them.
        knock: id of the attempt; empty before there is one.
        asked: what recognition said at the last knock; see `said_of`.
        face: the embedding that the last knock rests on.
        answered: when that was answered.
        challenge: the head turn that is under way; progress: how far it has come.
        liveness: what was found out about the face being alive, for this knock.
        waits: the answer, where a code may still change it; deadline: until when, monotonic seconds.
    """

    sighting: Sighting
    seen: Moment
    knock: str = ""
    asked: tuple[Outcome, str] | None = None
    face: NDArray[np.float32] | None = None
    answered: Moment | None = None
    challenge: Challenge | None = None
    progress: Progress | None = None
    liveness: Liveness | None = None
    waits: Decision | None = None
    deadline: float = float("inf")

    def has_left(self, main: Sighting | None, at: Moment) -> bool:
        """Whether a frame with this face, or without one, says that it is no longer them who stand there.

        Whoever waits for a code may be followed anew: they looked down at the keys, and up again. Until it is known
        whose it is, a face may be theirs, for a while; it is not once it is known to be somebody else's.
        """
        if at.mono - self.seen.mono > (_LEFT_S if self.waits is None else _TYPING_S):
            return True
        if main is None:
            return False
        if self.waits is None:
            return main.track != self.sighting.track
        return said_of(main) not in (None, self.asked)

    def see(self, main: Sighting, at: Moment) -> None:
        """This is them, or may be."""
        self.sighting = main
        if self.waits is None or self.challenge is not None or said_of(main) == self.asked:
            self.seen = at

    def is_due(self, at: Moment, again_s: float) -> bool:
        """Whether there is something to decide about them, as last seen."""
        if self.waits is not None:
            return False
        if said_of(self.sighting) != self.asked:
            return True
        return self.answered is not None and at.mono - self.answered.mono >= again_s
