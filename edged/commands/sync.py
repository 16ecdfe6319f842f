"""`edged sync`: people and their faces, between this device and its centre."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from edged.central.account import Account, Hold
from edged.central.follower import Counts, Follower, Round, Terms
from edged.central.ledger import Ledger
from edged.central.port import EVERY_FIELD
from edged.central.preview import Preview, preview
from edged.commands.console import Console, Exit
from edged.commands.noted import noted
from edged.config.document import Document
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.domain.timestamp import utc
from edged.gallery.face_book import FaceBook
from edged.gallery.people import People
from edged.runtime.portraits import Portraits
from edged.runtime.roster_digest import digest_of
from edged.runtime.scribe import operator
from edged.runtime.state_dir import StateDir
from edged.runtime.witness import witness
from edged.vision.manifest import read_embedder
from edged.vision.sight import open_sight

if TYPE_CHECKING:
    from edged.central.port import Centre
    from edged.vision.sight import Sight

_T = TypeVar("_T")

_DESCRIPTION: Final = """\
Exchange people and their faces with the centre (the section `central` of the configuration). A
running edged does this by itself; both at once do no harm.

  now        fetch, remove and tell, once, and say what was done (the default)
  status     how far this device is, what waits, and why
  held       who was deleted at the centre and is kept here until somebody says so:
             so many at once that it may be a mistake, or a centre that was put back from a backup
  conflicts  what both sides had changed, and how that was settled
"""
_EPILOG: Final = """\
The rules: whoever is deleted on either side is deleted on both; fields that changed at the centre
hold; faces that came on either side are had by both. See docs/sync.md.

Exit codes: 0 it worked, 1 the centre is away or refuses us, 78 the configuration is invalid.

Examples:
  edged sync --dry-run
  edged sync status
  edged sync held --remove
"""
_SHOWN: Final = 20
_CONFLICTS: Final = 100


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "sync",
        help="exchange people with the centre",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("word", nargs="?", choices=(*_WORDS,), default="now", metavar="WORD", help="see above")
    parser.add_argument("--dry-run", action="store_true", help="now: only say what would be done")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--remove", action="store_true", help="held: remove them here, too")
    either.add_argument("--keep", action="store_true", help="held: keep them, and tell the centre of them again")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace, out: Console) -> int:
    if args.document.central.kind == "none":
        raise Refused("no_centre", "this device has no centre", "Set central.kind, central.url and central.token_file.")
    if (args.remove or args.keep) and args.word != "held":
        raise Refused("bad_option", "--remove and --keep go with `edged sync held`")
    if args.dry_run and args.word != "now":
        raise Refused("bad_option", "--dry-run goes with `edged sync now`")
    state = StateDir.of(args.document)
    who = f"sync:{args.document.central.kind}" if args.word == "now" else operator()
    with noted(state, args.document, out) as scribe, closing(state.open_people(args.document)) as people:
        people.witness = witness(scribe, who)
        return _WORDS[args.word](args, out, state, people)


def _now(args: argparse.Namespace, out: Console, state: StateDir, people: People) -> int:
    document: Document = args.document
    model = _model(document)
    hold = Hold(document.central.hold_share, document.central.hold_least)
    with _centre(document) as centre:
        ledger = _ledger(people, document, centre.keeps)
        if args.dry_run:
            found = preview(centre, ledger, model, hold, push=document.central.push)
            out.result(_preview_document(found), _preview_text(found))
            return Exit.OK

        def told(taken: int, refused: int) -> None:
            out.progress(f"{taken:,} people" + (f", {refused:,} not whole" if refused else ""), 0.5)

        with state.sync_turn():
            portraits = Portraits(_on_sight(document))
            follower = Follower(centre, ledger, model, portraits.make, receipt=people.departures.receipt, told=told)
            done = follower.round(Terms(hold, document.central.push, refresh=True))
            while done.more:
                after = follower.round(Terms(hold, document.central.push))
                done = replace(after, people=done.people + after.people, pushed=done.pushed + after.pushed)
            counts = Counts(people.count(), people.count_templates(model))
            follower.report(follower.account(), counts, digest_of(state.people), time.time())
    account = ledger.account()
    out.result({**_round_document(done), "sync": _account_document(account, document)}, _round_text(done, account))
    return Exit.OK


def _status(args: argparse.Namespace, out: Console, _state: StateDir, people: People) -> int:
    account = _ledger(people, args.document).account()
    out.result(_account_document(account, args.document), _account_text(account, args.document))
    return Exit.OK


def _held(args: argparse.Namespace, out: Console, state: StateDir, people: People) -> int:
    ledger = _ledger(people, args.document)
    shared = ledger.shared()
    keys = [shared[central] for central in ledger.account().pending]
    if args.remove or args.keep:
        with state.sync_turn():
            if args.keep:
                ledger.keep_held()
            else:
                ledger.sweep(None)
        done = "kept" if args.keep else "removed"
        out.result({done: keys}, f"{len(keys)} people were {done}." if keys else "Nobody was held.")
        return Exit.OK
    text = "Nobody is held."
    if keys:
        text = "\n".join(
            [
                f"{len(keys)} people were deleted at the centre and are still recognised here:",
                *_listed(keys),
                "If that is right: edged sync held --remove. If it is a mistake: edged sync held --keep.",
            ]
        )
    out.result({"held": keys}, text)
    return Exit.OK


def _conflicts(args: argparse.Namespace, out: Console, _state: StateDir, people: People) -> int:
    ledger = _ledger(people, args.document)
    shared, conflicts = ledger.shared(), ledger.account(_CONFLICTS).conflicts
    rows = [(utc(item.at), shared.get(item.central, item.central), item.what) for item in conflicts]
    out.result(
        {"conflicts": [dict(zip(("at", "person", "what"), row, strict=True)) for row in rows]},
        "\n".join(f"{at}  {person}: {what}" for at, person, what in rows) or "There was no conflict.",
    )
    return Exit.OK


_WORDS: Final[dict[str, Callable[[argparse.Namespace, Console, StateDir, People], int]]] = {
    "now": _now,
    "status": _status,
    "held": _held,
    "conflicts": _conflicts,
}


def _model(document: Document) -> ModelRef:
    return read_embedder(document.models.directory, document.models.embedder).model


def _ledger(people: People, document: Document, keeps: frozenset[str] = EVERY_FIELD) -> Ledger:
    """The ledger of the people on the disk; a running daemon sees what is changed within a moment."""
    people.keep_crops = document.privacy.keep_crops
    model = _model(document)

    def change(work: Callable[[FaceBook], _T]) -> _T:
        with people.changing(model) as book:
            return work(book)

    return Ledger(change, keeps)


@contextmanager
def _centre(document: Document) -> Iterator[Centre]:
    from edged.central.dialects import open_centre  # noqa: PLC0415  not for `status`

    centre = open_centre(document.central, document.device.name, now=time.monotonic, sleep=time.sleep)
    try:
        yield centre
    finally:
        centre.close()


def _on_sight(document: Document) -> Any:
    """Models of this process, loaded when the first picture is looked at."""
    loaded: list[Sight] = []

    def on_sight(work: Callable[[Sight], _T]) -> _T:
        if not loaded:
            loaded.append(open_sight(document.models))
        return work(loaded[0])

    return on_sight


def _listed(keys: list[str] | tuple[str, ...]) -> list[str]:
    more = len(keys) - _SHOWN
    return [f"  {key}" for key in keys[:_SHOWN]] + ([f"  … and {more:,} more (--json lists all)"] if more > 0 else [])


def _preview_document(found: Preview) -> dict[str, Any]:
    return {
        "enrol": found.enrol,
        "change": found.change,
        "remove": found.remove,
        "waits_for_confirmation": found.waits,
        "tell": found.tell,
        "withdraw": found.withdraw,
        "conflicts": found.conflicts,
    }


def _preview_text(found: Preview) -> str:
    lines = []
    for keys, what in (
        (found.enrol, "to be enrolled here"),
        (found.change, "to be changed here"),
        (found.remove, "to be removed here"),
        (found.tell, "to be told to the centre"),
    ):
        if keys:
            lines += [f"{len(keys):,} {what}:", *_listed(keys)]
    if found.waits:
        lines.append("So many removals would wait for your word: edged sync held.")
    if found.withdraw:
        lines.append(f"{found.withdraw:,} would be deleted at the centre, since they were deleted here.")
    lines += [f"Conflict, {count} ×: {what}" for what, count in found.conflicts.items()]
    return "\n".join(lines) or "Nothing would change."


def _round_document(done: Round) -> dict[str, Any]:
    return {"taken": done.people, "told": done.pushed, "held": done.held, "not_taken": dict(done.stuck)}


def _round_text(done: Round, account: Account) -> str:
    lines = [
        f"Taken over: {done.people:,}; told to the centre: {done.pushed:,}; people on both sides: {account.linked:,}."
    ]
    if done.held:
        lines.append(f"{done.held:,} deletions wait for your word: edged sync held.")
    if done.denied:
        lines.append(f"The centre is told nothing: {done.denied.what}")
    lines += [f"The centre does not take person {person}: {why}" for person, why in done.stuck[:_SHOWN]]
    return "\n".join(lines)


def _account_document(account: Account, document: Document) -> dict[str, Any]:
    progress = account.progress
    return {
        "centre": document.central.url,
        "kind": document.central.kind,
        "revision": progress.revision,
        "followed": utc(progress.followed or None),
        "reading_whole_list": progress.whole,
        "restored_centre": progress.careful,
        "groups": progress.groups,
        "shared": account.linked,
        "queued": account.queued,
        "held": account.held,
        "not_whole": dict(progress.refused),
    }


def _account_text(account: Account, document: Document) -> str:
    progress = account.progress
    rows = [
        ("centre", f"{document.central.url} ({document.central.kind})"),
        ("everything was here", utc(progress.followed or None) or "never"),
        ("its revision then", f"{progress.revision:,}"),
        ("whom it shall know", "everybody" if progress.groups is None else ", ".join(progress.groups) or "nobody"),
        ("people on both sides", f"{account.linked:,}"),
        ("to be told", f"{account.queued:,}"),
        ("deletions held", f"{account.held:,}" + (" – edged sync held" if account.held else "")),
    ]
    lines = [f"{name:<22}{value}" for name, value in rows]
    if progress.whole:
        lines.append("The whole list is being read.")
    if progress.careful:
        lines.append(
            "The centre was put back from a backup, or has lost people: nobody is removed until you say so, see"
            " edged sync held."
        )
    lines += [f"not whole: {central}: {why}" for central, why in list(progress.refused.items())[:_SHOWN]]
    return "\n".join(lines)
