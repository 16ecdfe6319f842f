"""`edged access`: who may pass which door: codes, passes, blocks, who is inside, and why a rule says what it says."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from edged.commands import access_pass, access_try
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.noted import noted
from edged.commands.word import add_word
from edged.domain.errors import Refused
from edged.domain.passage import Factor
from edged.domain.timestamp import utc

if TYPE_CHECKING:
    from edged.config.document import Document
    from edged.credentials.credentials import Credentials
    from edged.domain.person import Person
    from edged.runtime.scribe import Scribe

_DESCRIPTION: Final = """\
Who may pass which door: PINs, cards, visitors' passes, blocks, who is inside, and why. The rules
themselves stand in the configuration, under `access`; docs/design/access.md explains them.

It may be used while the daemon runs, and counts at once. Run it as the service's user, so that the
file stays the service's: sudo -u edged edged access …
"""
_PIN_TEXT: Final = """\
Give a person a PIN, in place of the one they have. It is asked for, or read from standard input; with
--new one of six digits is drawn, and shown this once. Two people never have the same.
"""
_PIN_EPILOG: Final = """\
Examples:
  sudo -u edged edged access pin 4711 --new
  sudo -u edged edged access pin 4711 --remove
"""
_CARD_TEXT: Final = """\
Give a person a card, by the number that the reader types. It is asked for, or read from standard input:
hold the card to the reader.
"""
_CARD_EPILOG: Final = """\
Examples:
  sudo -u edged edged access card 4711
  echo 04:A2:24:1B | edged access card 4711
  sudo -u edged edged access card 4711 --remove
"""
_BLOCK_TEXT: Final = """\
Block a person: no door opens for them, whatever they carry, from this moment on. Without an ID, list
who is blocked. At the door they hear that they may not pass, and nothing more.
"""
_BLOCK_EPILOG: Final = """\
Examples:
  sudo -u edged edged access block 4711 --why "card reported stolen"
  edged access block
"""
_INSIDE_TEXT: Final = """\
List who counts as being inside an area, for anti-passback. Whoever followed somebody through an open door is
not counted, and this is no list for an evacuation.
"""
_RESET_TEXT: Final = """\
Everybody counts as being outside of an area again. The daemon does it within a second, or when it starts.
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `access` and its words."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "access", help="who may pass which door, and why", description=_DESCRIPTION, formatter_class=raw
    )
    words = parser.add_subparsers(metavar="WORD", required=True)

    word = partial(add_word, words)
    access_try.register(word)
    pin = word("pin", "give a person a PIN", _PIN_TEXT, _PIN_EPILOG, _pin)
    pin.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    ways = pin.add_mutually_exclusive_group()
    ways.add_argument("--new", action="store_true", help="draw one, and show it")
    ways.add_argument("--remove", action="store_true", help="take it away")
    card = word("card", "give a person a card", _CARD_TEXT, _CARD_EPILOG, _card)
    card.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    card.add_argument("--remove", action="store_true", help="take it away")
    access_pass.register(words)
    block = word("block", "let somebody pass nowhere", _BLOCK_TEXT, _BLOCK_EPILOG, _block)
    block.add_argument("id", metavar="ID", nargs="?", help="your own key of the person (customer_person_id)")
    block.add_argument("--why", default="", metavar="TEXT", help="for the guard")
    unblock = word("unblock", "take somebody off the block list", "Take somebody off the block list.", "", _unblock)
    unblock.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    inside = word("inside", "who counts as being inside", _INSIDE_TEXT, "", _inside)
    inside.add_argument("area", metavar="AREA", nargs="?", help="only this area")
    reset = word("reset", "everybody counts as being outside", _RESET_TEXT, "", _reset)
    reset.add_argument("area", metavar="AREA", help="an area of the configuration")


def _pin(args: argparse.Namespace, out: Console) -> int:
    from edged.credentials.code import new_pin  # noqa: PLC0415  not for `--help`

    if args.remove:
        return _take_away(args, out, Factor.PIN)
    pin = new_pin(secrets.randbelow) if args.new else _asked("PIN: ")
    _give(args, out, Factor.PIN, pin)
    document = {"id": args.id, "factor": "pin"} | ({"pin": pin} if args.new else {})
    text = f"{args.id} has a new PIN"
    out.result(document, f"{text}: {pin}\nIt is shown this once." if args.new else text)
    return Exit.OK


def _card(args: argparse.Namespace, out: Console) -> int:
    if args.remove:
        return _take_away(args, out, Factor.CARD)
    _give(args, out, Factor.CARD, _asked("Card: "))
    out.result({"id": args.id, "factor": "card"}, f"{args.id} has a new card")
    return Exit.OK


def _give(args: argparse.Namespace, out: Console, factor: Factor, code: str) -> None:
    from edged.audit.act import Act  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415

    person = person_of(args.document, args.id)
    with opened(args.document, out) as (credentials, scribe):
        credentials.set_code(person.id, factor, code)
        scribe.note(Act.CODE, by=operator(), about={"person": person.id, "factor": factor, "change": "set"})


def _take_away(args: argparse.Namespace, out: Console, factor: Factor) -> int:
    from edged.audit.act import Act  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415

    person = person_of(args.document, args.id)
    with opened(args.document, out) as (credentials, scribe):
        if not credentials.remove_code(person.id, factor):
            raise Refused("no_code", f"{args.id} has no {factor.value}")
        scribe.note(Act.CODE, by=operator(), about={"person": person.id, "factor": factor, "change": "removed"})
    out.result({"id": args.id, "factor": factor.value, "removed": True}, f"{args.id} has no {factor.value} any more")
    return Exit.OK


def _block(args: argparse.Namespace, out: Console) -> int:
    if args.id is None:
        return _blocked(args, out)
    _set_block(args, out, person_of(args.document, args.id), is_blocked=True)
    out.result({"id": args.id, "blocked": True, "why": args.why}, f"{args.id} is blocked: no door opens for them")
    return Exit.OK


def _unblock(args: argparse.Namespace, out: Console) -> int:
    _set_block(args, out, person_of(args.document, args.id), is_blocked=False)
    out.result({"id": args.id, "blocked": False}, f"{args.id} is not blocked any more")
    return Exit.OK


def _set_block(args: argparse.Namespace, out: Console, person: Person, *, is_blocked: bool) -> None:
    from edged.audit.act import Act  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415

    with opened(args.document, out) as (credentials, scribe):
        if is_blocked:
            credentials.block(person.id, args.why)
        elif not credentials.unblock(person.id):
            raise Refused("not_blocked", f"{args.id} is not blocked", "See who is: edged access block.")
        change = "set" if is_blocked else "removed"
        scribe.note(Act.BLOCK, by=operator(), about={"person": person.id, "change": change})


def _blocked(args: argparse.Namespace, out: Console) -> int:
    people = _by_id(args.document)
    with opened(args.document, out) as (credentials, _scribe):
        rows = [(people[own_id], why) for own_id, why in credentials.blocked().items() if own_id in people]
    document = [{"id": person.customer_person_id, "name": person.name, "why": why} for person, why in rows]
    lines = [(person.customer_person_id, person.name, why) for person, why in rows]
    out.result({"blocked": document}, columns(lines) if lines else "Nobody is blocked.")
    return Exit.OK


def _inside(args: argparse.Namespace, out: Console) -> int:
    from edged.access.areas import areas, inside  # noqa: PLC0415

    access = args.document.access
    wanted = (_known_area(args),) if args.area else areas(access)
    people = _by_id(args.document)
    standing, now = access_try.kept_standing(args.document)
    rows = [
        (area, *_called(key, people), utc(moment.utc))
        for area in wanted
        for key, moment in inside(area, access, standing, now).items()
    ]
    document = [dict(zip(("area", "id", "name", "since"), row, strict=True)) for row in rows]
    out.result({"inside": document}, columns(rows) if rows else "Nobody counts as being inside.")
    return Exit.OK


def _reset(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.scribe import operator  # noqa: PLC0415

    area = _known_area(args)
    with opened(args.document, out) as (credentials, _scribe):  # the daemon notes it when it is done
        credentials.ask_reset(area, operator())
    out.result({"area": area}, f"In a moment everybody counts as being outside of {area}.")
    return Exit.OK


def _known_area(args: argparse.Namespace) -> str:
    from edged.access.areas import areas  # noqa: PLC0415

    known = areas(args.document.access)
    if args.area not in known:
        names = ", ".join(known) or "none"
        raise Refused("no_area", f"no door leads into an area {args.area}", f"There are: {names}.")
    return str(args.area)


def _called(key: str, people: Mapping[str, Person]) -> tuple[str, str]:
    """The customer's key and the name; of a pass, its own id and nothing."""
    person = people.get(key)
    return (key, "") if person is None else (person.customer_person_id, person.name)


@contextmanager
def opened(document: Document, out: Console) -> Iterator[tuple[Credentials, Scribe]]:
    """The file of codes and passes, and who notes what is done to it."""
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415  loads the gallery: not for `--help`

    state = StateDir.of(document)
    with noted(state, document, out) as scribe, closing(state.open_credentials(document)) as credentials:
        yield credentials, scribe


def person_of(document: Document, key: str) -> Person:
    """The person with the customer's key; raises Refused where there is none."""
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    with closing(StateDir.of(document).open_people(document)) as people:
        summary = people.find(key)
    if summary is None:
        raise Refused("unknown_person", f"nobody with the id {key} is enrolled", "See `edged people list`.")
    return summary.person


def _by_id(document: Document) -> dict[str, Person]:
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    found: dict[str, Person] = {}
    with closing(StateDir.of(document).open_people(document)) as people:
        after = ""
        while page := people.page(after=after, limit=1000):
            found |= {summary.person.id: summary.person for summary in page}
            after = page[-1].person.customer_person_id
    return found


def _asked(prompt: str) -> str:
    """What is typed, without showing it; from standard input where nobody types."""
    return (getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline(512)).strip()
