"""`edged hub device`: which devices there are, how far each has come, and whom it is to know."""

from __future__ import annotations

import argparse
from typing import Any, Final

from edged.api.account import report_of
from edged.api.cursor import read_cursor
from edged.api.fleet import Device, Fleet, Place
from edged.api.native.roster import NO_MODEL
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, opened
from edged.commands.word import Words
from edged.domain.errors import Refused
from edged.domain.timestamp import utc
from edged.hub.admission import admit_bounds
from edged.hub.operator import operator

_ABOUT: Final = """\
Devices of ours that follow this hub: when each last reported, how far it has read the changes, and
whom it is to know.
"""
_EPILOG: Final = """\
Examples:
  edged hub device list
  edged hub device show door
  edged hub device assign door --group staff --group guests
  edged hub device assign door --everybody
"""
_FORGET: Final = """\
Forget a device and revoke its tokens. Its events and receipts stay. The key that signs its receipts
is forgotten, too: needed where the device was set up anew.
"""
_HEADINGS: Final = ("NAME", "GROUPS", "LAST SEEN", "STATE", "PEOPLE", "HELD", "QUEUED", "REFUSED", "VERSION")


def register(words: Words) -> None:
    parser = words.add_parser("device", help="see, assign and forget devices", description=_ABOUT)
    own = parser.add_subparsers(metavar="WORD", required=True)
    add_word(own, "list", "all devices", _ABOUT, _EPILOG, _list)
    show = add_word(own, "show", "a device, with all that it says of itself", _ABOUT, _EPILOG, _show)
    show.add_argument("name", metavar="NAME", help="of the device")
    assign = add_word(own, "assign", "say whom a device is to know", _ABOUT, _EPILOG, _assign)
    assign.add_argument("name", metavar="NAME", help="of the device; it need not have come yet")
    whom = assign.add_mutually_exclusive_group(required=True)
    whom.add_argument("--group", action="append", metavar="NAME", help="the people of this gallery; may be repeated")
    whom.add_argument("--everybody", action="store_true", help="all people")
    forget = add_word(own, "forget", "forget a device and revoke its tokens", _FORGET, "", _forget)
    forget.add_argument("name", metavar="NAME", help="of the device")


def _list(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        documents = [_document(stores.fleet, device) for device in stores.fleet.devices()]
    text = columns((_HEADINGS, *map(_row, documents))) if documents else "No device has come yet."
    out.result({"devices": documents}, text)
    return Exit.OK


def _show(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        device = stores.fleet.device(args.name)
        document = None if device is None else _document(stores.fleet, device)
    if document is None:
        raise _unknown(args.name)
    lines = [(name, str(value)) for name, value in document.items() if name not in {"pending", "refused"}]
    lines += [("held", person) for person in document["pending"]]
    lines += [("refused", f"{one['id']}: {one['what']}") for one in document["refused"]]
    out.result({"device": document}, columns(lines))
    return Exit.OK


def _assign(args: argparse.Namespace, out: Console) -> int:
    admit_bounds(None, None, args.name)
    for group in args.group or ():
        admit_bounds(group, None, "")
    with opened(args) as stores:
        device = stores.fleet.assign(args.name, args.group, by=operator())
    whom = "everybody" if device.galleries is None else "the people of " + ", ".join(device.galleries)
    out.result({"name": device.name, "groups": device.galleries}, f"The device {device.name} is to know {whom}.")
    return Exit.OK


def _forget(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        # First of all: with its groups forgotten, its tokens would be good for everybody.
        revoked = [token.id for token in stores.tokens.all() if token.device == args.name and token.revoked is None]
        for token in revoked:
            stores.tokens.revoke(token, by=operator())
        if not stores.fleet.forget_device(args.name, by=operator()) and not revoked:
            raise _unknown(args.name)
    out.result(
        {"forgotten": args.name, "revoked": revoked}, f"The device {args.name} is forgotten; its tokens open nothing."
    )
    return Exit.OK


def _unknown(name: str) -> Refused:
    return Refused("unknown_device", f"no device {name} is known", "See `edged hub device list`")


def _document(fleet: Fleet, device: Device) -> dict[str, Any]:
    report = report_of(device)
    return {
        "name": device.name,
        "groups": device.galleries,
        "seen": utc(device.seen) if device.seen else None,
        "state": _state(fleet, device, report.cursor),
        "edged": report.edged,
        "model": report.model,
        "cursor": report.cursor,
        "roster": report.roster,
        "persons": report.persons,
        "templates": report.templates,
        "held": report.held,
        "queued": report.queued,
        "pending": list(report.pending),
        "refused": [{"id": one.id, "what": one.what} for one in report.refused],
    }


def _state(fleet: Fleet, device: Device, cursor: str) -> str:
    if not device.seen:
        return "never came"
    read = read_cursor(cursor)
    feed = fleet.changes(read[1] if read else Place(), NO_MODEL, 0, device.galleries)
    return "behind" if feed.more or read is None or read[0] != feed.epoch else "up to date"


def _row(document: dict[str, Any]) -> tuple[str, ...]:
    groups = document["groups"]
    return (
        document["name"],
        "everybody" if groups is None else ", ".join(groups),
        document["seen"] or "never",
        document["state"],
        *(str(document[name]) for name in ("persons", "held", "queued")),
        str(len(document["refused"])),
        document["edged"],
    )
