"""`edged event forget`: what guests do on their own phones, done by the organiser whom they asked."""

from __future__ import annotations

import argparse
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edged.commands.console import Console, Exit
from edged.commands.event_search import read_selfie, searched
from edged.commands.event_store import EventStore, opened, own_eyes
from edged.commands.word import Words, add_word
from edged.domain.errors import Refused

if TYPE_CHECKING:
    from edged.api.selfie_search import SelfieSearch
    from edged.photos.album import PhotoEvent
    from edged.photos.search import Search

_TEXT: Final = """\
Forget a guest who asks for it: their searches, selfies and what they said of photographs go at once, here
and at the hub, and their links lead nowhere any more; with them go the descriptions of their face, so
that nobody finds them again, unless the event was made with --keep-faces. Photographs stay: delete those
that they do not want to be in on the page /photos.
"""
_EPILOG: Final = """\
Exit codes: 0 they are forgotten, 1 nobody was found, or it was not confirmed.

Examples:
  sudo -u edged edged event forget gala selfie.jpg
  sudo -u edged edged event forget gala 0f8fad5b-d9cb-469f-a165-70867728950e --yes
"""


def register(words: Words) -> None:
    """Adds `forget`."""
    parser = add_word(words, "forget", "a guest who asks for it", _TEXT, _EPILOG, _run)
    parser.add_argument("slug", metavar="SLUG", help="the event")
    parser.add_argument(
        "who",
        metavar="WHO",
        help="a photograph of them, of which the largest face counts; or what stands behind /g/ in their link",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.api.selfie_search import SelfieSearch  # noqa: PLC0415  not for `--help`

    with opened(args, out) as store:
        event = store.event(args.slug)
        out.progress("loading the models", 0.0)
        guests = SelfieSearch(store.albums, own_eyes(store.document))
        if request_id := _request_of(args.who):
            search = store.albums.search(event, request_id)
            ours = 0
        else:
            search = searched(guests, event, read_selfie(Path(args.who)), store.by)
            ours = 1
        return _forgotten(store, event, guests, search, ours, out, sure=args.yes)


def _forgotten(
    store: EventStore,
    event: PhotoEvent,
    guests: SelfieSearch,
    search: Search | None,
    ours: int,
    out: Console,
    *,
    sure: bool,
) -> int:
    """Args: ours: how many of their searches are our own."""
    if search is None:
        raise Refused("nobody", "there is no such search", "Give a photograph of them")
    try:
        _confirm(search, out, sure=sure)
    except Refused:
        if ours:
            store.feed.remove_search(event, search.request_id, by=store.by)
        raise
    removal = guests.forget(event, search.request_id, by=store.by)
    assert removal is not None  # noqa: S101  it was there
    removed = {
        "searches": removal.searches - ours,
        "selfies": removal.selfies,
        "denials": removal.denials,
        "faces": removal.faces,
    }
    words = ", ".join(f"{count:,} {what}" for what, count in removed.items() if count)
    out.result({"removed": removed}, f"Removed: {words}." if words else "There was nothing of them.")
    return Exit.OK


def _request_of(who: str) -> str:
    """The id of a search, from what is one; empty: it is the path of a photograph."""
    try:
        return str(uuid.UUID(who))
    except ValueError:
        return ""


def _confirm(search: Search, out: Console, *, sure: bool) -> None:
    """Raises Refused where there is nobody to forget, or nobody says yes."""
    if search.probe is None:
        raise Refused("nobody", "there is no face in that photograph", "Give another one")
    if sure:
        return
    refusal = Refused("not_confirmed", "nobody was forgotten", "Answer yes when asked, or give --yes")
    if out.as_json or not sys.stdin.isatty():
        raise refusal
    out.say(f"They are in {len(search.photos):,} photograph(s) of this event. What is removed is gone for good.")
    out.say("Forget them? yes or no:")
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise refusal
