"""What a round of sync would do, without doing it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from edged.central.account import Hold
from edged.central.ledger import Ledger
from edged.central.port import Centre, OtherLife
from edged.central.progress import Progress
from edged.central.reconcile import must_ask
from edged.domain.person import ModelRef

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done; people by the customer's key, or by their id where there is none.

    Attributes:
        enrol, change, remove: people here.
        waits: the removals are so many that they would wait for somebody's word.
        tell, withdraw: people whom the centre would be told of, and told to delete: how many of these.
        conflicts: a sentence and how often.
    """

    enrol: tuple[str, ...]
    change: tuple[str, ...]
    remove: tuple[str, ...]
    waits: bool
    tell: tuple[str, ...]
    withdraw: int
    conflicts: dict[str, int]


def preview(centre: Centre, ledger: Ledger, model: ModelRef, hold: Hold, *, push: bool) -> Preview:
    """Reads what the centre has to tell, and compares. Blocks for the network; nothing is changed anywhere.

    Raises:
        Unavailable, Refused: as the centre does.
    """
    progress = ledger.progress()
    if progress.centre != centre.name:
        progress = Progress(centre=centre.name)
    elif progress.model != model.digest:
        progress = progress.anew()
    shared = ledger.shared()
    whole = progress.whole or not centre.tells_deletions or not progress.cursor
    enrol, change, conflicts = dict[str, str](), dict[str, str](), dict[str, int]()
    gone, seen, more = dict[str, None](), set[str](), centre.lists
    careful = progress.careful
    while more:
        try:
            page = centre.changes(progress.cursor, model, _PAGE)
        except OtherLife:
            progress, whole, careful = progress.anew(), True, True
            page = centre.changes("", model, _PAGE)
        plan = ledger.plan(page, progress.listing, careful=careful)
        gone |= dict.fromkeys(plan.gone)
        seen |= {person.id for person in page.people}
        for step in plan.steps:
            name = step.remote.key or step.remote.id
            if not step.person:
                enrol[step.remote.id] = name
            elif step.takes_fields or step.add or step.drop:
                change[step.remote.id] = name
        for _central, what in plan.conflicts:
            conflicts[what] = conflicts.get(what, 0) + 1
        progress, more = replace(progress, cursor=page.cursor), page.more
    if whole and centre.lists:
        absent = [central for central in shared if central not in seen and central not in gone]
        careful = careful or (bool(absent) and centre.tells_deletions)  # which has lost them, and deleted nobody
        gone |= dict.fromkeys(absent)
    removed = tuple(shared[central] for central in gone if central in shared)
    waits = bool(removed) and (careful or must_ask(len(removed), len(shared), hold.share, hold.least))
    tell, withdraw = _untold(ledger) if push else ((), 0)
    return Preview(tuple(enrol.values()), tuple(change.values()), removed, waits, tell, withdraw, conflicts)


def _untold(ledger: Ledger) -> tuple[tuple[str, ...], int]:
    """Whom the centre would be told of, as things stand before what it has to tell, and how many deletions."""
    names, after = list[str](), -1
    while queued := ledger.queued(after, 100):
        names += [item.outgoing.key or item.person for item in queued if item.outgoing]
        after = queued[-1].revision
    return tuple(names), len(ledger.departed())
