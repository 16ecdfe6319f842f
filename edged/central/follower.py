"""One round of sync: what the centre tells, what it is told, and how the device stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from edged.central.ledger import Account, Hold, Ledger
from edged.central.port import Centre, OtherLife, Page, Picture, RemoteFace, Standing, TryLater
from edged.central.progress import Progress
from edged.central.taking import Portraits
from edged.domain.errors import Refused, Unavailable
from edged.domain.person import ModelRef, Template

_PAGE: Final = 500
_LEAST_PAGE: Final = 16
"""So few are asked for at once on a line that does not last for more."""
_AT_ONCE: Final = 100
"""People in one transaction: events of the cameras wait no longer than for these."""
_MOST_FAULTS: Final = 3
"""So many pictures in a row that cannot be fetched mean that the centre is away, not that they are bad."""
_RECEIPTS: Final = 100
_REPAIR_S: Final = 3600.0
"""A roster that differs is read anew no more often than that."""
_KEPT_S: Final = 600.0
"""That the device has everything is written down so often while nothing changes: cards wear out."""

Portray = Callable[[Picture, str], Template]
"""From a picture and the hash that is to name it to a template. Blocks; raises Refused where no face can be used, and
Unavailable where the device has no time for it."""


class Told(Protocol):
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
        pushed: people and deletions that the centre was told of; stuck: of whom it could not be, our ids and why.
        owed: receipts of deletions that are not ready yet.
    """

    people: int = 0
    held: int = 0
    pushed: int = 0
    stuck: tuple[tuple[str, str], ...] = ()
    owed: int = 0


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
        receipt: Callable[[str], Mapping[str, Any] | None] = lambda _person: None,
        told: Told = lambda _people, _refused: None,
    ) -> None:
        self._centre = centre
        self._ledger = ledger
        self._model = model
        self._portray = portray
        self._receipt = receipt
        self._told = told
        self._at_once = _PAGE
        self._people = 0
        self._faults = 0

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
        pushed, stuck = self.push() if terms.push and not terms.only_gone else (0, ())
        return Round(self._people, held, pushed, stuck, self._hand_in())

    def pull(self, terms: Terms) -> int:
        """Takes over all that the centre has to tell; returns how many deletions wait for a person's word."""
        if terms.only_gone and not self._centre.tells_deletions:
            return 0
        progress, held, more = self._beginning(), 0, True
        while more:
            page, progress = self._page(progress, 0 if terms.only_gone else self._at_once)
            if page.begins and (progress.cursor or not progress.whole):
                progress = replace(progress.anew(), revision=progress.revision)
            progress = self._take(page, progress)
            more = page.more and not terms.only_gone
            if page.gone:  # at once, whatever is still to be read
                held = self._ledger.sweep(terms.hold)
        if terms.only_gone:
            return held
        self._ledger.end(progress, _KEPT_S)
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
        self._ledger.end(replace(progress, whole=False), 0.0)
        return self._ledger.sweep(terms.hold)

    def push(self) -> tuple[int, tuple[tuple[str, str], ...]]:
        """Tells the centre of deletions, then of people; how many, and who could not be told of and why."""
        pushed, stuck = 0, []
        for link in self._ledger.departed():
            try:
                self._centre.remove(link.central)
            except Refused as refusal:
                if refusal.reason in _HOPELESS:
                    raise
                stuck.append((link.person, refusal.reason))
                continue
            self._ledger.departure_told(link)
            pushed += 1
        after = -1
        while item := self._ledger.next_to_tell(after):
            after = item.revision
            if item.cannot:
                stuck.append((item.person, item.cannot))
            if item.outgoing is None:
                continue
            try:
                taken = self._centre.push(item.outgoing, self._model)
            except Refused as refusal:
                if refusal.reason in _HOPELESS:
                    raise
                deleted = refusal.reason == "deleted_there" and item.again
                self._ledger.not_taken(item, deleted=deleted)
                if not deleted:
                    stuck.append((item.person, refusal.reason))
                continue
            self._ledger.told(item.person, item.outgoing, taken)
            pushed += 1
        return pushed, tuple(stuck)

    def report(self, counts: Counts, digest: str, now: float) -> bool:
        """Tells how the device stands; whether the list is to be read anew, which the next round does.

        Args:
            digest: of the shared roster.
            now: UTC seconds since the epoch.
        """
        account = self._ledger.account()
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
        if progress.centre != self._centre.name:
            progress = self._ledger.begin_with(self._centre.name)
        if progress.model != self._model.digest:
            progress = replace(progress.anew(), model=self._model.digest)
            self._ledger.keep(progress)
        return progress

    def _page(self, progress: Progress, limit: int) -> tuple[Page, Progress]:
        try:
            return self._changes(progress.cursor, limit), progress
        except OtherLife:
            progress = progress.anew(careful=bool(progress.followed))
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
            kept = self._ledger.take(part, self._portraits(part), after)
            progress = replace(progress, cursor=kept.cursor, revision=kept.revision, refused=kept.refused)
            self._people += len(people)
            self._told(self._people, len(progress.refused))
        return progress

    def _portraits(self, page: Page) -> Portraits:
        found: dict[tuple[str, str], Template | str] = {}
        for person, face in self._ledger.wanted(page.people):
            made = self._portrait(face)
            if made is not None:
                found[person.id, face.photo_hash] = made
        return found

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
            if refusal.reason in _HOPELESS:
                raise
            return refusal.reason
        self._faults = 0
        try:
            return self._portray(picture, face.photo_hash)
        except Refused as refusal:
            return refusal.reason

    def _hand_in(self) -> int:
        """Gives the centre the receipts that it is still to have; how many are not ready yet."""
        receipts, people = [], []
        owed = self._ledger.owed(_RECEIPTS)
        for person, central in owed:
            receipt = self._receipt(person)
            if receipt is not None:
                receipts.append((central, receipt))
                people.append(person)
        if receipts:
            self._centre.hand_in(receipts)
            self._ledger.paid(people)
        return len(owed) - len(people)


_HOPELESS: Final = frozenset({"bad_token", "no_right", "untrusted_centre", "other_key"})
"""Reasons that hold for everything that is asked."""
