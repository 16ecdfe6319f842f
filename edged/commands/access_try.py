"""`edged access try`: what the rules would say to a person at a door, without opening it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.domain.errors import Corrupt, Refused
from edged.domain.timestamp import utc

if TYPE_CHECKING:
    from edged.access.standing import Standing
    from edged.config.document import Document
    from edged.domain.frame import Moment
    from edged.domain.passage import Decision
    from edged.domain.person import Person

_TEXT: Final = """\
Ask the rules about a person at a door, and print what each of them answers. Nothing is opened, counted or
noted. What doors say by themselves (open, shut) is not known to this command.
"""
_EPILOG: Final = """\
Exit codes: 0 the door would open, 1 it would not, or not yet.

Examples:
  edged access try front 4711
  edged access try front 4711 --at 2026-12-24T07:30
  edged access try vault 4711 --with pin --live
"""


def register(word: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds `try`.

    Args:
        word: takes name, one line about it, description, epilog, and the function to run.
    """
    parser = word("try", "what the rules would say, without opening", _TEXT, _EPILOG, _try)
    parser.add_argument("door", metavar="DOOR")
    parser.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    parser.add_argument("--at", metavar="TIME", help="at this time, local to the door (default: now)")
    parser.add_argument(
        "--with",
        dest="factors",
        action="append",
        default=[],
        choices=["pin", "card", "qr"],
        help="with this, too, and right",
    )
    parser.add_argument("--no-face", action="store_true", help="by what --with says alone")
    parser.add_argument("--live", action="store_true", help="a living face, as far as the door asks")


def _try(args: argparse.Namespace, out: Console) -> int:
    from edged.commands.access import person_of  # noqa: PLC0415
    from edged.domain.passage import Verdict  # noqa: PLC0415

    document: Document = args.document
    if args.door not in document.access.doors:
        names = ", ".join(document.access.doors) or "none"
        raise Refused("no_door", f"there is no door {args.door}", f"There are: {names}.")
    person = person_of(document, args.id)
    standing, now = kept_standing(document)
    now = _moment(args, now)
    decision = _decided(args, person, standing, now)
    out.result(_document(decision), _text(decision))
    return Exit.OK if decision.verdict is Verdict.GRANTED else Exit.FAILED


def kept_standing(document: Document) -> tuple[Standing, Moment]:
    """How things stand at the doors, as the daemon last kept it, and this moment."""
    from edged.access.standing_record import decoded, fresh  # noqa: PLC0415  not for `--help`
    from edged.runtime.clock import SystemClock  # noqa: PLC0415
    from edged.runtime.machine import boot_id  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    now = SystemClock().now()
    with closing(StateDir.of(document).open_credentials(document)) as credentials:
        kept, blocked = credentials.kept_standing(), credentials.blocked()
    if kept is not None:
        try:
            return decoded(kept, boot=boot_id(), now=now, blocked=blocked), now
        except Corrupt:
            pass  # the daemon says so, and goes on as here
    return fresh(now=now, blocked=blocked), now


def _moment(args: argparse.Namespace, now: Moment) -> Moment:
    """`--at`, on both clocks: as if so much time had passed."""
    from edged.access.zone import zone_of  # noqa: PLC0415
    from edged.domain.frame import Moment  # noqa: PLC0415

    if args.at is None:
        return now
    access = args.document.access
    schedule = access.schedules.get(access.doors[args.door].schedule or "")
    try:
        asked = datetime.fromisoformat(args.at)
    except ValueError:
        raise Refused("time", f"{args.at} is no time", "Write it so: 2026-12-24T07:30.") from None
    zone = zone_of((schedule.time_zone if schedule else "") or access.time_zone)
    seconds = (asked if asked.tzinfo else asked.replace(tzinfo=zone)).timestamp()
    return Moment(now.mono + seconds - now.utc, seconds)


def _decided(args: argparse.Namespace, person: Person, standing: Standing, now: Moment) -> Decision:
    from edged.access.decide import decide  # noqa: PLC0415
    from edged.domain.event import Outcome  # noqa: PLC0415
    from edged.domain.passage import Factor, Knock, Liveness, LivenessMethod, Way  # noqa: PLC0415

    access = args.document.access
    factors = frozenset(Factor(factor) for factor in args.factors)
    method = LivenessMethod(access.doors[args.door].liveness)
    is_looked_at = args.live and method is not LivenessMethod.OFF and not args.no_face
    knock = Knock(
        id="try",
        door=args.door,
        way=Way(access.doors[args.door].way),
        at=now,
        outcome=Outcome.NO_FACE if args.no_face else Outcome.KNOWN,
        person=person,
        factors=factors if args.no_face else factors | {Factor.FACE},
        liveness=Liveness(method, passed=True) if is_looked_at else None,
    )
    return decide(knock, access, standing, now, id="try", config=args.loaded.digest)


def _document(decision: Decision) -> dict[str, Any]:
    from edged.access.words import public_reason  # noqa: PLC0415

    return {
        "verdict": decision.verdict.value,
        "decided_by": decision.decided_by.value,
        "why": decision.why,
        "said_at_the_door": str(public_reason(decision)),
        "retry_at": utc(decision.retry_at),
        "rules": [
            {"rule": item.rule.value, "answer": item.answer.value, "why": str(item.why), "detail": item.detail}
            for item in decision.answers
        ],
    }


def _text(decision: Decision) -> str:
    from edged.access.words import public_reason  # noqa: PLC0415

    rows = [("rule", "answer", "why", "")]
    rows += [(item.rule.value, item.answer.value, str(item.why), item.detail) for item in decision.answers]
    lines = [columns(rows), "", f"{decision.verdict.value}: {decision.decided_by.value}, {decision.why}"]
    said = public_reason(decision)
    if said:
        lines.append(f"said at the door: {said}")
    return "\n".join(lines)
