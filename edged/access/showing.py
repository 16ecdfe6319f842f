"""What belongs on a door's screen, before the door's own state is put before it."""

from __future__ import annotations

from dataclasses import dataclass

from edged.domain.face import Box
from edged.domain.passage import Factor
from edged.domain.screen import Prompt, Stage


@dataclass(frozen=True, slots=True)
class Showing:
    """See `edged.domain.screen.Screen`, whose fields these are."""

    stage: Stage
    prompt: Prompt = Prompt.NONE
    progress: float = 0.0
    step: int = 0
    steps: int = 0
    name: str = ""
    reason: str = ""
    face: Box | None = None
    accepts: frozenset[Factor] = frozenset()
    until: float | None = None
    """When it gives way, monotonic seconds; None: when something happens."""
