"""One round of sync: what the centre tells, what it is told, and how the device stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from edged.central.account import Account, Hold
from edged.central.ledger import Ledger
from edged.central.port import HOPELESS, Centre, OtherLife, Page, Picture, RemoteFace, Standing, TryLater
from edged.central.progress import Progress
from edged.central.taking import Portraits
from edged.central.teller import Receipt, Teller, Told
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.domain.person import ModelRef, Template

_PAGE: Final = 500
_LEAST_PAGE: Final = 16
"""So few are asked for at once on a line that does not last for more."""
_AT_ONCE: Final = 100
"""People in one transaction: events of the cameras wait no longer than for these."""
_MOST_FAULTS: Final = 3
"""So many pictures in a row that cannot be fetched mean that the centre is away, not that they are bad."""
_REPAIR_S: Final = 3600.0
"""A roster that differs is read anew no more often than that."""
_KEPT_S: Final = 600.0
"""That the device has everything is written down so often while nothing changes: cards wear out."""

Portray = Callable[[Picture, str], Template]
"""From a picture and the hash that is to name it to a template. Blocks; raises Refused where no face can be used, and
Unavailable where the device has no time for it."""


class Watcher(Protocol):
    """Told how far a round is."""

    def __call__(self, people: int, refused: int, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What sync may do.

    Attributes:
        hold: when somebody is asked before people are removed.
        push: whether the centre is told of what is done here.
        only_gone: fetch no people and tell nothing: only who is deleted.
        refresh: ask a centre that does not list for everybody whom both know.
    """

    hold: Hold
    push: bool = True
    only_gone: bool = False
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did.

    Attributes:
        people: that the centre told of; held: deletions that wait for a person's word.
        pushed, stuck, more, denied: see `Told`.
        owed: receipts of deletions that are not ready yet.
    """

    people: int
    held: int
    pushed: int
    stuck: tuple[tuple[str, str], ...]
    more: bool
    denied: Refused | None
    owed: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Whom the device can recognise, whoever enrolled them."""

    persons: int
    templates: int


class Follower:
    """Follows a centre. One thread; every method blocks for as long as the network and the disk take.

    Args:
        receipt: from our id of a deleted person to the signed receipt; None while traces of theirs are still removed.
        told: told of progress, after every hundred people.
    """

    def __init__(
        self,
        centre: Centre,
        ledger: Ledger,
        model: ModelRef,
        portray: Portray,
        *,
        receipt: Receipt = lambda _person: None,
        told: Watcher = lambda _people, _refused: None,
    ) -> None:
        self._centre = centre
        self._ledger = ledger
        self._model = model
        self._portray = portray
        self._receipt = receipt
        self._teller = Teller(centre, ledger, model)
        self._told = told
        self._at_once = _PAGE
        self._people = 0
        self._faults = 0
        self._moved = False

    def account(self) -> Account:
        """How things stand here; nobody is asked."""
        return self._ledger.account()

    def round(self, terms: Terms) -> Round:
        """Fetches, removes and tells. What fails leaves all that was done before it in place, and is gone on with.

        Raises:
            Unavailable: try again later; TryLater says when.
            Refused: the centre does not let the device in, or does not understand it.
        """
        self._people = self._faults = 0
        held = self.pull(terms) if self._centre.lists else self._refresh(terms)
        told = self._teller.tell() if terms.push and not terms.only_gone else Told()
        return Round(
            self._people, held, told.pushed, told.stuck, told.more, told.denied, self._teller.hand_in(self._receipt)
        )

    def pull(self, terms: Terms) -> int:
        """Takes over all that the centre has to tell; returns how many deletions wait for a person's word."""
        if terms.only_gone and not self._centre.tells_deletions:
            return 0
        progress, held, more = self._beginning(), 0, True
        while more:
            page, progress = self._page(progress, 0 if terms.only_gone else self._at_once)
            if page.begins and (progress.cursor or not progress.whole):
                progress = replace(progress.anew(), revision=progress.revision)
            if page.gone:  # at once, whatever is still to be read or looked at
                progress = self._take(replace(page, people=(), cursor=progress.cursor), progress)
                held = self._ledger.sweep(terms.hold)
            progress = self._take(replace(page, gone=()), progress)
            more = page.more and not terms.only_gone
        if terms.only_gone:
            return held
        self._ledger.end(progress, _KEPT_S, absent_are_gone=not self._centre.tells_deletions)
        return self._ledger.sweep(terms.hold)

    def _refresh(self, terms: Terms) -> int:
        """Asks for everybody whom both know, where the centre does not tell by itself; now and then only."""
        progress = self._beginning()
        if terms.only_gone or not terms.refresh:
            return 0
        known = list(self._ledger.linked().items())
        for begin in range(0, len(known), _AT_ONCE):
            page = self._centre.refresh(dict(known[begin : begin + _AT_ONCE]))
            progress = self._take(replace(page, cursor=progress.cursor), progress)
        self._ledger.end(replace(progress, whole=False), 0.0, absent_are_gone=False)
        return self._ledger.sweep(terms.hold)

    def report(self, account: Account, counts: Counts, digest: str, now: float) -> bool:
        """Tells how the device stands; whether the list is to be read anew, which the next round does.

        Args:
            account: as it is after the round.
            digest: of the shared roster.
            now: UTC seconds since the epoch.
        """
        progress = account.progress
        orders = self._centre.report(
            Standing(
                progress.cursor,
                digest,
                counts.persons,
                counts.templates,
                account.held,
                account.queued,
                account.pending,
                tuple(sorted(progress.refused.items())),
            ),
            self._model,
        )
        if orders is None or progress.whole:
            return False
        if orders.groups != progress.groups:
            first = not progress.followed
            self._ledger.keep(replace(progress if first else progress.anew(), groups=orders.groups))
            return not first
        differs = orders.roster is not None and orders.roster != digest
        if differs and not account.queued and abs(now - progress.repaired) >= _REPAIR_S:
            self._ledger.keep(replace(progress.anew(), repaired=now))
            return True
        return False

    def _beginning(self) -> Progress:
        progress = self._ledger.progress()
        self._moved = bool(progress.centre) and progress.centre != self._centre.name
        if progress.centre != self._centre.name:
            progress = self._elsewhere(progress)
        if progress.model != self._model.digest:
            progress = replace(progress.anew(), model=self._model.digest)
            self._ledger.keep(progress)
        return progress

    def _elsewhere(self, progress: Progress) -> Progress:
        """Where to begin at another address, which may be another centre or the same.

        What was agreed is kept until the centre shows that it is another one: whoever was deleted there meanwhile would
        else count as enrolled here, and come back.
        """
        if not self._moved or not self._centre.lists:
            return self._ledger.begin_with(self._centre.name)
        if self._centre.tells_deletions and progress.cursor:
            return replace(progress, centre=self._centre.name)
        progress = replace(progress.anew(careful=True), centre=self._centre.name)
        self._ledger.keep(progress)
        return progress

    def _page(self, progress: Progress, limit: int) -> tuple[Page, Progress]:
        try:
            page = self._changes(progress.cursor, limit)
        except OtherLife:
            pass
        else:
            if page.revision >= progress.revision:
                return page, progress
        if self._moved:  # another centre indeed
            progress = replace(self._ledger.begin_with(self._centre.name).anew(), model=self._model.digest)
        else:
            progress = progress.anew(careful=True)
        self._ledger.keep(progress)
        return self._changes(progress.cursor, limit), progress

    def _changes(self, cursor: str, limit: int) -> Page:
        """A page; after one that did not come through, smaller ones, so that a bad line gets on, too."""
        try:
            page = self._centre.changes(cursor, self._model, limit)
        except TryLater:
            raise
        except Unavailable:
            self._at_once = max(_LEAST_PAGE, self._at_once // 2)
            raise
        self._at_once = min(_PAGE, 2 * self._at_once)
        return page

    def _take(self, page: Page, progress: Progress) -> Progress:
        """Takes a page over, a hundred people at a time; the cursor moves with the last of them."""
        if not page.people and not page.gone and page.cursor == progress.cursor:
            return replace(progress, revision=page.revision)
        for begin in range(0, max(1, len(page.people)), _AT_ONCE):
            people = page.people[begin : begin + _AT_ONCE]
            is_last = begin + _AT_ONCE >= len(page.people)
            part = Page(page.gone if begin == 0 else (), people, page.cursor, page.more, page.revision)
            after = replace(progress, cursor=page.cursor, revision=page.revision) if is_last else progress
            portraits, broken = self._portraits(part)
            if broken is not None:  # what was looked at so far is kept, or a slow line would never get anywhere
                count, error = broken
                self._ledger.take(replace(part, people=people[:count]), portraits, progress)
                raise error
            kept = self._ledger.take(part, portraits, after)
            progress = replace(progress, cursor=kept.cursor, revision=kept.revision, refused=kept.refused)
            self._people += len(people)
            self._told(self._people, len(progress.refused))
        return progress

    def _portraits(self, page: Page) -> tuple[Portraits, tuple[int, EdgedError] | None]:
        """What was made of faces without a vector; and what went wrong, and in looking at how manieth person."""
        found: dict[tuple[str, str], Template | str] = {}
        for person, face in self._ledger.wanted(page.people):
            try:
                made = self._portrait(face)
            except EdgedError as error:
                return found, (page.people.index(person) + 1, error)
            if made is not None:
                found[person.id, face.photo_hash] = made
        return found, None

    def _portrait(self, face: RemoteFace) -> Template | str | None:
        """What was made of a face; why nothing could be; or None where its picture is away, for another time."""
        try:
            picture = self._centre.picture(face)
        except TryLater:
            raise
        except Unavailable:
            self._faults += 1
            if self._faults >= _MOST_FAULTS:
                raise
            return None
        except Refused as refusal:
            if refusal.reason in HOPELESS:
                raise
            return refusal.reason
        self._faults = 0
        try:
            return self._portray(picture, face.photo_hash)
        except Refused as refusal:
            return refusal.reason
