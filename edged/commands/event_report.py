"""`edged event report` and `verify-report`: the figures of an event, and what was removed of it."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from edged.commands.console import Console, Exit
from edged.commands.event_figures import in_words
from edged.commands.event_store import opened
from edged.domain.errors import Refused, Unavailable

_REPORT_EPILOG: Final = """\
For an event that is there: what came in, by source and hour, what is shown, who searched and found how
much, consent and deletions. For one that was purged: what was removed, and what its hub says of its
copies. All are signed with this device's key; --json prints the document that `edged event
verify-report` checks, of a hub's copies `edged event purges --json` does.

Exit codes: 0 shown, 1 there is no such event.

Examples:
  sudo -u edged edged event report summer-party
  sudo -u edged edged event report summer-party --json > summer-party.json
"""
_VERIFY_EPILOG: Final = """\
Exit codes: 0 the report is genuine, 1 it is not.

Examples:
  sudo -u edged edged event verify-report summer-party.json
"""

_MOST_BYTES: Final = 4 * 1024 * 1024


def register(add_word: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds the words to `edged event`, as `edged.commands.event_purge.register`."""
    about = "Show the figures of an event, or what was removed of one that was purged."
    report = add_word("report", "figures of an event, signed", about, _REPORT_EPILOG, _report)
    report.add_argument("slug", metavar="SLUG")
    about = "Check that nothing in a report was changed since a device signed it."
    verify = add_word("verify-report", "check a report, of this or any other device", about, _VERIFY_EPILOG, _verify)
    verify.add_argument("file", type=Path, metavar="FILE", help="as --json or the page gave it")


def _report(args: argparse.Namespace, out: Console) -> int:
    from edged.photos.purged_copies import PurgedCopies  # noqa: PLC0415
    from edged.runtime.closing_report import closing_report  # noqa: PLC0415

    with opened(args, out) as store:
        purges = [purge for purge in store.albums.purges(store.organisation) if purge.slug == args.slug]
        if not purges or store.albums.event(store.organisation, args.slug) is not None:
            event = store.event(args.slug)
            figures = closing_report(
                store.state, args.document, store.albums, event, time.time(), store.memory.refusals(event.id)
            )
            out.result(dict(figures), in_words(figures))
            return Exit.OK
        copies = PurgedCopies(store.database).of(purges[0].event)
    if not purges[0].report:
        raise Unavailable(f"{args.slug} is being removed", "Its report comes as soon as nothing is left of it")
    report = json.loads(purges[0].report)
    lines = [f"{report['name']} ({report['slug']}) was purged by {report['by']}."]
    lines += [f"  requested {report['requested']}, nothing left {report['completed']}"]
    lines += [f"  removed: {removed(report)}"]
    lines += [f"  {one['hub']} says: purged {one['purged']}, removed: {removed(one)}" for one in copies]
    out.result(dict(report), "\n".join(lines))
    return Exit.OK


def removed(report: Mapping[str, Any]) -> str:
    """What a purge removed, in words."""
    return ", ".join(f"{count:,} {what}" for what, count in report["removed"].items() if count) or "nothing was there"


def _verify(args: argparse.Namespace, out: Console) -> int:
    from edged.vault.receipt import is_genuine  # noqa: PLC0415

    try:
        with args.file.open("rb") as file:
            report = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError) as error:
        raise Refused("unreadable", f"{args.file} is no report: {error}") from error
    if isinstance(report, dict) and isinstance(report.get("report"), dict):
        report = report["report"]  # as `edged event purge --json` prints it
    genuine = isinstance(report, dict) and is_genuine(report)
    told = {name: report.get(name, "") if isinstance(report, dict) else "" for name in ("kind", "device", "public_key")}
    text = f"genuine: signed by the device {told['device']} with the key {told['public_key']}"
    out.result({"genuine": genuine, **told}, text if genuine else "not genuine: it was changed, or is no report")
    return Exit.OK if genuine else Exit.FAILED
