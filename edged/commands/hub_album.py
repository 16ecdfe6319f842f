"""`edged hub org` and `edged hub event`: whose photographs guests look for themselves in."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, Final

from edged.api.albums import Albums
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, opened
from edged.commands.moment import utc
from edged.commands.word import Words
from edged.domain.errors import Refused
from edged.hub.operator import operator
from edged.photos.album import EventPlan, Features, PhotoEvent

_ORG: Final = """\
Organisations own events, and 9Pic's clients name one in every address: /api/v1/ext/SLUG/…
A token is tied to one by `edged hub token create --org SLUG`.
"""
_EVENT: Final = """\
An event holds photographs, and is what guests search with a selfie. Photographs come in through
the hub's own API, /edged/v1.
"""
_PAGE: Final = 100


def register(words: Words) -> None:
    raw = argparse.RawDescriptionHelpFormatter
    organisation = words.add_parser("org", help="make and list organisations", description=_ORG, formatter_class=raw)
    own = organisation.add_subparsers(metavar="WORD", required=True)
    create = add_word(own, "create", "make an organisation", "Make an organisation.\n\n" + _ORG, "", _create_org)
    create.add_argument("slug", metavar="SLUG", help="its name in addresses: small letters, digits and -")
    create.add_argument("--name", help="its name for people (default: the slug)")
    add_word(own, "list", "all organisations", "List all organisations.", "", _list_orgs)

    event = words.add_parser("event", help="make and list events", description=_EVENT, formatter_class=raw)
    own = event.add_subparsers(metavar="WORD", required=True)
    create = add_word(own, "create", "make an event", "Make an event.\n\n" + _EVENT, "", _create_event)
    create.add_argument("org", metavar="ORG", help="the slug of its organisation")
    create.add_argument("slug", metavar="SLUG", help="its name in addresses: small letters, digits and -")
    create.add_argument("--name", help="its name for people (default: the slug)")
    create.add_argument(
        "--threshold",
        type=float,
        default=0.75,
        metavar="C",
        help="the confidence, 0–1, from which a photograph is shown to somebody (default: 0.75)",
    )
    create.add_argument("--disabled", action="store_true", help="nothing of it is shown yet")
    create.add_argument("--no-selfie-search", action="store_true", help="guests cannot search with a selfie")
    create.add_argument("--no-downloads", action="store_true", help="guests cannot fetch original photographs")
    every = add_word(own, "list", "all events of an organisation", "List an organisation's events.", "", _list_events)
    every.add_argument("org", metavar="ORG", help="the slug of the organisation")


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
    if not 0 <= args.threshold <= 1:
        raise Refused("bad_threshold", "a threshold is a confidence from 0 to 1")
    features = Features(
        enabled=not args.disabled, selfie_search=not args.no_selfie_search, downloads=not args.no_downloads
    )
    with opened(args) as stores:
        plan = EventPlan(args.name or args.slug, features, args.threshold)
        event = stores.albums.create_event(args.org, args.slug, plan, by=operator())
    out.result(_document(event), f"The event {event.slug} of {event.organisation} is made.")
    return Exit.OK


def _list_events(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        if stores.albums.organisation(args.org) is None:
            raise Refused("no_organisation", f"there is no organisation {args.org}", "See `edged hub org list`")
        events = list(_all_events(stores.albums, args.org))
    rows = [
        (event.slug, event.plan.name, str(event.photos), utc(event.created) or "", _state(event)) for event in events
    ]
    out.result(
        {"events": [_document(event) for event in events]},
        columns((("SLUG", "NAME", "PHOTOS", "CREATED", "STATE"), *rows)) if rows else "There is none yet.",
    )
    return Exit.OK


def _all_events(albums: Albums, organisation: str) -> Iterator[PhotoEvent]:
    offset, total = 0, 1
    while offset < total:
        total, page = albums.events(organisation, offset, _PAGE)
        if not page:
            return
        yield from page
        offset += len(page)


def _document(event: PhotoEvent) -> dict[str, Any]:
    return {
        "organisation": event.organisation,
        "slug": event.slug,
        "name": event.plan.name,
        "created": utc(event.created),
        "enabled": event.plan.features.enabled,
        "selfie_search": event.plan.features.selfie_search,
        "downloads": event.plan.features.downloads,
        "threshold": event.plan.threshold,
        "photos": event.photos,
    }


def _state(event: PhotoEvent) -> str:
    return "enabled" if event.plan.features.enabled else "disabled"
