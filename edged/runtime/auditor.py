"""The thread that writes the audit log."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from edged.audit.act import Act
from edged.audit.chain import DEVICE, Chain
from edged.audit.entry import Fact, Note
from edged.audit.head import Head
from edged.config.audit import AuditSettings
from edged.domain.errors import Corrupt, EdgedError
from edged.domain.frame import Moment
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop

_ROUND_S: Final = 1.0
_BATCH: Final = 500
MOST_WAITING: Final = 20_000
"""Notes held in memory while the disk refuses; what comes then is counted, and its number noted."""
_PRUNE_S: Final = 3600.0
_DAY_S: Final = 86_400.0
_SLACK_DAYS: Final = 1.0
"""Entries are removed a day's worth at a time: each removal is an entry itself."""
_SLACK_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True)
class _Waiting:
    notes: list[Note]
    missed: int


class Auditor:
    """Notes what happened, in the order in which it was told. Nobody waits for the disk.

    While the disk refuses, notes are held in memory and tried again; a condition (`audit`) says so.

    Args:
        open_chain: opens the audit log; called on the auditor's own thread, again where it failed.
        settings: how long entries are kept; asked at every use.
    """

    def __init__(
        self,
        open_chain: Callable[[], Chain],
        settings: Callable[[], AuditSettings],
        *,
        clock: Clock,
        conditions: Conditions,
    ) -> None:
        self._open_chain = open_chain
        self._settings = settings
        self._clock = clock
        self._conditions = conditions
        self._lock = threading.Lock()
        self._waiting: deque[Note] = deque()
        self._missed = 0
        self._bell: Stop | None = None
        self._chain: Chain | None = None
        self._prune_at = 0.0

    def note(self, act: Act, *, by: str, about: Mapping[str, Fact], at: Moment | None = None) -> None:
        """Notes an act. Any thread; returns at once.

        Args:
            act: what was done; by, about: see `edged.audit.entry.Note`. No names, no faces, no secrets.
            at: when; None: now.
        """
        note = Note(act, by, dict(about), at or self._clock.now())
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(note)
            else:
                self._missed += 1
        if self._bell is not None:
            self._bell.nudge()

    @property
    def head(self) -> Head | None:
        """Where the audit log ends, to be noted elsewhere; None until it was opened. Any thread."""
        chain = self._chain
        return None if chain is None else chain.head

    def run(self, stop: Stop) -> None:
        """Writes until `stop`, then what is still waiting. Blocks."""
        self._bell = stop
        try:
            self.run_once()
            while not stop.wait(_ROUND_S):
                self.run_once()
            self.run_once()
        finally:
            if self._chain is not None:
                self._chain.close()

    def run_once(self) -> None:
        """Writes what waits, in as few transactions as possible, and removes what is too old. Blocks for the disk."""
        try:
            chain = self._chain = self._chain or self._open_chain()
            while (waiting := self._taken()) is not None:
                self._write(chain, waiting)
            self._prune(chain)
        except EdgedError as error:
            self._conditions.begin("audit", error)
            return
        self._conditions.end("audit")
        self._tell(chain)

    def _taken(self) -> _Waiting | None:
        with self._lock:
            if not self._waiting and not self._missed:
                return None
            notes = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            missed = 0 if self._waiting else self._missed
            self._missed -= missed
            return _Waiting(notes, missed)

    def _write(self, chain: Chain, waiting: _Waiting) -> None:
        gap = [Note(Act.GAP, DEVICE, {"missed": waiting.missed}, self._clock.now())] if waiting.missed else []
        try:
            chain.append([*waiting.notes, *gap])
        except EdgedError:
            with self._lock:
                self._waiting.extendleft(reversed(waiting.notes))
                self._missed += waiting.missed
            raise

    def _prune(self, chain: Chain) -> None:
        """Once an hour; a part at a time, so that nobody waits long for the file."""
        now = self._clock.now()
        if now.mono < self._prune_at:
            return
        settings = self._settings()
        oldest = now.utc - settings.keep_days * _DAY_S
        if chain.needs_pruning(oldest - _SLACK_DAYS * _DAY_S, settings.max_entries):
            most = int(settings.max_entries * (1 - _SLACK_SHARE))
            if chain.prune(oldest, most):
                return
        self._prune_at = now.mono + _PRUNE_S

    def _tell(self, chain: Chain) -> None:
        if chain.head_fault is not None:
            self._conditions.begin("audit.head", chain.head_fault)
        else:
            self._conditions.end("audit.head")
        if chain.found:
            what = ", ".join(f"{name} {fact}" for name, fact in chain.found.items())
            self._conditions.begin(
                "audit.broken",
                Corrupt(
                    f"the audit log was not as the device had left it ({what})", "Look into it: edged audit verify"
                ),
            )
