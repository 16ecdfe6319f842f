"""What the centre is told: deletions, people, and receipts of deletions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from edged.central.account import Queued
from edged.central.ledger import Ledger
from edged.central.port import HOPELESS, Centre
from edged.domain.errors import Refused
from edged.domain.person import ModelRef

_log = logging.getLogger(__name__)

_RECEIPTS: Final = 100
_PAUSE: Final = 30
"""What was refused is tried again after so many rounds, and at once when it has changed."""
_PUSHED: Final = 50
"""The centre is told of so many in one round: deletions there are not to wait for the rest."""

Receipt: TypeAlias = Callable[[str], Mapping[str, Any] | None]
"""From our id of somebody who was deleted to the signed receipt; None while traces of theirs are still removed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling.

    Attributes:
        pushed: people and deletions that the centre has taken; stuck: those that it has not, our ids and why.
        more: there is more to tell: another round should follow at once.
        denied: why the centre is told nothing, where the token lacks the right to; the device listens all the same.
    """

    pushed: int = 0
    stuck: tuple[tuple[str, str], ...] = ()
    more: bool = False
    denied: Refused | None = None


class Teller:
    """Tells a centre. One thread; every method blocks for as long as the network and the disk take."""

    def __init__(self, centre: Centre, ledger: Ledger, model: ModelRef) -> None:
        self._centre = centre
        self._ledger = ledger
        self._model = model
        self._refused: dict[str, tuple[int, str, int]] = {}
        """Of whom the centre was told in vain: their revision, why, and for how many rounds they are left alone."""

    def tell(self) -> Told:
        """Tells of deletions, then of people, as far as the centre lets the device.

        Raises:
            Unavailable, Refused: as the centre does, about everything.
        """
        pushed, stuck, denied = 0, dict[str, str](), None
        try:
            for link in self._ledger.departed():
                if self._is_taken(link.person, stuck, partial(self._centre.remove, link.central)):
                    self._ledger.departure_told(link)
                    pushed += 1
            after = -1
            while pushed < _PUSHED and (item := self._ledger.next_to_tell(after)):
                after = item.revision
                if item.cannot:
                    stuck[item.person] = item.cannot
                if item.outgoing is None or self._is_paused(item, stuck):
                    continue
                if self._is_told(item, stuck):
                    pushed += 1
                elif item.person in stuck:
                    self._refused[item.person] = (item.revision, stuck[item.person], _PAUSE)
        except Refused as refusal:
            if refusal.reason != "no_right":
                raise
            denied = refusal  # a token that may only listen: everything else goes on
        return Told(pushed, tuple(stuck.items()), pushed >= _PUSHED, denied)

    def _is_paused(self, item: Queued, stuck: dict[str, str]) -> bool:
        """Whether the centre has refused just that, not long ago: crops are not sent every minute for nothing."""
        revision, why, rounds = self._refused.pop(item.person, (-1, "", 0))
        if revision != item.revision or not rounds:
            return False
        self._refused[item.person] = (revision, why, rounds - 1)
        stuck[item.person] = why
        return True

    def _is_told(self, item: Queued, stuck: dict[str, str]) -> bool:
        assert item.outgoing is not None  # noqa: S101  the caller has looked
        outgoing, missed = item.outgoing, dict[str, str]()

        def tell() -> None:
            self._ledger.told(item.person, outgoing, self._centre.push(outgoing, self._model))

        if self._is_taken(item.person, missed, tell):
            return True
        # It was told of them before, the answer was lost, and it has deleted them since.
        deleted = item.again and missed[item.person] == "deleted_there"
        self._ledger.not_taken(item, deleted=deleted)
        if not deleted:
            stuck |= missed
        return False

    def _is_taken(self, person: str, stuck: dict[str, str], tell: Callable[[], None]) -> bool:
        """Whether the centre has taken it; a refusal that is about this person only is noted, and no more."""
        try:
            tell()
        except Refused as refusal:
            if refusal.reason in HOPELESS:
                raise
            stuck[person] = refusal.reason
            return False
        return True

    def hand_in(self, receipt: Receipt) -> int:
        """Gives the centre the receipts that it is still to have; how many are not ready yet."""
        receipts, people = [], []
        owed = self._ledger.owed(_RECEIPTS)
        for person, central in owed:
            found = receipt(person)
            if found is not None:
                receipts.append((central, found))
                people.append(person)
        if receipts:
            try:
                self._centre.hand_in(receipts)
            except Refused as refusal:
                if refusal.reason in HOPELESS:
                    raise
                _log.warning("the centre does not take receipts of deletions: %s", refusal)
                return len(owed)
            self._ledger.paid(people)
        return len(owed) - len(people)
