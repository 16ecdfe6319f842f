"""A knock, with everything that a rule may look at."""

from __future__ import annotations

from dataclasses import dataclass

from edged.access.standing import Standing
from edged.access.words import Word
from edged.config.access import AccessSettings, DoorSettings
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.passage import Answer, Factor, Knock, Need, Pass


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says to a case.

    Attributes:
        detail: for the guard. Never names anybody else: who is deleted must not stand in the record of others.
        retry_at: when it is worth trying again, UTC seconds since the epoch; None where that is not known.
        needs, accepts: see `edged.domain.passage.Decision`.
    """

    answer: Answer
    word: Word | None = None
    detail: str = ""
    retry_at: float | None = None
    needs: Need | None = None
    accepts: frozenset[Factor] = frozenset()


SILENT = Said(Answer.SILENT)


def yes(word: Word, detail: str = "") -> Said:
    return Said(Answer.YES, word, detail)


def no(word: Word, detail: str = "", *, retry_at: float | None = None) -> Said:
    return Said(Answer.NO, word, detail, retry_at)


def waits(word: Word, needs: Need, detail: str = "", *, accepts: frozenset[Factor] = frozenset()) -> Said:
    return Said(Answer.WAITS, word, detail, needs=needs, accepts=accepts)


@dataclass(frozen=True, slots=True)
class Case:
    """One knock at one door of the configuration, at one moment."""

    knock: Knock
    door: DoorSettings
    access: AccessSettings
    standing: Standing
    now: Moment

    @property
    def times(self) -> tuple[float, ...]:
        """At all of these a rule about the hour must say yes; see `edged.access.timekeeping`."""
        return self.standing.time.times(self.now)

    @property
    def by_face(self) -> bool:
        """Recognition knows who it is, and so says the list of what was shown: both, or it does not count."""
        knock = self.knock
        return knock.outcome is Outcome.KNOWN and knock.person is not None and Factor.FACE in knock.factors

    @property
    def by_code(self) -> bool:
        """A code has said who it is, at a door where that is enough."""
        return self.knock.person is not None and not self.by_face and bool(self.knock.factors & code_alone(self.door))

    @property
    def is_known(self) -> bool:
        return self.by_face or self.by_code

    @property
    def is_exempt(self) -> bool:
        return self.is_in(self.door.exempt_groups)

    def is_in(self, groups: tuple[str, ...]) -> bool:
        """Whether the person is in one of these groups."""
        return self.group_among(groups) is not None

    def group_among(self, groups: tuple[str, ...]) -> str | None:
        """The first of these groups in which the person is."""
        person = self.knock.person
        if person is None or not self.is_known:
            return None
        return next((group for group in groups if group in person.groups), None)

    def own_validity(self) -> Said:
        """Whether the person's time includes this moment; silent where it has no bounds, or nobody is known."""
        person = self.knock.person
        if not self.is_known or person is None or (person.valid_from is None and person.valid_until is None):
            return SILENT
        return within(self.times, person.valid_from, person.valid_until, Word.NOT_YET, Word.OVER)

    def own_permission(self) -> Said:
        """Whether the person may pass this door, without a pass."""
        person = self.knock.person
        if not self.is_known or person is None:
            return no(Word.NOT_PERMITTED)
        group = self.group_among(self.door.groups)
        if group is not None:
            return yes(Word.GROUP, group)
        if person.customer_person_id in self.door.people:
            return yes(Word.PERSON)
        if not self.door.groups and not self.door.people:
            return yes(Word.EVERYBODY)
        return no(Word.NOT_PERMITTED, "in none of the door's groups, nor named there")

    def ticket_validity(self, ticket: Pass) -> Said:
        """Whether the pass is good at this moment."""
        if ticket.uses_left is not None and ticket.uses_left <= 0:
            return no(Word.TICKET_USED_UP)
        return within(self.times, ticket.valid_from, ticket.valid_until, Word.TICKET_NOT_YET, Word.TICKET_OVER)

    def ticket_permission(self, ticket: Pass) -> Said:
        """Whether the pass is for this door, and for whoever shows it."""
        if not self.door.visitors:
            return no(Word.NO_VISITORS, "doors.….visitors is off")
        if ticket.doors and self.knock.door not in ticket.doors:
            return no(Word.TICKET_NOT_FOR_DOOR, f"it is for {', '.join(ticket.doors)}")
        person = self.knock.person
        if ticket.person_id and (not self.by_face or person is None or person.id != ticket.person_id):
            return no(Word.NOT_YOURS, "the pass holds together with another face only")
        return yes(Word.TICKET, ticket.name)

    @property
    def good_ticket(self) -> Pass | None:
        """A pass that was shown and would let its holder through this door now."""
        ticket = self.knock.ticket
        if ticket is None or _is_no(self.ticket_validity(ticket)) or _is_no(self.ticket_permission(ticket)):
            return None
        return ticket

    @property
    def judged_ticket(self) -> Pass | None:
        """The pass by which this case is judged; None where the person needs none, or has shown none.

        Whoever may pass on their own account does so, whatever pass they hold: a pass never takes anything away.
        """
        if self.is_known and not _is_no(self.own_validity()) and not _is_no(self.own_permission()):
            return None
        return self.knock.ticket


def code_alone(door: DoorSettings) -> frozenset[Factor]:
    """What is enough by itself at this door."""
    return frozenset(Factor(factor) for factor in door.code_alone)


def second_factors(door: DoorSettings) -> frozenset[Factor]:
    """What this door takes besides a face; nothing where a face is enough."""
    return frozenset(Factor(factor) for factor in door.second_factor)


def codes_taken(door: DoorSettings) -> frozenset[Factor]:
    """What may be shown or typed at this door while nobody is recognised: codes that are enough alone, and passes."""
    return code_alone(door) | (frozenset({Factor.QR}) if door.visitors else frozenset())


def within(times: tuple[float, ...], begin: float | None, end: float | None, before: Word, after: Word) -> Said:
    """Whether all of these times lie within bounds of UTC seconds since the epoch; the end is not."""
    if not times:
        return no(Word.CLOCK_UNKNOWN, "this device does not know what time it is")
    if begin is not None and any(utc < begin for utc in times):
        return no(before, retry_at=begin)
    if end is not None and any(utc >= end for utc in times):
        return no(after)
    return yes(Word.WITHIN)


def _is_no(said: Said) -> bool:
    return said.answer is Answer.NO
