"""`edged hub org` and `edged hub event`: whose photographs guests look for themselves in."""

from __future__ import annotations

import argparse
from typing import Final

from edged.commands import event_words
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, opened
from edged.commands.word import Words
from edged.domain.errors import Refused
from edged.hub.operator import operator

_ORG: Final = """\
Organisations own events, and 9Pic's clients name one in every address: /api/v1/ext/SLUG/…
A token is tied to one by `edged hub token create --org SLUG`.
"""
_EVENT: Final = """\
An event holds photographs, and is what guests search with a selfie. Photographs come in through
the hub's own API, /edged/v1, and from booths.
"""
_CREATE_EXAMPLES: Final = """
Examples:
  edged hub event create acme run-2026 --name "City run" --closes 2026-12-31T22:00Z --expires +30d
  edged hub event create acme gala --consent @consent.txt --moderated --no-originals
"""
_SHOW: Final = "Show an event: its state and terms, and what there is of it."
_CLOSE: Final = "Close an event: it takes no more photographs, and can be searched as before."
_OPEN: Final = "Open an event again that somebody closed."


def register(words: Words) -> None:
    raw = argparse.RawDescriptionHelpFormatter
    organisation = words.add_parser("org", help="make and list organisations", description=_ORG, formatter_class=raw)
    own = organisation.add_subparsers(metavar="WORD", required=True)
    create = add_word(own, "create", "make an organisation", "Make an organisation.\n\n" + _ORG, "", _create_org)
    create.add_argument("slug", metavar="SLUG", help="its name in addresses: small letters, digits and -")
    create.add_argument("--name", help="its name for people (default: the slug)")
    add_word(own, "list", "all organisations", "List all organisations.", "", _list_orgs)

    event = words.add_parser("event", help="make, close and purge events", description=_EVENT, formatter_class=raw)
    own = event.add_subparsers(metavar="WORD", required=True)
    epilog = event_words.CREATE_EPILOG + _CREATE_EXAMPLES
    create = add_word(own, "create", "make an event", "Make an event.\n\n" + _EVENT, epilog, _create_event)
    _add_org(create)
    event_words.add_slug(create, new=True)
    event_words.add_plan(create)
    every = add_word(own, "list", "all events of an organisation", "List an organisation's events.", "", _list_events)
    _add_org(every)
    for name, about, description, run in (
        ("show", "an event, and what there is of it", _SHOW, _show_event),
        ("close", "take no more photographs", _CLOSE, _close_event),
        ("open", "take photographs again", _OPEN, _open_event),
        ("purge", "remove an event with everything", event_words.PURGE, _purge_event),
    ):
        word = add_word(own, name, about, description, "", run)
        _add_org(word)
        event_words.add_slug(word)
        if name == "purge":
            event_words.add_yes(word)
    gone = add_word(own, "purges", "events that were purged", "List the events that were purged.", "", _list_purges)
    gone.add_argument("org", nargs="?", metavar="ORG", help="of this organisation only")


def _add_org(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("org", metavar="ORG", help="the slug of its organisation")


def _create_org(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        if not stores.albums.create_organisation(args.slug, args.name or args.slug, by=operator()):
            raise Refused("taken", f"there is an organisation {args.slug} already")
    out.result({"slug": args.slug, "name": args.name or args.slug}, f"The organisation {args.slug} is made.")
    return Exit.OK


def _list_orgs(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        found = stores.albums.organisations()
    rows = [(one.slug, one.name) for one in found]
    out.result(
        {"organisations": [{"slug": one.slug, "name": one.name} for one in found]},
        columns((("SLUG", "NAME"), *rows)) if rows else "There is none. Make one with: edged hub org create SLUG",
    )
    return Exit.OK


def _create_event(args: argparse.Namespace, out: Console) -> int:
    plan = event_words.plan_of(args)
    with opened(args) as stores:
        return event_words.create(stores.albums, args.org, args.slug, plan, out, by=operator())


def _list_events(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        return event_words.list_events(stores.albums, args.org, out)


def _show_event(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        return event_words.show(stores.albums, args.org, args.slug, out)


def _close_event(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        return event_words.close(stores.albums, args.org, args.slug, out, closed=True, by=operator())


def _open_event(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        return event_words.close(stores.albums, args.org, args.slug, out, closed=False, by=operator())


def _purge_event(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        return event_words.purge(stores.albums, args.org, args.slug, out, sure=args.yes, by=operator())


def _list_purges(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        return event_words.purges(stores.albums, args.org, out)
