"""`edged access pass`: visitors' passes, shown as a QR code or typed."""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.moment import span_s
from edged.commands.word import Words, add_word
from edged.domain.errors import Refused, Unavailable
from edged.domain.timestamp import utc

if TYPE_CHECKING:
    from edged.config.document import Document
    from edged.domain.passage import Pass

_TEXT: Final = """\
Passes for visitors, at doors with `visitors: true`. A pass is a QR code, or sixteen letters and digits to
be typed. Whoever has a copy of it has the pass: give it few uses and few hours, or bind it to a face.
"""
_ISSUE_TEXT: Final = """\
Issue a pass, and show its code: on the terminal, and as a picture to be printed or sent. The code
itself is kept nowhere: it cannot be shown again.
"""
_ISSUE_EPILOG: Final = """\
Times are local to `access.time_zone`, or this machine's zone.

Examples:
  sudo -u edged edged access pass issue "Parcel, Tuesday" --for 12h --uses 1
  sudo -u edged edged access pass issue "Ms Ito" --door front --from 2026-12-01T09:00 \\
    --until 2026-12-01T17:00 --png ito.png
  sudo -u edged edged access pass issue "Cleaner" --person 4712 --for 4w
"""
_LIST_EPILOG: Final = """\
Examples:
  edged access pass list
  edged access pass list --json | jq '.passes[] | select(.uses_left == 0)'
"""
_REVOKE_EPILOG: Final = """\
Examples:
  sudo -u edged edged access pass revoke 0199a2b4-11
"""
_LONGEST_S: Final = 366 * 86_400.0


def register(words: Words) -> None:
    """Adds `pass` and its words to `edged access`."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = words.add_parser("pass", help="visitors' passes", description=_TEXT, formatter_class=raw)
    below = parser.add_subparsers(metavar="WORD", required=True)

    word = partial(add_word, below)
    issue = word("issue", "issue a pass", _ISSUE_TEXT, _ISSUE_EPILOG, _issue)
    issue.add_argument("name", metavar="NAME", help="whom or what it is for")
    issue.add_argument("--door", dest="doors", action="append", default=[], metavar="DOOR", help="opens only these")
    issue.add_argument("--from", dest="begin", metavar="TIME", help="good from then on (default: now)")
    ends = issue.add_mutually_exclusive_group(required=True)
    ends.add_argument("--until", metavar="TIME", help="good until then")
    ends.add_argument("--for", dest="span", type=span_s, metavar="SPAN", help="good for so long: 2h, 3d, 4w")
    issue.add_argument("--uses", type=int, metavar="N", help="good for N passages (default: as many as wanted)")
    issue.add_argument("--person", metavar="ID", help="good only together with this person's face")
    issue.add_argument("--png", type=Path, metavar="FILE", help="write the QR code there, as a picture")
    issue.add_argument("--svg", type=Path, metavar="FILE", help="write the QR code there, for printing")
    word("list", "which passes there are", "List passes; those that end last come first.", _LIST_EPILOG, _list)
    about = "Revoke a pass. It opens nothing from this moment on."
    revoke = word("revoke", "revoke a pass", about, _REVOKE_EPILOG, _revoke)
    revoke.add_argument("pass_id", metavar="PASS", help="the first characters of its id, as `list` shows them")


def _issue(args: argparse.Namespace, out: Console) -> int:
    from edged.audit.act import Act  # noqa: PLC0415  not for `--help`
    from edged.commands.access import opened, person_of  # noqa: PLC0415
    from edged.credentials.code import shown_pass  # noqa: PLC0415
    from edged.credentials.qr import qr_png, qr_svg, qr_text  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415

    document: Document = args.document
    _check_doors(document, args.doors)
    begin = time.time() if args.begin is None else _instant(document, args.begin)
    end = begin + args.span if args.span is not None else _instant(document, args.until)
    if end - begin > _LONGEST_S:
        raise Refused("pass_times", "a pass is good for a year at most", "Enrol whoever comes for longer.")
    person = person_of(document, args.person).id if args.person else ""
    with opened(document, out) as (credentials, scribe):
        ticket, code = credentials.issue(
            args.name, valid_from=begin, valid_until=end, doors=args.doors, uses=args.uses, person_id=person
        )
        about = {"pass": ticket.id, "change": "issued", "doors": ", ".join(ticket.doors), "uses": ticket.uses_left}
        scribe.note(Act.PASS, by=operator(), about=about)
    for path, picture in ((args.png, qr_png), (args.svg, qr_svg)):
        if path is not None:
            _write(path, picture(code))
    where = ", ".join(ticket.doors) or "every door that takes passes"
    text = f"{qr_text(code)}\n\n{shown_pass(code)}\n\nfor {where}, until {utc(end)}. It is shown this once."
    out.result({**_document(ticket), "code": shown_pass(code)}, text)
    return Exit.OK


def _list(args: argparse.Namespace, out: Console) -> int:
    from edged.commands.access import opened  # noqa: PLC0415

    with opened(args.document, out) as (credentials, _scribe):
        passes = credentials.passes()
    lines = [_line(ticket) for ticket in passes]
    out.result(
        {"passes": [_document(ticket) for ticket in passes]}, columns(lines) if lines else "There are no passes."
    )
    return Exit.OK


def _revoke(args: argparse.Namespace, out: Console) -> int:
    from edged.audit.act import Act  # noqa: PLC0415
    from edged.commands.access import opened  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415

    with opened(args.document, out) as (credentials, scribe):
        found = [ticket for ticket in credentials.passes() if ticket.id.startswith(args.pass_id)]
        if len(found) != 1:
            what = "no pass has" if not found else f"{len(found)} passes have"
            raise Refused("which_pass", f"{what} an id that begins so", "See `edged access pass list`.")
        credentials.revoke(found[0].id)
        scribe.note(Act.PASS, by=operator(), about={"pass": found[0].id, "change": "revoked"})
    out.result({"id": found[0].id, "revoked": True}, f"{found[0].name or found[0].id}: revoked")
    return Exit.OK


def _check_doors(document: Document, doors: list[str]) -> None:
    for door in doors:
        settings = document.access.doors.get(door)
        if settings is None:
            names = ", ".join(document.access.doors) or "none"
            raise Refused("no_door", f"there is no door {door}", f"There are: {names}.")
        if not settings.visitors:
            raise Refused("no_visitors", f"the door {door} takes no passes", f"Set access.doors.{door}.visitors.")


def _instant(document: Document, text: str) -> float:
    from edged.access.zone import zone_of  # noqa: PLC0415

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("time", f"{text} is no time", "Write it so: 2026-12-01T09:00.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone_of(document.access.time_zone))).timestamp()


def _write(path: Path, picture: bytes) -> None:
    from edged.vault.private_file import private_file  # noqa: PLC0415

    try:
        with private_file(path) as file:
            file.write(picture)
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}", "Revoke the pass and issue another, to another folder."
        ) from error


def _document(ticket: Pass) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "name": ticket.name,
        "doors": list(ticket.doors),
        "valid_from": utc(ticket.valid_from),
        "valid_until": utc(ticket.valid_until),
        "uses_left": ticket.uses_left,
        "bound": bool(ticket.person_id),
    }


def _line(ticket: Pass) -> tuple[str, ...]:
    uses = "any number of times" if ticket.uses_left is None else f"{ticket.uses_left} left"
    doors = ", ".join(ticket.doors) or "all doors for passes"
    return (ticket.id, ticket.name, doors, f"until {utc(ticket.valid_until)}", uses, "face" if ticket.person_id else "")
