"""`edged hub person` and `edged hub departed`: how far an enrolment or a deletion has come on the devices."""

from __future__ import annotations

import argparse
from typing import Final

from edged.api.account import account_of, departures_of
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, opened
from edged.commands.word import Words
from edged.domain.errors import Refused

_SHOW: Final = """\
On which devices somebody is live; of somebody who was deleted, which devices have forgotten them,
with their signed receipts (--json).

  done     live there; of a deletion: there is a signed receipt
  told     of a deletion: the device has read of it; it never knew them, or its receipt is under way
  held     of a deletion: it waits there for a person's word
  refused  the device could not take over all of them, and says why
  behind   the device has not read of it yet
"""
_DEPARTED: Final = """\
Who was deleted, the newest first, and which devices have not forgotten them yet.
`edged hub person show ID` tells it device by device.
"""
_MOST: Final = 100_000


def register(words: Words) -> None:
    parser = words.add_parser("person", help="see on which devices somebody is live", description=_SHOW)
    own = parser.add_subparsers(metavar="WORD", required=True)
    show = add_word(own, "show", "somebody, device by device", _SHOW, "", _show)
    show.add_argument(
        "person", metavar="ID_OR_KEY", help="the hub's id, also of somebody deleted; or the customer's key"
    )
    departed = add_word(words, "departed", "who was deleted, and who is missing", _DEPARTED, "", _departed)
    departed.add_argument("--last", type=int, default=50, metavar="N", help="so many (default: 50)")


def _show(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        known = stores.directory.person(args.person)
        account = account_of(stores.fleet, known.id if known else args.person)
    if account is None:
        raise Refused("unknown_person", "nobody has this key, and nobody ever had this id")
    document = account.model_dump(mode="json", exclude={"v"})
    rows = [(trace["device"], trace["state"], trace["seen"] or "never", trace["what"]) for trace in document["devices"]]
    head = f"{account.id}, deleted" if account.deleted else f"{account.customer_person_id or account.id}"
    table = columns((("DEVICE", "STATE", "LAST SEEN", "WHY"), *rows)) if rows else "No device is to know them."
    out.result({"person": document}, f"{head}\n{table}")
    return Exit.OK


def _departed(args: argparse.Namespace, out: Console) -> int:
    if not 1 <= args.last <= _MOST:
        raise Refused("bad_number", f"--last is a number from 1 to {_MOST:,}")
    with opened(args) as stores:
        found = departures_of(stores.fleet, None, args.last)
    documents = [item.model_dump(mode="json") for item in found.departures]
    rows = [
        (
            one["deleted"],
            one["id"],
            *(str(one[name]) for name in ("receipts", "told", "behind")),
            ", ".join(one["missing"]),
        )
        for one in documents
    ]
    headings = ("DELETED", "ID", "RECEIPTS", "TOLD", "BEHIND", "MISSING")
    out.result(
        {"departures": documents, "more": found.more},
        columns((headings, *rows)) if rows else "Nobody was deleted yet.",
    )
    return Exit.OK
