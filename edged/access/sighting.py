"""What a door's keeper looks at of a face in a frame."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edged.domain.event import Outcome
from edged.domain.face import Box, Flaw
from edged.domain.person import Person


class Sighting(Protocol):
    """A face in a frame; `edged.recognition.recognizer.Sighting` is one, and says what each of these means."""

    @property
    def track(self) -> int: ...
    @property
    def box(self) -> Box: ...
    @property
    def landmarks(self) -> NDArray[np.float32]: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def person(self) -> Person | None: ...
    @property
    def similarity(self) -> float: ...
    @property
    def margin(self) -> float: ...
    @property
    def threshold(self) -> float: ...
    @property
    def confidence(self) -> float: ...
    @property
    def visit(self) -> str: ...
    @property
    def face(self) -> NDArray[np.float32] | None: ...
    @property
    def flaw(self) -> Flaw | None: ...
    @property
    def liveness(self) -> float | None: ...


def said_of(sighting: Sighting) -> tuple[Outcome, str] | None:
    """What recognition says of it, and our id of whom it names; None while it says nothing, or is in doubt."""
    if sighting.outcome is None:
        return None
    return sighting.outcome, sighting.person.id if sighting.person else ""


def settles(sighting: Sighting) -> bool:
    """Whether a knock may rest on this very frame.

    A name outlives the frame that it was found in, by `decision.look_again_s`, and by then another face may have taken
    the place. So nobody is known by a frame whose face was not compared, or was not good enough to count.
    """
    if sighting.outcome is None:
        return False
    return sighting.outcome is not Outcome.KNOWN or (sighting.face is not None and sighting.flaw is None)
