"""What every word about events and photographs says and takes, wherever the store is: at a hub, or on a device."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from edged.api.albums import Albums
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.moment import moment
from edged.domain.errors import Refused
from edged.domain.timestamp import utc
from edged.photos.admission import MOST_CONSENT
from edged.photos.album import THRESHOLD, Doer, EventPlan, EventState, Features, PhotoEvent, Purge, Tally, Terms
from edged.photos.event_list import all_events

CREATE_EPILOG: Final = """\
A text of consent is what guests read before they look into a camera. When it changes, it gets
another version, and each search tells which one its guest agreed to. An event that is closed takes
no more photographs; one that has expired is over for guests, and can be purged.
"""
PURGE: Final = """\
Remove an event for good: its photographs with their files and faces, its searches, and the selfies
that were kept. That it was there, and what was removed, is remembered (`purges`); it never comes
back, but another event may have its name.
"""
_MOST_CONSENT_BYTES: Final = 4 * MOST_CONSENT
_HEADINGS: Final = ("SLUG", "NAME", "PHOTOS", "WAITING", "CREATED", "STATE")


def add_slug(parser: argparse.ArgumentParser, *, new: bool = False) -> None:
    parser.add_argument(
        "slug", metavar="SLUG", help="its name in addresses" + (": small letters, digits and -" if new else "")
    )


def add_plan(parser: argparse.ArgumentParser) -> None:
    """What `plan_of` reads."""
    add = parser.add_argument
    add("--name", help="its name for people (default: the slug)")
    add(
        "--threshold",
        type=float,
        default=THRESHOLD,
        metavar="C",
        help=f"the confidence, 0–1, from which a photograph is shown to somebody (default: {THRESHOLD})",
    )
    add("--consent", default="", metavar="TEXT|@FILE", help="what guests agree to, or the file that says it")
    add("--closes", type=moment, metavar="TIME", help="when it takes no more photographs: 2026-12-31T22:00Z, +8h")
    add("--expires", type=moment, metavar="TIME", help="when it is over for guests: 2027-01-31T00:00Z, +30d")
    add("--moderated", action="store_true", help="photographs are shown once somebody has let them through")
    add("--disabled", action="store_true", help="nothing of it is shown yet")
    add("--no-selfie-search", action="store_true", help="guests cannot search with a selfie")
    add("--no-downloads", action="store_true", help="guests cannot fetch original photographs")
    add("--no-originals", action="store_true", help="files are not kept as they came, only what is shown of them")
    add("--keep-selfies", action="store_true", help="what guests search with is kept until the purge")
    add(
        "--keep-faces",
        action="store_true",
        help="faces of a guest who asks to be forgotten stay in photographs, to be found",
    )


def add_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do it, without the slug being typed once more")


def plan_of(args: argparse.Namespace) -> EventPlan:
    """What was typed of `add_plan`. Raises Refused."""
    if not 0 <= args.threshold <= 1:
        raise Refused("bad_threshold", "a threshold is a confidence from 0 to 1")
    features = Features(
        enabled=not args.disabled, selfie_search=not args.no_selfie_search, downloads=not args.no_downloads
    )
    terms = Terms(
        consent=_consent(args.consent),
        closes=args.closes,
        expires=args.expires,
        keeps_selfies=args.keep_selfies,
        keeps_originals=not args.no_originals,
        is_moderated=args.moderated,
        forgets_faces=not args.keep_faces,
    )
    return EventPlan(args.name or args.slug, features, args.threshold, terms)


def create(albums: Albums, organisation: str, slug: str, plan: EventPlan, out: Console, *, by: Doer) -> int:
    event = albums.create_event(organisation, slug, plan, by=by)
    out.result(_document(event), f"The event {event.slug} of {event.organisation} is made.")
    return Exit.OK


def list_events(albums: Albums, organisation: str, out: Console) -> int:
    if albums.organisation(organisation) is None:
        raise Refused("no_organisation", f"there is no organisation {organisation}", "Is its slug written so?")
    events = list(all_events(albums, organisation))
    rows = [
        (one.slug, one.plan.name, str(one.photos), str(one.waiting), utc(one.created), _state(one)) for one in events
    ]
    out.result(
        {"events": [_document(event) for event in events]},
        columns((_HEADINGS, *rows)) if rows else "There is none yet.",
    )
    return Exit.OK


def show(
    albums: Albums, organisation: str, slug: str, out: Console, *, lines: Sequence[str] = (), **documents: Any
) -> int:
    """An event with what there is of it.

    Args:
        lines, documents: what else is said, for people and for programs.
    """
    event = _event(albums, organisation, slug)
    tally = albums.tally(event)
    out.result({**_document(event), "tally": asdict(tally), **documents}, "\n".join((*_lines(event, tally), *lines)))
    return Exit.OK


def close(albums: Albums, organisation: str, slug: str, out: Console, *, closed: bool, by: Doer) -> int:
    """Closes an event, or opens it again."""
    event = albums.close_event(organisation, slug, closed, by=by)
    if event is None:
        raise _no_event(organisation, slug)
    out.result(_document(event), _said_of(event))
    return Exit.OK


def _said_of(event: PhotoEvent) -> str:
    match event.state(time.time()):
        case EventState.OPEN:
            return f"The event {event.slug} takes photographs."
        case EventState.EXPIRED:
            return f"The event {event.slug} has been over since {utc(event.plan.terms.expires)}."
        case EventState.CLOSED:
            since = event.closed or event.plan.terms.closes
            return f"The event {event.slug} has taken no photographs since {utc(since)}."


def purge(albums: Albums, organisation: str, slug: str, out: Console, *, sure: bool, by: Doer) -> int:
    """Purges an event; asks for its slug where nobody is sure yet."""
    event = _event(albums, organisation, slug)
    if not sure:
        _ask(event, albums.tally(event), out)
    out.say("Removing …")
    done = albums.purge_event(organisation, slug, by=by)
    if done is None:
        raise _no_event(organisation, slug)
    out.result(purge_document(done), f"The event {slug} is gone: {removed(done.tally)}.")
    return Exit.OK


def purges(albums: Albums, organisation: str | None, out: Console) -> int:
    """The events that were purged, the latest first."""
    found = albums.purges(organisation)
    rows = [
        (one.organisation, one.slug, one.name, utc(one.at), str(one.tally.photos), "yes" if one.report else "no")
        for one in found
    ]
    out.result(
        {"purges": [purge_document(one) for one in found]},
        columns((("ORG", "SLUG", "NAME", "PURGED", "PHOTOS", "SIGNED"), *rows)) if rows else "There was none yet.",
    )
    return Exit.OK


def purge_document(done: Purge) -> dict[str, Any]:
    """What is left of an event, for programs."""
    return {**asdict(done), "at": utc(done.at)}


def removed(tally: Tally) -> str:
    """What was removed, in words."""
    counts = (
        (tally.photos, "photograph", "photographs"),
        (tally.faces, "face", "faces"),
        (tally.searches, "search", "searches"),
        (tally.selfies, "selfie", "selfies"),
    )
    *most, last = (f"{number:,} {one if number == 1 else many}" for number, one, many in counts)
    return f"{', '.join(most)} and {last}"


def _ask(event: PhotoEvent, tally: Tally, out: Console) -> None:
    """Raises Refused where whoever sits there does not type the slug."""
    out.say(f"{event.plan.name}: {removed(tally)}. They are removed for good.\nType {event.slug} to go on:")
    typed = "" if out.as_json else sys.stdin.readline()
    if typed.strip() != event.slug:
        raise Refused("not_confirmed", "nothing was removed", f"Type {event.slug}, or add --yes")


def _lines(event: PhotoEvent, tally: Tally) -> Iterator[str]:
    features, terms = event.plan.features, event.plan.terms
    yield f"{event.plan.name} ({event.organisation}/{event.slug})"
    answers = {True: "yes", False: "no"}
    yield columns(
        (
            ("id", event.id),
            ("state", _state(event)),
            ("closes", utc(terms.closes) or "when somebody closes it"),
            ("expires", utc(terms.expires) or "when somebody purges it"),
            ("photographs", f"{tally.shown:,} shown, {tally.waiting:,} waiting, {tally.hidden:,} hidden"),
            ("size", f"{tally.size / 1e6:,.1f} MB as they came"),
            ("faces", f"{tally.faces:,}"),
            ("searches", f"{tally.searches:,}, {tally.denials:,} times somebody said: not me"),
            ("selfies", f"{tally.selfies:,} kept" if terms.keeps_selfies or tally.selfies else "none are kept"),
            ("guests forgotten", f"{tally.guests_forgotten:,}"),
            ("selfie search", answers[features.selfie_search]),
            ("downloads", answers[features.downloads]),
            ("originals kept", answers[terms.keeps_originals]),
            ("moderated", answers[terms.is_moderated]),
            ("threshold", f"{event.plan.threshold:g}"),
            ("consent", f"version {event.consent_version}" + ("" if terms.consent else ", no text of its own")),
        )
    )
    yield from (f"  {line}" for line in terms.consent.splitlines())


def _document(event: PhotoEvent) -> dict[str, Any]:
    features, terms = event.plan.features, event.plan.terms
    return {
        "id": event.id,
        "organisation": event.organisation,
        "slug": event.slug,
        "name": event.plan.name,
        "created": utc(event.created),
        "state": event.state(time.time()).value,
        "closed": utc(event.closed),
        "enabled": features.enabled,
        "selfie_search": features.selfie_search,
        "downloads": features.downloads,
        "threshold": event.plan.threshold,
        **asdict(terms),
        "closes": utc(terms.closes),
        "expires": utc(terms.expires),
        "consent_version": event.consent_version,
        "photos": event.photos,
        "waiting": event.waiting,
    }


def _state(event: PhotoEvent) -> str:
    state = event.state(time.time()).value
    return state if event.plan.features.enabled else f"disabled, {state}"


def _consent(text: str) -> str:
    """The text itself, or what the file after the `@` says."""
    if not text.startswith("@"):
        return text
    path = Path(text[1:])
    try:
        with path.open("rb") as file:
            said = file.read(_MOST_CONSENT_BYTES + 1)
        if len(said) <= _MOST_CONSENT_BYTES:
            return said.decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("bad_consent", f"the text of consent in {path} cannot be read", "Name a file in UTF-8") from error
    raise Refused("bad_consent", f"{path} is longer than {MOST_CONSENT:,} characters", "Shorten it")


def _event(albums: Albums, organisation: str, slug: str) -> PhotoEvent:
    event = albums.event(organisation, slug)
    if event is None:
        raise _no_event(organisation, slug)
    return event


def _no_event(organisation: str, slug: str) -> Refused:
    return Refused("no_event", f"{organisation} has no event {slug}", "See the word `list`")
