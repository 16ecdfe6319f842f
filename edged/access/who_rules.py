"""Rules about who it is: known, not blocked, alive, within their time, and meant for this door."""

from __future__ import annotations

from typing import Final

from edged.access.case import SILENT, Case, Said, no, waits, yes
from edged.access.words import Word
from edged.domain.event import Outcome
from edged.domain.passage import Answer, Knock, Need
from edged.domain.passage import LivenessMethod as Method

_UNKNOWN: Final = {
    Outcome.NO_FACE: Word.NOBODY,
    Outcome.UNDECIDED: Word.UNDECIDED,
}
_STRENGTH: Final = {Method.OFF: 0, Method.PASSIVE: 1, Method.CHALLENGE: 2}


def known(case: Case) -> Said:
    """Recognised by face, or by a code where one is enough; or somebody with a pass, who need not be known."""
    knock = case.knock
    if knock.outcome is Outcome.SPOOF:
        return Said(Answer.SILENT, Word.SPOOF)
    if case.by_face:
        compared = knock.threshold > 0  # where a face is only supposed, there is nothing to tell
        return yes(Word.FACE, f"similarity {knock.similarity:.2f}, threshold {knock.threshold:.2f}" if compared else "")
    if case.by_code:
        return yes(Word.CODE)
    if knock.ticket is not None and not knock.ticket.person_id:
        return yes(Word.TICKET, knock.ticket.name)
    return _nobody(knock)


def _nobody(knock: Knock) -> Said:
    """Why nobody is known."""
    if knock.ticket is not None:
        return no(Word.FACE_NEEDED, "the pass holds only together with a face")
    if knock.wrong:
        return no(Word.WRONG_CODE, ", ".join(sorted(knock.wrong)))
    if knock.person is not None:
        return no(Word.FACE_NEEDED, "a code alone is not enough here")
    return no(_UNKNOWN.get(knock.outcome, Word.NOT_RECOGNISED))


def not_blocked(case: Case) -> Said:
    """Whoever is on the block list passes nowhere, whatever they carry."""
    person = case.knock.person
    if person is None:
        return SILENT
    why = case.standing.blocked.get(person.id)
    return yes(Word.NOT_BLOCKED) if why is None else no(Word.BLOCKED, why)


def live(case: Case) -> Said:
    """A living face. What was found not to live is refused even where the door did not ask."""
    knock, asked = case.knock, Method(case.door.liveness)
    if knock.outcome is Outcome.SPOOF:
        return no(Word.SPOOF, "recognition saw no living face")
    found = knock.liveness
    if found is not None and not found.passed:
        return no(Word.NOT_LIVE, f"{found.method}: {found.why or 'did not pass'}")
    if asked is Method.OFF or not case.by_face:
        return SILENT
    if found is None or _STRENGTH[found.method] < _STRENGTH[asked]:
        return waits(Word.LIVENESS_WANTED, Need.LIVENESS, asked)
    return yes(Word.LIVE, found.method)


def valid(case: Case) -> Said:
    """Within the time for which the person is enrolled, or the pass was issued."""
    ticket = case.judged_ticket
    return case.own_validity() if ticket is None else case.ticket_validity(ticket)


def permitted(case: Case) -> Said:
    """The door is for this person, for one of their groups, or for this pass."""
    ticket = case.judged_ticket
    return case.own_permission() if ticket is None else case.ticket_permission(ticket)
