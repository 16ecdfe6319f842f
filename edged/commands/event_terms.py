"""What whoever organises an event says about it on the command line, and what is shown of one."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edged.commands.moment import span_s, utc
from edged.domain.errors import Refused

if TYPE_CHECKING:
    from edged.photos.album import EventPlan, PhotoEvent

_MOST_CONSENT_BYTES: Final = 64 * 1024


def add_terms(parser: argparse.ArgumentParser) -> None:
    """Adds what an event may be told."""
    parser.add_argument("--name", help="its name for people (default: the slug)")
    parser.add_argument(
        "--consent", metavar="TEXT", help="what guests agree to before they look into the camera; @FILE reads it there"
    )
    parser.add_argument("--closes", metavar="WHEN", help="no more photographs from then on")
    parser.add_argument("--expires", metavar="WHEN", help="over for guests from then on, and purged")
    parser.add_argument("--moderated", action="store_true", help="photographs are shown once somebody let them through")
    parser.add_argument("--keep-selfies", action="store_true", help="keep the photographs that guests search with")
    parser.add_argument(
        "--no-originals", action="store_true", help="keep what is shown of photographs, not the files as they came"
    )
    parser.add_argument(
        "--keep-faces",
        action="store_true",
        help="a guest who asks to be forgotten stays findable in photographs by others who look like them",
    )
    parser.add_argument("--no-selfie-search", action="store_true", help="guests cannot search with a selfie")
    parser.add_argument("--no-downloads", action="store_true", help="guests cannot fetch original photographs")
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="C",
        help="the confidence, 0–1, from which a photograph is shown to somebody (default: 0.75)",
    )


def plan_of(args: argparse.Namespace, now: float) -> EventPlan:
    """What the arguments say.

    Args:
        now: UTC seconds since the epoch.

    Raises:
        Refused: `time`, `bad_threshold`, `no_file`: one of them is no good.
    """
    from edged.photos.album import THRESHOLD, EventPlan, Features, Terms  # noqa: PLC0415  not for `--help`

    threshold = THRESHOLD if args.threshold is None else args.threshold
    if not 0 <= threshold <= 1:
        raise Refused("bad_threshold", "a threshold is a confidence from 0 to 1")
    closes, expires = (None if text is None else moment_of(text, now) for text in (args.closes, args.expires))
    if closes is not None and expires is not None and expires < closes:
        raise Refused("time", "the event would be over before it closes", "Say a later time with --expires")
    return EventPlan(
        args.name or args.slug,
        Features(selfie_search=not args.no_selfie_search, downloads=not args.no_downloads),
        threshold,
        Terms(
            consent=_text(args.consent or ""),
            closes=closes,
            expires=expires,
            keeps_selfies=args.keep_selfies,
            keeps_originals=not args.no_originals,
            is_moderated=args.moderated,
            forgets_faces=not args.keep_faces,
        ),
    )


def moment_of(text: str, now: float) -> float:
    """`12h` from now, or `2026-12-31T23:30` on this machine's clock: UTC seconds since the epoch.

    Raises:
        Refused: `time`: it is neither, or it is over.
    """
    try:
        seconds = now + span_s(text)
    except argparse.ArgumentTypeError:
        try:
            seconds = datetime.fromisoformat(text).astimezone().timestamp()
        except (ValueError, OverflowError):
            raise Refused("time", f"{text} is no time", "Write it so: 12h, 3d, 2026-12-31T23:30.") from None
    if seconds <= now:
        raise Refused("time", f"{text} is over", "Say a time that is to come")
    return seconds


def event_document(event: PhotoEvent, now: float) -> dict[str, Any]:
    """An event for programs."""
    plan, terms = event.plan, event.plan.terms
    return {
        "id": event.id,
        "organisation": event.organisation,
        "slug": event.slug,
        "name": plan.name,
        "state": event.state(now).value,
        "created": utc(event.created),
        "closed": utc(event.closed),
        "closes": utc(terms.closes),
        "expires": utc(terms.expires),
        "photos": event.photos,
        "waiting": event.waiting,
        "threshold": plan.threshold,
        "consent": terms.consent,
        "consent_version": event.consent_version,
        "moderated": terms.is_moderated,
        "keeps_selfies": terms.keeps_selfies,
        "keeps_originals": terms.keeps_originals,
        "forgets_faces": terms.forgets_faces,
        "selfie_search": plan.features.selfie_search,
        "downloads": plan.features.downloads,
    }


def local(seconds: float | None) -> str:
    """For people: `2026-12-31 23:30`, on this machine's clock; a dash where there is none."""
    return "–" if seconds is None else f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"


def _text(said: str) -> str:
    """Itself, or what is in the file that it names with an @."""
    if not said.startswith("@"):
        return said
    path = Path(said[1:])
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_CONSENT_BYTES + 1)
        if len(content) > _MOST_CONSENT_BYTES:
            raise Refused("too_large", f"{path} has more than {_MOST_CONSENT_BYTES:,} bytes", "Shorten the text")
        return content.decode().strip()
    except OSError as error:
        raise Refused("no_file", f"{path} cannot be read: {error.strerror}", "Check the path") from error
    except UnicodeDecodeError as error:
        raise Refused("no_text", f"{path} is no text", "Save it as UTF-8") from error
