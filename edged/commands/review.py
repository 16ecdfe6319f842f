"""`edged review`: strangers who were seen."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edged.commands.console import Console, Exit
from edged.commands.enroll import enroll
from edged.commands.people_import import add_terms
from edged.domain.errors import Refused, Unavailable
from edged.domain.person import Person
from edged.domain.timestamp import utc

if TYPE_CHECKING:
    from edged.recognition.finding import Looked
    from edged.recognition.review import Group
    from edged.runtime.review_queue import ReviewQueue
    from edged.vision.sight import Sight

_DESCRIPTION = """\
Look through the strangers whom the cameras have seen: visits whose outcome is unknown and of which
pictures are kept. Visits of one stranger are shown as one group. Nothing is remembered of their
faces: who is neither enrolled nor seen again is forgotten with the pictures.
"""
_LIST_EPILOG = """\
Examples:
  edged review list
  edged review list --html strangers.html      with their pictures, one page to look at
  edged review list --json | jq -r '.groups[] | select(.visits > 3).group'
"""
_ENROLL_EPILOG = """\
Exit codes: 0 all pictures were taken, 1 at least one was refused (the others are enrolled).

Examples:
  edged review enroll 0199a2b4-11 4712 --name "Ben Cole"
"""
_DISMISS_EPILOG = """\
Examples:
  edged review dismiss 0199a2b4-11
"""
_PICTURES: Final = 5
"""Of a group, that are enrolled."""
_ID_LENGTH: Final = 13
"""Characters of an id that are shown at least: the time in it, to the millisecond."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `review` and its words."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "review",
        help="strangers who were seen: enrol them, or dismiss them",
        description=_DESCRIPTION,
        formatter_class=raw,
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    about = "List strangers, those seen last first."
    listing = words.add_parser("list", help="who was seen", description=about, epilog=_LIST_EPILOG, formatter_class=raw)
    listing.add_argument("--html", metavar="FILE", type=Path, help="also write a page with their pictures")
    listing.set_defaults(run=_list)
    about = "Enrol a stranger from the best pictures of their visits."
    enrolling = words.add_parser(
        "enroll", help="enrol a stranger", description=about, epilog=_ENROLL_EPILOG, formatter_class=raw
    )
    enrolling.add_argument("group", metavar="GROUP", help="the first characters of the group's id")
    enrolling.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    enrolling.add_argument("--name", default="", help="display name")
    enrolling.add_argument("--group", dest="groups", action="append", default=[], help="a group they belong to")
    add_terms(enrolling)
    enrolling.set_defaults(run=_enroll)
    about = "Put a stranger's visits aside. When they come again, the new visit is listed."
    dismissing = words.add_parser(
        "dismiss", help="put visits aside", description=about, epilog=_DISMISS_EPILOG, formatter_class=raw
    )
    dismissing.add_argument("group", metavar="GROUP", help="the first characters of the group's id")
    dismissing.set_defaults(run=_dismiss)
    for word in (listing, enrolling, dismissing):
        word.add_argument("--visits", type=int, default=500, metavar="N", help="visits to look at (default: 500)")


def _list(args: argparse.Namespace, out: Console) -> int:
    queue, _sight, groups = _look(args, out)
    if args.html:
        _write_page(args.html, queue, groups)
    out.progress("done", 1.0)
    out.result(
        {"groups": [_document(some) for some in groups]},
        "\n".join(_line(some, groups) for some in groups) or "No strangers to look through.",
    )
    return Exit.OK


def _enroll(args: argparse.Namespace, out: Console) -> int:
    from edged.gallery.admission import clean_person  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.recognition.enrolment import portray  # noqa: PLC0415
    from edged.runtime.review_queue import find_group  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    person = clean_person(Person(id="", customer_person_id=args.id, name=args.name, groups=tuple(args.groups)))
    queue, sight, groups = _look(args, out)
    some = find_group(groups, args.group)
    looked: list[tuple[str, Looked]] = []
    for seen in sorted(some.seen, key=lambda item: -item.quality)[:_PICTURES]:
        picture = queue.picture(seen.event)
        if picture is None:
            continue
        try:
            # The picture was cut out around the face, so the largest one in it is meant.
            look: Looked = portray(sight, picture, args.document.quality, largest=True, covered_eyes=args.covered_eyes)
        except Refused as refusal:
            look = refusal
        looked.append((f"event {seen.event}", look))
    code = enroll(args, out, StateDir.of(args.document), sight, person, looked)
    if any(not isinstance(look, Refused) for _name, look in looked):
        queue.dismiss(some, time.time())
    return code


def _dismiss(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.review_queue import find_group  # noqa: PLC0415

    queue, _sight, groups = _look(args, out)
    some = find_group(groups, args.group)
    queue.dismiss(some, time.time())
    out.progress("done", 1.0)
    out.result({"dismissed": [seen.visit for seen in some.seen]}, f"{len(some.seen)} visit(s) put aside")
    return Exit.OK


def _look(args: argparse.Namespace, out: Console) -> tuple[ReviewQueue, Sight, tuple[Group, ...]]:
    from edged.runtime.review_queue import ReviewQueue  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415
    from edged.vision.sight import open_sight  # noqa: PLC0415

    state = StateDir.of(args.document)
    out.progress("loading the models", 0.0)
    sight = open_sight(args.document.models)
    queue = ReviewQueue.of(args.document)
    with closing(state.open_gallery(args.document, sight.model)) as gallery:
        return queue, sight, queue.groups(sight, gallery.snapshot(), args.visits, out.progress)


def _document(some: Group) -> dict[str, Any]:
    likely = some.likely
    return {
        "group": some.id,
        "visits": len(some.seen),
        "first": utc(some.seen[-1].at),
        "last": utc(some.newest.at),
        "cameras": sorted({seen.camera for seen in some.seen}),
        "best_event": some.best.event,
        "events": [seen.event for seen in some.seen],
        "likely": likely
        and {
            "customer_person_id": likely.person.customer_person_id,
            "name": likely.person.name,
            "similarity": round(likely.similarity, 4),
        },
    }


def _line(some: Group, groups: Sequence[Group]) -> str:
    cameras = ", ".join(sorted({seen.camera for seen in some.seen}))
    return f"{_short(some, groups)}  {_times(some)} at {cameras}{_likely(some)}"


def _times(some: Group) -> str:
    last = f"{_local(some.newest.at)}"
    return f"seen {last}" if len(some.seen) == 1 else f"seen {len(some.seen)} times, last {last}"


def _likely(some: Group) -> str:
    if some.likely is None:
        return ""
    person = some.likely.person
    return f"; resembles {person.name or person.customer_person_id} ({some.likely.similarity:.2f})"


def _short(some: Group, groups: Sequence[Group]) -> str:
    """As much of the group's id as tells it from all others."""
    length = _ID_LENGTH
    while length < len(some.id) and any(other is not some and other.called(some.id[:length]) for other in groups):
        length += 1
    return some.id[:length]


def _write_page(path: Path, queue: ReviewQueue, groups: Sequence[Group]) -> None:
    from edged.vision.thumbnail import thumbnail  # noqa: PLC0415
    from edged.web.contact_sheet import Card, Mark, Section, contact_sheet  # noqa: PLC0415

    def cards() -> Iterator[Card]:
        for some in groups:
            picture = queue.picture(some.best.event)
            short = _short(some, groups)
            cameras = ", ".join(sorted({seen.camera for seen in some.seen}))
            mark = Mark.DOUBTFUL if some.likely else Mark.PLAIN
            verdict = _likely(some).removeprefix("; ") or "not known"
            remedy = f"edged review enroll {short} ID, or edged review dismiss {short}"
            yield Card(f"{short} at {cameras}", _times(some), mark, verdict, remedy, picture and thumbnail(picture))

    visits = sum(len(some.seen) for some in groups)
    about = [f"Strangers: {len(groups):,}. Visits: {visits:,}. Those seen last come first."]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(contact_sheet("Strangers", about, [Section("To look through", cards())]))
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}", "Choose another folder.") from error


def _local(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
