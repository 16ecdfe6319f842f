"""What belongs on a door's screen, before the door's own state is put before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edged.access.words import Reason, Word, public_reason
from edged.domain.face import Box
from edged.domain.passage import Decision, Factor, Verdict
from edged.domain.screen import Prompt, Stage
from edged.liveness.challenge import Progress, Turn

_PROMPTS: Final = {"frontal": Prompt.FACE_ME, "back": Prompt.TURN_BACK}


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


def showing_verdict(decision: Decision, *, is_open: bool) -> Showing | None:
    """What is said of a verdict, for a few seconds; None where something else is to be shown.

    Args:
        is_open: the door did open for it.
    """
    knock = decision.knock
    match decision.verdict:
        case Verdict.GRANTED if is_open:
            name = (knock.person.name if knock.person else "") or (knock.ticket.name if knock.ticket else "")
            return Showing(Stage.GRANTED, name=name)
        case Verdict.GRANTED:
            return Showing(Stage.REFUSED, reason=Reason.CALL_GUARD)
        case Verdict.REFUSED | Verdict.SPOOF if not decision.accepts or knock.wrong:
            return Showing(Stage.REFUSED, reason=public_reason(decision))
        case Verdict.WAITS if decision.why == Word.WRONG_CODE:
            return Showing(Stage.REFUSED, reason=Reason.WRONG_CODE)
    return None


def showing_challenge(progress: Progress | None, face: Box | None) -> Showing:
    """How far a head turn has come; None before its first frame."""
    if progress is None:
        return Showing(Stage.CHALLENGE, Prompt.FACE_ME, face=face)
    turn = Prompt.TURN_LEFT if progress.turn is Turn.LEFT else Prompt.TURN_RIGHT
    prompt = _PROMPTS.get(progress.state, turn)
    return Showing(Stage.CHALLENGE, prompt, progress.part, progress.step, progress.steps, face=face)
