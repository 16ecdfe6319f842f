"""`edged event purge` and `purges`: ending events, for good and provably."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edged.commands import event_report
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.event_report import removed
from edged.commands.event_store import EventStore, opened
from edged.domain.errors import Refused, Unavailable
from edged.domain.timestamp import utc

if TYPE_CHECKING:
    from edged.photos.album import PhotoEvent, Purge
    from edged.photos.traces import Traces
    from edged.runtime.event_purge import EventPurge

_PURGE_EPILOG: Final = """\
What is destroyed: every photograph of the event in all its sizes, the templates of all faces, all
searches and selfies of guests and what they said of them, and with them every link and QR code. It
cannot be undone. What stays is a signed report of what was removed, and that the event was there.

With --verify the templates, digests, pictures and request ids of the event are noted in memory first,
and every file of the state directory is searched for their bytes in the end.

Exit codes: 0 purged, 1 there is no such event, it was not confirmed, something could not be removed
yet (it will be tried again), or a trace was found.

Examples:
  sudo -u edged edged event purge summer-party
  sudo -u edged edged event purge summer-party --yes --verify --report report.json
"""
_PURGES_EPILOG: Final = """\
Examples:
  sudo -u edged edged event purges
  sudo -u edged edged event purges --json | jq '.purges[].report'
"""
_PATIENCE_S: Final = 600.0
_LOOK_S: Final = 0.5

AddWord = Callable[..., argparse.ArgumentParser]


def register(add_word: AddWord) -> None:
    """Adds the words to `edged event`.

    Args:
        add_word: takes name, one line about it, description, epilog, and the function to run.
    """
    about = "Remove an event with everything that belongs to it, and sign a report of what was removed."
    purge = add_word("purge", "remove an event with all photographs and faces", about, _PURGE_EPILOG, _purge)
    purge.add_argument("slug", metavar="SLUG")
    purge.add_argument("--yes", action="store_true", help="do not ask")
    purge.add_argument("--verify", action="store_true", help="search every file for what must be gone")
    purge.add_argument("--report", type=Path, metavar="FILE", help="write the report there as well")
    about = "List the events that were purged on this device."
    add_word("purges", "events that were purged", about, _PURGES_EPILOG, _purges)
    event_report.register(add_word)


def _purge(args: argparse.Namespace, out: Console) -> int:
    with opened(args, out) as store:
        event = store.event(args.slug)
        if not args.yes:
            _confirm(event, out)
        traces = _noted_traces(store, event) if args.verify else None
        report = _purged(store, event, out)
        found = _searched(store, traces, out) if traces is not None else None
    if args.report:
        _write(args.report, report)
    lines = [f"{args.slug}: purged; nothing is left of it on this device.", f"  removed: {removed(report)}"]
    if traces is not None:
        lines.append(f"  searched every file for {len(traces)} traces: {len(found or ())} found")
    lines += (f"    {line}" for line in found or ())
    lines.append(f"  report: {args.report or f'edged event report {args.slug}'}")
    searched = None if traces is None else {"looked_for": len(traces), "found": list(found or ())}
    out.result({"report": dict(report), "verified": searched}, "\n".join(lines))
    return Exit.FAILED if found else Exit.OK


def _confirm(event: PhotoEvent, out: Console) -> None:
    """Has the event's slug typed."""
    refusal = Refused("not_confirmed", "nothing was purged", "Type the event's SLUG when asked, or give --yes")
    if out.as_json or not sys.stdin.isatty():
        raise refusal
    count = event.photos + event.waiting
    out.say(f"This destroys {event.plan.name}: {count} photographs, all faces and searches, every guest's link.")
    out.say("It cannot be undone. Type its name in addresses to go on:")
    if sys.stdin.readline().strip() != event.slug:
        raise refusal


def _noted_traces(store: EventStore, event: PhotoEvent) -> Traces:
    from edged.photos.traces import traces_of  # noqa: PLC0415

    with store.database.reading() as connection:
        return traces_of(connection, store.state.photo_files, event.id)


def _purged(store: EventStore, event: PhotoEvent, out: Console) -> Mapping[str, Any]:
    """Purges an event, by ourselves or together with the daemon; its report."""
    from edged.runtime.event_purge import EventPurge  # noqa: PLC0415

    out.progress("removing the event", 0.0)
    work = EventPurge(store.state, store.document, store.database)
    begun = work.begin(event.organisation, event.slug, by=store.by)
    if begun is None:
        raise Refused("no_event", f"the event {event.slug} is gone", "See it in edged event purges")
    work.sweep(lambda done, of: out.progress("removing photographs", 0.8 * done / of), begun.files)
    out.progress("removing what others were at meanwhile", 0.8)
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        report = _signed(store, begun) or _finished(store, work, begun)
        if report:
            out.progress("done", 1.0)
            return report
        time.sleep(_LOOK_S)
    raise Unavailable(
        f"{event.slug} is purged, but not everything could be removed yet",
        f"It is tried again; see edged event report {event.slug}",
    )


def _finished(store: EventStore, work: EventPurge, begun: Purge) -> Mapping[str, Any] | None:
    """Does what the daemon does, where none does it. None: one does, or it does not work at this moment."""
    from edged.runtime.purger import SETTLE_S  # noqa: PLC0415

    try:
        with store.state.purge_turn():
            time.sleep(SETTLE_S)
            work.finish(work.pending(), time.time())
    except Unavailable:
        return None
    return _signed(store, begun)


def _signed(store: EventStore, begun: Purge) -> Mapping[str, Any] | None:
    for purge in store.albums.purges(begun.organisation):
        if purge.event == begun.event and purge.report:
            report: dict[str, Any] = json.loads(purge.report)
            return report
    return None


def _searched(store: EventStore, traces: Traces, out: Console) -> Sequence[str]:
    from edged.photos.traces import look_for  # noqa: PLC0415

    found = look_for(traces, store.state.root, lambda done, of: out.progress("searching every file", done / max(of, 1)))
    return [f"{trace.what} in {trace.path} at {trace.at}" for trace in found]


def _purges(args: argparse.Namespace, out: Console) -> int:
    from edged.photos.purged_copies import PurgedCopies  # noqa: PLC0415

    with opened(args, out) as store:
        purges = store.albums.purges()
        copies = PurgedCopies(store.database).reports()
    document = [
        {
            "event": purge.event,
            "organisation": purge.organisation,
            "slug": purge.slug,
            "name": purge.name,
            "at": utc(purge.at),
            "by": purge.by,
            "photographs": purge.tally.photos,
            "report": json.loads(purge.report) if purge.report else None,
            "copies": list(copies.get(purge.event, ())),
        }
        for purge in purges
    ]
    rows = [
        (
            utc(purge.at),
            purge.slug,
            purge.name,
            str(purge.tally.photos),
            "signed" if purge.report else "being removed",
            ", ".join(one["purged"] for one in copies.get(purge.event, ())) or "-",
        )
        for purge in purges
    ]
    headings = ("PURGED", "EVENT", "NAME", "PHOTOS", "REPORT", "AT THE HUB")
    out.result({"purges": document}, columns((headings, *rows)) if rows else "No event was purged.")
    return Exit.OK


def _write(path: Path, report: Mapping[str, Any]) -> None:
    try:
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}", "It stays on the device, too.") from error
