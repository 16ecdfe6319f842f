"""Photographs that appear in a folder, of a tethered camera or of a card that is put in, are added to the event."""

from __future__ import annotations

import json
import logging
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edged.domain.errors import Refused, Unavailable
from edged.photos.album import PhotoEvent
from edged.photos.file_memory import FileMemory
from edged.photos.intake_rows import Fate, FileFate
from edged.runtime import worker
from edged.runtime.backoff import Backoff
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.device_eyes import MAX_BYTES
from edged.runtime.file_intake import NOT_THE_FILES_FAULT, FileIntake
from edged.runtime.folder_progress import FolderProgress, Pace
from edged.runtime.photo_listing import ListedFile, Listing, NoPhotograph, list_files
from edged.runtime.stop import Stop

log = logging.getLogger(__name__)

CONDITION: Final = "photos.folder"
SCOPE: Final = "folder"
_LOOK_S: Final = 2.0
"""Between two looks; a file that is the same in both is taken."""
_LOOK_SHARE: Final = 10.0
"""A look may take a tenth of the time at most: a large folder is looked at less often."""
_STILL_S: Final = 1.5
_PATIENCE_S: Final = 60.0
"""A file that is no good is only given up when it has stood still for so long: a transfer that stalled goes on by
then."""
_WORK_S: Final = 20.0
"""Then it is looked again what there is."""
_TELL_S: Final = 5.0
_BUSY_TRIES: Final = 5
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class _Still:
    """A file, what it is remembered by, and since when it is as it is, seconds of the steady clock."""

    file: ListedFile
    mark: str
    since: float


class WatchedFolder:
    """A thread's work, one photograph at a time; nothing of the folder is ever changed.

    A file is read once its size and time have stood still for two looks, and never again, also after a restart: what
    became of it is remembered. The photographs of a folder go to the event that is on when they are read; while none is
    on, or there is no room, they wait.

    Args:
        folder: that is watched.
        event: gives the event that is on, None where there is none.
        room_for: raises Refused `full` where there would be no room for a photograph of so many bytes.

    Attributes:
        progress: how far it is; replaced as a whole, read from any thread.
    """

    def __init__(
        self,
        folder: Path,
        intake: FileIntake,
        memory: FileMemory,
        *,
        event: Callable[[], PhotoEvent | None],
        room_for: Callable[[int], None],
        clock: Clock,
        conditions: Conditions,
    ) -> None:
        self.progress = FolderProgress(str(folder))
        self._folder = folder
        self._intake = intake
        self._memory = memory
        self._event = event
        self._room_for = room_for
        self._clock = clock
        self._conditions = conditions
        self._pace = Pace()
        self._stills: Mapping[str, _Still] = {}
        self._fates: dict[str, FileFate | None] = {}
        """By mark, of the files that are there; None: it is no photograph."""
        self._in_doubt: set[str] = set()
        """Marks of those that were no good, and that somebody may still be writing."""
        self._ignored: Mapping[str, int] = {}
        self._refusals: deque[tuple[str, str, str]] = deque(maxlen=_MOST_NAMED)
        self._rests_until = float("-inf")
        self._told_at = float("-inf")
        self._told = ""

    def run(self, stop: Stop) -> None:
        """Works until `stop`; trouble becomes the condition `photos.folder`. Blocks."""
        backoff = Backoff(_LOOK_S, 60.0, random.Random())  # noqa: S311  jitter, not a secret
        worker.run(CONDITION, lambda: self.run_once(stop), stop=stop, backoff=backoff, conditions=self._conditions)

    def run_once(self, stop: Stop) -> None:
        """One look, the files that are ready, and a pause. Blocks.

        Raises:
            Unavailable: the folder is not there; the storage does not let us; the eyes have been busy for long.
        """
        began = self._clock.now().mono
        listing = list_files(self._folder)
        self._compare(listing)
        took = self._clock.now().mono - began
        is_behind = self._take_all(stop, began + _WORK_S)
        self._conditions.end(CONDITION)
        if not is_behind:
            stop.wait(max(_LOOK_S, took * _LOOK_SHARE))

    def _compare(self, listing: Listing) -> None:
        """Sees what is new, and forgets what is gone."""
        now = self._clock.now().mono
        stills: dict[str, _Still] = {}
        for file in listing.files:
            known = self._stills.get(file.path)
            stills[file.path] = known if known and known.file == file else _Still(file, file.mark(SCOPE), now)
        self._stills = stills
        marks = [still.mark for still in stills.values()]
        fates: dict[str, FileFate | None] = {mark: self._fates[mark] for mark in marks if mark in self._fates}
        fates.update(self._memory.fates([mark for mark in marks if mark not in fates]))
        self._fates = fates
        self._in_doubt &= set(marks)
        self._ignored = listing.ignored
        self._refusals.clear()
        for still in stills.values():
            fate = fates.get(still.mark)
            if fate and fate.fate is Fate.REFUSED:
                self._refusals.append((still.file.path, fate.reason, fate.what))
        self._count(self._event())

    def _take_all(self, stop: Stop, until: float) -> bool:
        """Reads what has stood still; whether there is more to do at once."""
        event = self._event()
        for still in self._stills.values():
            now = self._clock.now().mono
            if now - still.since < _STILL_S or still.mark in self._fates:
                continue
            if still.mark in self._in_doubt and self._has_patience(still):
                continue
            if event is None or stop.is_set() or now < self._rests_until:
                return False
            if now >= until:
                return True
            try:
                if still.file.size <= MAX_BYTES:  # a film is no photograph, and waits for no room
                    self._room_for(still.file.size)
                self._take(event, still, stop)
            except Refused as refusal:
                log.debug("photographs wait: %s", refusal.what)
                break
            event = self._event()
            self._count(event)
        self._count(event)
        return False

    def _take(self, event: PhotoEvent, still: _Still, stop: Stop) -> None:
        """Reads one.

        Raises:
            Refused: `NOT_THE_FILES_FAULT`: it waits, with all others.
        """
        file, mark = still.file, still.mark
        began = self._clock.now().mono
        try:
            fate = self._patiently(event, file, mark, stop)
        except NoPhotograph:
            self._fates[mark] = None
        except Refused as refusal:
            if refusal.reason in NOT_THE_FILES_FAULT:
                # It was looked at for nothing: there was room for the file, and not for its smaller pictures.
                self._rests_until = self._clock.now().mono + _PATIENCE_S
                raise
            if self._has_patience(still):
                self._in_doubt.add(mark)
                return
            self._fates[mark] = self._intake.refuse(event, mark, refusal)
            self._refusals.append((file.path, refusal.reason, refusal.what))
            log.warning("%s is not taken: %s", file.path, refusal.what)
        else:
            if fate is None:
                return  # it has changed, or is gone: the next look shows
            self._fates[mark] = fate
            if fate.fate is Fate.ADDED:
                self._pace.add(self._clock.now().mono - began)

    def _patiently(self, event: PhotoEvent, file: ListedFile, mark: str, stop: Stop) -> FileFate | None:
        """Guests who search come first: where the eyes are busy it waits a little."""
        for attempt in range(_BUSY_TRIES):
            try:
                return self._intake.take(event, self._folder, file, mark)
            except Unavailable:
                if attempt == _BUSY_TRIES - 1 or stop.wait(_LOOK_S):
                    raise
        raise AssertionError  # the last attempt raises or returns

    def _has_patience(self, still: _Still) -> bool:
        return self._clock.now().mono - still.since < _PATIENCE_S

    def _count(self, event: PhotoEvent | None) -> None:
        now = self._clock.now()
        fates = list(self._fates.values())
        others = fates.count(None)
        refused = sum(fate is not None and fate.fate is Fate.REFUSED for fate in fates)
        waiting = len(self._stills) - len(fates)
        settling = sum(
            still.mark not in self._fates and (still.mark in self._in_doubt or now.mono - still.since < _STILL_S)
            for still in self._stills.values()
        )
        finishes = now.utc + waiting * self._pace.each_s if event and waiting and self._pace.each_s else None
        self.progress = FolderProgress(
            str(self._folder),
            at=now.utc,
            seen=len(self._stills) - others,
            done=len(fates) - others - refused,
            refused=refused,
            waiting=waiting,
            settling=settling,
            ignored={**self._ignored, **({"other_kind": others} if others else {})},
            refusals=tuple(self._refusals),
            event=event.slug if event else "",
            per_hour=round(self._pace.per_hour, 1),
            finishes=finishes,
        )
        self._tell(now.mono)

    def _tell(self, now: float) -> None:
        """Leaves word for other processes where something is new, not too often: each time is a write."""
        is_over = not self.progress.waiting
        if not is_over and now - self._told_at < _TELL_S:
            return
        new = json.dumps(replace(self.progress, at=0.0, finishes=None).document())
        if new != self._told:
            self._memory.tell(json.dumps(self.progress.document()))
            self._told, self._told_at = new, now
