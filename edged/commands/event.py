"""`edged event`: events on this device, whose photographs guests find themselves in."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from edged.commands import event_add, event_forget, event_purge, event_search, event_words
from edged.commands.console import Console
from edged.commands.event_store import opened
from edged.commands.moment import local
from edged.commands.word import Words, add_word
from edged.domain.errors import Refused
from edged.domain.timestamp import utc
from edged.photos.album import EventState

if TYPE_CHECKING:
    from collections.abc import Iterator

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

When an event expires on this device, guests find nothing, and ten minutes later its photographs, faces
and searches are removed for good, here and at the hub. Without --expires it stays until you purge it. It
is put off, and everything else about it is changed, on the page /photos of the console.

Examples:
  sudo -u edged edged event create gala --name "Winter gala" --closes +8h --expires +3d
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
_GB: Final = 1e9


def register(commands: Words) -> None:
    """Adds `event` and its words."""
    parser = commands.add_parser(
        "event",
        help="events of the booth: make, close and purge them, add photographs, search, forget",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    word = partial(add_word, words)
    create = word("create", "make an event", _CREATE_TEXT, event_words.CREATE_EPILOG + _CREATE_EPILOG, _create)
    event_words.add_slug(create, new=True)
    event_words.add_plan(create)
    word("list", "all events, the newest first", "List all events, the newest first.", _LIST_EPILOG, _list)
    show = word("show", "what there is of an event", _SHOW_TEXT, _SHOW_EPILOG, _show)
    event_words.add_slug(show)
    for name, text, closed in (("close", _CLOSE_TEXT, True), ("open", _OPEN_TEXT, False)):
        example = f"Examples:\n  sudo -u edged edged event {name} gala\n"
        about = "no more photographs" if closed else "photographs again"
        one = word(name, about, text, example, _close if closed else _open)
        event_words.add_slug(one)
    event_add.register(words)
    event_search.register(words)
    event_forget.register(words)
    event_purge.register(word)


def _create(args: argparse.Namespace, out: Console) -> int:
    plan = event_words.plan_of(args)
    with opened(args, out) as store:
        return event_words.create(store.albums, store.organisation, args.slug, plan, out, by=store.by)


def _list(args: argparse.Namespace, out: Console) -> int:
    with opened(args, out) as store:
        return event_words.list_events(store.albums, store.organisation, out)


def _show(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.folder_progress import FolderProgress  # noqa: PLC0415  not for `--help`

    with opened(args, out) as store:
        photos, used = store.document.photos, store.space.used()
        told = FolderProgress.read(store.memory.progress()) if photos.folder else None
        lines = [f"room: {used / _GB:.2f} GB of {photos.max_gb:g} GB used, by all events", *_folder_lines(told)]
        return event_words.show(
            store.albums,
            store.organisation,
            args.slug,
            out,
            lines=lines,
            room={"used_bytes": used, "max_bytes": round(photos.max_gb * _GB)},
            folder=_folder_document(told) if told else None,
        )


def _close(args: argparse.Namespace, out: Console) -> int:
    with opened(args, out) as store:
        return event_words.close(store.albums, store.organisation, args.slug, out, closed=True, by=store.by)


def _open(args: argparse.Namespace, out: Console) -> int:
    now = time.time()
    with opened(args, out) as store:
        event = store.event(args.slug)
        terms = event.plan.terms
        if event.state(now) is EventState.EXPIRED:
            what = f"the event {event.slug} is over, and will be purged in a few minutes"
            raise Refused("event_over", what, "Put its end off on the page /photos")
        if terms.closes is not None and terms.closes <= now:
            plan = replace(event.plan, terms=replace(terms, closes=None))
            store.albums.change_event(event.organisation, event.slug, plan, by=store.by)
        return event_words.close(store.albums, store.organisation, args.slug, out, closed=False, by=store.by)


def _folder_lines(told: FolderProgress | None) -> Iterator[str]:
    if told is None:
        return
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
