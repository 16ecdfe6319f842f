"""The words in which rules answer, and what of them whoever stands at a door may be told."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from edged.domain.passage import Decision, Verdict


class Word(StrEnum):
    """Why a rule answers as it does. Stable: records and clients keep them."""

    # fresh
    FRESH = "fresh"
    """What the answer rests on was seen within the last second."""
    STALE = "stale"
    """It was seen earlier, or at a time that has not come yet."""

    # emergency, locked
    EMERGENCY = "emergency"
    """The guard opened the door for everybody."""
    LOCKED = "locked"
    """The guard locked it."""
    NO_DOOR = "no_door"
    """The configuration has no such door any more."""

    # known
    FACE = "face"
    """Recognised by face."""
    CODE = "code"
    """Known by a code, at a door where a code is enough."""
    TICKET = "pass"
    """Nobody is known, or need be; a visitor's pass was shown. As the word of `permitted`: the pass is for this door,
    and was needed; as the word of `second_factor`: it did for one."""
    NOBODY = "nobody"
    """There was neither a face nor a code."""
    NOT_RECOGNISED = "not_recognised"
    """A face, of nobody who is enrolled."""
    UNDECIDED = "undecided"
    """A face, and recognition could not tell whose."""
    WRONG_CODE = "wrong_code"
    """The code is nobody's, or not that of the person whose face it is."""
    FACE_NEEDED = "face_needed"
    """The code is right, and does not do without a face here."""
    NOT_YOURS = "not_yours"
    """The pass is good only together with the face of somebody else."""
    SPOOF = "spoof"
    """Recognition saw no living face. As the word of `known`: so nobody asks whose picture it is."""

    # blocked
    NOT_BLOCKED = "not_blocked"
    BLOCKED = "blocked"

    # live
    LIVE = "live"
    """A living face, as far as the method can tell."""
    LIVENESS_WANTED = "liveness_wanted"
    """That is still to be found out."""
    NOT_LIVE = "not_live"
    """It did not pass; the detail says how."""

    # valid
    WITHIN = "within"
    """Within the time for which the person is enrolled, or for which the pass was issued."""
    NOT_YET = "not_yet"
    """The person's time has not begun."""
    OVER = "over"
    """The person's time is over."""
    TICKET_NOT_YET = "pass_not_yet"
    TICKET_OVER = "pass_over"
    TICKET_USED_UP = "pass_used_up"
    CLOCK_UNKNOWN = "clock_unknown"
    """The device does not know what time it is, and the rule needs it. Also the word of `schedule`."""

    # permitted
    EVERYBODY = "everybody"
    """The door is for all who are enrolled."""
    GROUP = "group"
    """The person is in a group that may."""
    PERSON = "person"
    """The person is named at the door."""
    NOT_PERMITTED = "not_permitted"
    """Neither in a group that may, nor named."""
    NO_VISITORS = "no_visitors"
    """The door lets nobody in by a pass."""
    TICKET_NOT_FOR_DOOR = "pass_not_for_door"

    # schedule
    IN_HOURS = "in_hours"
    EXEMPT = "exempt"
    """In one of the door's `exempt_groups`. Also the word of `anti_passback`."""
    OUTSIDE_HOURS = "outside_hours"

    # first_person
    IS_FIRST = "is_first"
    """The person may come first."""
    FIRST_CAME = "first_came"
    """Somebody who may was there before."""
    FIRST_MISSING = "first_missing"

    # anti_passback
    OUTSIDE = "outside"
    """Counts as being outside, and may come in; or inside, and may leave."""
    ALREADY_INSIDE = "already_inside"
    """Came in and did not leave. `soft` lets through and says so."""
    ENTERED_LATELY = "entered_lately"
    """Came in within `minutes`."""
    NOT_INSIDE = "not_inside"
    """Leaves without having come in; nobody is ever kept in for that."""

    # interlock
    OTHERS_SHUT = "others_shut"
    OTHER_DOOR_OPEN = "other_door_open"
    CONTACT_UNKNOWN = "contact_unknown"
    """Whether the other door is shut is not known."""

    # second_factor
    PIN = "pin"
    CARD = "card"
    QR = "qr"
    FACTOR_WANTED = "factor_wanted"
    """One of those that the door takes is waited for."""

    # two_person
    SECOND_CAME = "second_came"
    """Somebody else who may pass was there a moment before."""
    SECOND_WANTED = "second_wanted"
    """Somebody else who may pass is waited for."""


class Reason(StrEnum):
    """What may be said at the door, to whoever stands there and hears. Language files have a sentence for each."""

    TRY_AGAIN = "try_again"
    """Please try again."""
    CLOSED = "closed"
    """This door is closed."""
    NOT_RECOGNISED = "not_recognised"
    """I do not know you."""
    FACE_NEEDED = "face_needed"
    """Please show your face as well."""
    WRONG_CODE = "wrong_code"
    """That code does not fit."""
    TOO_MANY_CODES = "too_many_codes"
    """Too many wrong codes; please wait. No rule's: the door takes no codes for a while."""
    NOT_PERMITTED = "not_permitted"
    """You may not pass here."""
    NOT_LIVE = "not_live"
    """I could not make sure that it is you; please try again."""
    TICKET_NOT_YET = "pass_not_yet"
    """Your pass is not valid yet."""
    TICKET_OVER = "pass_over"
    """Your pass is no longer valid."""
    TICKET_USED_UP = "pass_used_up"
    """Your pass has been used."""
    TICKET_NOT_FOR_DOOR = "pass_not_for_door"
    """Your pass is for another door."""
    OUTSIDE_HOURS = "outside_hours"
    """Not at this hour. `Decision.retry_at` says when again, where that is known."""
    NOT_OPEN_YET = "not_open_yet"
    """Not open yet: somebody has to come first."""
    ALREADY_INSIDE = "already_inside"
    """You have already entered."""
    WAIT_A_LITTLE = "wait_a_little"
    """You have only just entered; please wait."""
    OTHER_DOOR_OPEN = "other_door_open"
    """Another door is still open."""
    CALL_GUARD = "call_guard"
    """Something is wrong with this door; please call somebody."""


PUBLIC: Final[Mapping[str, Reason]] = MappingProxyType(
    {
        Word.STALE: Reason.TRY_AGAIN,
        Word.LOCKED: Reason.CLOSED,
        Word.NO_DOOR: Reason.CLOSED,
        Word.NOBODY: Reason.TRY_AGAIN,
        Word.NOT_RECOGNISED: Reason.NOT_RECOGNISED,
        Word.UNDECIDED: Reason.NOT_RECOGNISED,
        Word.WRONG_CODE: Reason.WRONG_CODE,
        Word.FACE_NEEDED: Reason.FACE_NEEDED,
        Word.NOT_YOURS: Reason.NOT_PERMITTED,
        Word.SPOOF: Reason.NOT_LIVE,
        Word.BLOCKED: Reason.NOT_PERMITTED,
        Word.NOT_LIVE: Reason.NOT_LIVE,
        Word.NOT_YET: Reason.NOT_PERMITTED,
        Word.OVER: Reason.NOT_PERMITTED,
        Word.TICKET_NOT_YET: Reason.TICKET_NOT_YET,
        Word.TICKET_OVER: Reason.TICKET_OVER,
        Word.TICKET_USED_UP: Reason.TICKET_USED_UP,
        Word.CLOCK_UNKNOWN: Reason.CALL_GUARD,
        Word.NOT_PERMITTED: Reason.NOT_PERMITTED,
        Word.NO_VISITORS: Reason.TICKET_NOT_FOR_DOOR,
        Word.TICKET_NOT_FOR_DOOR: Reason.TICKET_NOT_FOR_DOOR,
        Word.OUTSIDE_HOURS: Reason.OUTSIDE_HOURS,
        Word.FIRST_MISSING: Reason.NOT_OPEN_YET,
        Word.ALREADY_INSIDE: Reason.ALREADY_INSIDE,
        Word.ENTERED_LATELY: Reason.WAIT_A_LITTLE,
        Word.OTHER_DOOR_OPEN: Reason.OTHER_DOOR_OPEN,
        Word.CONTACT_UNKNOWN: Reason.CALL_GUARD,
    }
)
"""What is said of the word that settled a refusal. Whoever is blocked, or whose time is over, hears no more than
somebody who never was let in: others are listening, and a photograph may be asking."""


def public_reason(decision: Decision) -> str:
    """Why the door stays shut, as it may be shown and said there: a `Reason`.

    Empty where the door opens, and where something is waited for, unless a code was wrong.
    """
    if decision.verdict is Verdict.GRANTED:
        return ""
    if decision.verdict is Verdict.WAITS:
        return Reason.WRONG_CODE if decision.why == Word.WRONG_CODE else ""
    return PUBLIC.get(decision.why, Reason.TRY_AGAIN)
