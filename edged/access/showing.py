"""What is shown of a verdict, and of a head turn."""

from __future__ import annotations

from typing import Final

from edged.access.words import Reason, Word, public_reason
from edged.domain.face import Box
from edged.domain.passage import Decision, Verdict
from edged.domain.screen import Prompt, Screen, Stage
from edged.liveness.challenge import Progress, Turn

_PROMPTS: Final = {"frontal": Prompt.FACE_ME, "back": Prompt.TURN_BACK}


def showing_verdict(decision: Decision, *, is_open: bool) -> Screen | None:
    """What is said of a verdict, for a few seconds; None where something else is to be shown.

    Args:
        is_open: the door did open for it.
    """
    knock = decision.knock
    match decision.verdict:
        case Verdict.GRANTED if is_open:
            name = (knock.person.name if knock.person else "") or (knock.ticket.name if knock.ticket else "")
            return Screen(Stage.GRANTED, name=name)
        case Verdict.GRANTED:
            return Screen(Stage.REFUSED, reason=Reason.CALL_GUARD)
        case Verdict.REFUSED | Verdict.SPOOF if not decision.accepts or knock.wrong:
            return Screen(Stage.REFUSED, reason=public_reason(decision))
        case Verdict.WAITS if decision.why == Word.WRONG_CODE:
            return Screen(Stage.REFUSED, reason=Reason.WRONG_CODE)
    return None


def showing_challenge(progress: Progress | None, face: Box | None) -> Screen:
    """How far a head turn has come; None before its first frame."""
    if progress is None:
        return Screen(Stage.CHALLENGE, Prompt.FACE_ME, face=face)
    turn = Prompt.TURN_LEFT if progress.turn is Turn.LEFT else Prompt.TURN_RIGHT
    prompt = _PROMPTS.get(progress.state, turn)
    return Screen(Stage.CHALLENGE, prompt, progress.part, progress.step, progress.steps, face=face)
