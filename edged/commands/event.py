"""`edged event`: events on this device, whose photographs guests find themselves in."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from edged.commands import event_add, event_purge, event_search
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.event_store import opened
from edged.commands.event_terms import add_terms, event_document, local, plan_of
from edged.commands.moment import utc
from edged.commands.word import Words, add_word
from edged.domain.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edged.api.albums import Albums
    from edged.photos.album import PhotoEvent
    from edged.runtime.folder_progress import FolderProgress

_DESCRIPTION: Final = """\
Events on this device. Photographs come in through the booth's camera, a watched folder
(photos.folder), or `edged event add`; guests find themselves in them with a selfie, with no network.
All words work beside the running daemon, which sees what they do at once.
"""
_CREATE_TEXT: Final = """\
Make an event. It is open at once: the newest one that is open gets the photographs of the booth's
camera and of the watched folder, unless photos.event names another.
"""
_CREATE_EPILOG: Final = """\
WHEN is a span from now (12h, 3d) or a time on this machine's clock (2026-12-31T23:30).

Examples:
  sudo -u edged edged event create gala --name "Winter gala" --closes 8h --expires 3d
  sudo -u edged edged event create fair --consent @consent.txt --moderated
"""
_LIST_EPILOG: Final = """\
Examples:
  edged event list
  edged event list --json | jq -r '.events[] | select(.state == "open").slug'
"""
_SHOW_TEXT: Final = """\
What there is of an event, how much room photographs have, and how far the watched folder is.
"""
_SHOW_EPILOG: Final = """\
Examples:
  edged event show gala
  watch -n 5 edged event show gala       while a card is read
"""
_CLOSE_TEXT: Final = "Close an event: it takes no more photographs. Guests find theirs as before."
_OPEN_TEXT: Final = """\
Open an event that was closed again. A time that it closes at by itself is taken away where it is over.
"""
_PAGE: Final = 100
_GB: Final = 1e9


def register(commands: Words) -> None:
    """Adds `event` and its words."""
    parser = commands.add_parser(
        "event",
        help="events of the booth: make, close and purge them, add photographs, search",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    word = partial(add_word, words)
    create = word("create", "make an event", _CREATE_TEXT, _CREATE_EPILOG, _create)
    create.add_argument("slug", metavar="SLUG", help="its name in addresses: small letters, digits and -")
    add_terms(create)
    word("list", "all events, the newest first", "List all events, the newest first.", _LIST_EPILOG, _list)
    show = word("show", "what there is of an event", _SHOW_TEXT, _SHOW_EPILOG, _show)
    show.add_argument("slug", metavar="SLUG")
    for name, text, closed in (("close", _CLOSE_TEXT, True), ("open", _OPEN_TEXT, False)):
        example = f"Examples:\n  sudo -u edged edged event {name} gala\n"
        about = "no more photographs" if closed else "photographs again"
        one = word(name, about, text, example, _close if closed else _open)
        one.add_argument("slug", metavar="SLUG")
    event_add.register(words)
    event_search.register(words)
    event_purge.register(word)


def _create(args: argparse.Namespace, out: Console) -> int:
    now = time.time()
    plan = plan_of(args, now)
    with opened(args, out) as store:
        event = store.albums.create_event(store.organisation, args.slug, plan, by=store.by)
    times = f"closes {local(plan.terms.closes)}, expires {local(plan.terms.expires)}"
    out.result(event_document(event, now), f"The event {event.slug} is open ({times}).")
    return Exit.OK


def _list(args: argparse.Namespace, out: Console) -> int:
    now = time.time()
    with opened(args, out) as store:
        events = list(_all_events(store.albums, store.organisation))
    rows = [
        (
            event.slug,
            event.plan.name,
            event.state(now).value,
            f"{event.photos:,}",
            f"{event.waiting:,}",
            local(event.plan.terms.closes),
            local(event.plan.terms.expires),
        )
        for event in events
    ]
    heads = ("SLUG", "NAME", "STATE", "PHOTOS", "WAITING", "CLOSES", "EXPIRES")
    out.result(
        {"events": [event_document(event, now) for event in events]},
        columns((heads, *rows)) if rows else "There is none yet. Make one with: edged event create SLUG",
    )
    return Exit.OK


def _show(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.folder_progress import FolderProgress  # noqa: PLC0415  not for `--help`

    now = time.time()
    with opened(args, out) as store:
        event = store.event(args.slug)
        tally = store.albums.tally(event)
        used = store.space.used()
        told = FolderProgress.read(store.memory.progress()) if store.document.photos.folder else None
        most = store.document.photos.max_gb
    lines = [
        f"{event.plan.name} ({event.slug}), {event.state(now)}",
        f"closes {local(event.plan.terms.closes)}, expires {local(event.plan.terms.expires)}",
        (
            f"photographs: {tally.shown:,} shown, {tally.waiting:,} waiting, {tally.hidden:,} hidden;"
            f" {tally.faces:,} faces; {tally.size / _GB:.2f} GB as they came"
        ),
        (
            f"guests: {tally.searches:,} searches, {tally.denials:,} times not them,"
            f" {tally.guests_forgotten:,} forgotten, {tally.selfies:,} selfies kept"
        ),
        f"room: {used / _GB:.2f} GB of {most:g} GB used, by all events",
        *(_folder_lines(told) if told else ()),
    ]
    out.result(
        {
            **event_document(event, now),
            "tally": {
                "shown": tally.shown,
                "waiting": tally.waiting,
                "hidden": tally.hidden,
                "faces": tally.faces,
                "searches": tally.searches,
                "denials": tally.denials,
                "guests_forgotten": tally.guests_forgotten,
                "selfies": tally.selfies,
                "bytes": tally.size,
            },
            "room": {"used_bytes": used, "max_bytes": round(most * _GB)},
            "folder": _folder_document(told) if told else None,
        },
        "\n".join(lines),
    )
    return Exit.OK


def _close(args: argparse.Namespace, out: Console) -> int:
    with opened(args, out) as store:
        event = store.event(args.slug)
        closed = store.albums.close_event(event.organisation, event.slug, closed=True, by=store.by)
    return _said(closed, "takes no more photographs", out)


def _open(args: argparse.Namespace, out: Console) -> int:
    from edged.photos.album import EventState  # noqa: PLC0415  not for `--help`

    now = time.time()
    with opened(args, out) as store:
        event = store.event(args.slug)
        if event.state(now) is EventState.EXPIRED:
            raise Refused("expired", f"the event {event.slug} is over", "Make another one: edged event create")
        closes = event.plan.terms.closes
        if closes is not None and closes <= now:
            plan = replace(event.plan, terms=replace(event.plan.terms, closes=None))
            store.albums.change_event(event.organisation, event.slug, plan, by=store.by)
        opened_again = store.albums.close_event(event.organisation, event.slug, closed=False, by=store.by)
    return _said(opened_again, "takes photographs", out)


def _said(event: PhotoEvent | None, what: str, out: Console) -> int:
    if event is None:
        raise Refused("no_event", "the event was purged a moment ago")
    out.result(event_document(event, time.time()), f"The event {event.slug} {what}.")
    return Exit.OK


def _all_events(albums: Albums, organisation: str) -> Iterator[PhotoEvent]:
    offset, total = 0, 1
    while offset < total:
        total, page = albums.events(organisation, offset, _PAGE)
        yield from page
        offset += _PAGE


def _folder_lines(told: FolderProgress) -> Iterator[str]:
    yield (
        f"folder {told.folder}: {told.done:,} of {told.seen:,} done, {told.refused:,} refused,"
        f" {told.waiting:,} waiting{_finish(told)}; as of {local(told.at)}"
    )
    for name, reason, what in told.refusals:
        yield f"  {name}: {what} ({reason})"


def _finish(told: FolderProgress) -> str:
    if told.waiting and not told.event:
        return " for an event that is open"
    if told.finishes is None:
        return ""
    return f", {told.per_hour:,.0f} an hour, done about {local(told.finishes)}"


def _folder_document(told: FolderProgress) -> dict[str, Any]:
    return {**told.document(), "at": utc(told.at), "finishes": utc(told.finishes)}
