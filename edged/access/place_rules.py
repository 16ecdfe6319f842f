"""Rules about the way through: who is inside, which doors are shut, and what is asked for besides a face."""

from __future__ import annotations

from edged.access.areas import inside_for
from edged.access.case import SILENT, Case, Said, no, second_factors, waits, yes
from edged.access.door_mode import mode_of
from edged.access.standing import Waiting, bearer
from edged.access.words import Word
from edged.domain.door import Contact, Mode
from edged.domain.passage import Need, Way


def anti_passback(case: Case) -> Said:
    """Nobody comes in twice without having left. Nobody is ever kept in: who leaves may leave."""
    door, key = case.door, bearer(case.knock)
    if door.area is None or door.anti_passback.mode == "off":
        return SILENT
    age = inside_for(key, door.area, case.access, case.standing, case.now)
    if case.knock.way is Way.OUT:
        return yes(Word.OUTSIDE if age is not None else Word.NOT_INSIDE, door.area)
    if case.is_exempt:
        return yes(Word.EXEMPT, case.group_among(door.exempt_groups) or "")
    return yes(Word.OUTSIDE, door.area) if age is None else _again(case, age)


def interlock(case: Case) -> Said:
    """The doors that must be shut are shut, and nobody was let through one of them a moment ago."""
    if not case.door.interlock:
        return SILENT
    for other in case.door.interlock:
        said = _shut(case, other)
        if said is not None:
            return said
    return yes(Word.OTHERS_SHUT, ", ".join(case.door.interlock))


def second_factor(case: Case) -> Said:
    """A card, PIN or QR code besides the face. A pass that is good here does for one."""
    wanted = second_factors(case.door)
    if not wanted or case.by_code:
        return SILENT
    shown = sorted(case.knock.factors & wanted)
    if shown:
        return yes(Word(shown[0]))
    if case.good_ticket is not None:
        return yes(Word.TICKET, case.good_ticket.name)
    word = Word.WRONG_CODE if case.knock.wrong or case.knock.ticket else Word.FACTOR_WANTED
    return waits(word, Need.SECOND_FACTOR, ", ".join(sorted(case.knock.wrong)), accepts=wanted)


def two_person(case: Case) -> Said:
    """Two people who may pass, one shortly after the other. With a camera there, both by their faces."""
    door = case.door
    if not door.two_person:
        return SILENT
    if door.camera and not case.by_face:
        return no(Word.FACE_NEEDED, "two people are needed here, each with a face")
    other = case.standing.waiting.get(case.knock.door)
    if other is not None and _counts(case, other):
        return yes(Word.SECOND_CAME, f"after the knock {other.knock}")
    return waits(Word.SECOND_WANTED, Need.SECOND_PERSON, f"for {door.wait_s:g} s")


def _again(case: Case, age: float) -> Said:
    """Somebody who came in `age` seconds ago wants to come in again."""
    rule = case.door.anti_passback
    detail = f"came into {case.door.area} {_span(age)} ago"
    if rule.mode == "hard":
        return no(Word.ALREADY_INSIDE, detail)
    rest = rule.minutes * 60 - age
    if rule.mode == "timed" and rest > 0:
        return no(Word.ENTERED_LATELY, detail, retry_at=case.now.utc + rest)
    return yes(Word.ALREADY_INSIDE if rule.mode == "soft" else Word.OUTSIDE, detail)


def _counts(case: Case, other: Waiting) -> bool:
    age = case.now.mono - other.at.mono
    return (
        0.0 <= age <= case.door.wait_s
        and other.key not in ("", bearer(case.knock))
        and other.key not in case.standing.blocked
    )


def _shut(case: Case, other: str) -> Said | None:
    """What speaks against this other door being shut; None where nothing does."""
    standing, settings = case.standing, case.access.doors.get(other)
    if settings is None:
        return no(Word.CONTACT_UNKNOWN, f"{other} is not in the configuration")
    if (
        mode_of(other, case.access, standing, case.now) in (Mode.HELD_OPEN, Mode.EMERGENCY)
        or other in standing.unlocked
    ):
        return no(Word.OTHER_DOOR_OPEN, f"{other} is unlocked")
    let_through = standing.let_through.get(other)
    if let_through is not None and case.now.mono - let_through.mono < settings.pulse_s:
        return no(Word.OTHER_DOOR_OPEN, f"somebody was just let through {other}")
    contact = standing.contacts.get(other, Contact.NONE)
    if contact is Contact.OPEN:
        return no(Word.OTHER_DOOR_OPEN, f"{other} is open")
    if other in standing.lost or (settings.contact.pin is not None and contact is not Contact.SHUT):
        return no(Word.CONTACT_UNKNOWN, f"{other} does not say whether it is shut")
    return None


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
