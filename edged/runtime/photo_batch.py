"""Many files at once into an event, by hand: goes on where it was stopped."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edged.domain.errors import Refused
from edged.domain.progress import Progress
from edged.photos.album import PhotoEvent
from edged.photos.file_memory import FileMemory
from edged.photos.intake_rows import Fate, FileFate
from edged.runtime.clock import Clock
from edged.runtime.file_intake import NOT_THE_FILES_FAULT, FileIntake
from edged.runtime.folder_progress import Pace
from edged.runtime.photo_listing import ListedFile, NoPhotograph, list_files


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of the files.

    Attributes:
        added: photographs that were added now; there: that were there already; faults: the file, a stable word and why,
            of each that was not taken.
        ignored: how many others there are, by why, see `Listing`.
    """

    added: int
    there: int
    faults: tuple[tuple[str, str, str], ...]
    ignored: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Waiting:
    folder: Path
    file: ListedFile
    mark: str

    @property
    def name(self) -> str:
        return str(self.folder / self.file.path)


class PhotoBatch:
    """Adds files and folders to an event. Belongs to one thread.

    Args:
        intake: adds each; memory: knows what became of it before.
    """

    def __init__(self, intake: FileIntake, memory: FileMemory, clock: Clock) -> None:
        self._intake = intake
        self._memory = memory
        self._clock = clock

    def run(self, event: PhotoEvent, sources: Sequence[Path], progress: Progress) -> BatchOutcome:
        """Reads each file once, whoever stops it in between: what became of it is on the disk at once.

        Raises:
            Refused: `no_file`: a source is not there; `no_event`, `event_closed`, `full`: nothing more goes in.
            Unavailable: a folder cannot be read, or the storage does not let us.
        """
        progress("looking through the files", 0.0)
        waiting, ignored = _listed(event, sources)
        known = self._memory.fates([one.mark for one in waiting])
        counts: Counter[Fate] = Counter()
        faults: list[tuple[str, str, str]] = []
        pace = Pace()
        left = sum(one.mark not in known for one in waiting)
        for at, one in enumerate(waiting):
            fate = known.get(one.mark)
            if fate is None:
                progress(f"{at + 1:,} of {len(waiting):,}{self._finish(pace, left)}: {one.name}", at / len(waiting))
                began = self._clock.now().mono
                fate = self._taken(event, one, ignored)
                pace.add(self._clock.now().mono - began)
                left -= 1
                counts[Fate.ADDED] += fate is not None and fate.fate is Fate.ADDED
            else:
                counts[Fate.DUPLICATE] += fate.fate is Fate.ADDED
            if fate is not None:
                counts[Fate.DUPLICATE] += fate.fate is Fate.DUPLICATE
                if fate.fate is Fate.REFUSED:
                    faults.append((one.name, fate.reason, fate.what))
        progress("done", 1.0)
        return BatchOutcome(counts[Fate.ADDED], counts[Fate.DUPLICATE], tuple(faults), ignored)

    def _taken(self, event: PhotoEvent, one: _Waiting, ignored: Counter[str]) -> FileFate | None:
        try:
            fate = self._intake.take(event, one.folder, one.file, one.mark)
        except NoPhotograph:
            ignored["other_kind"] += 1
            return None
        except Refused as refusal:
            if refusal.reason in NOT_THE_FILES_FAULT:
                raise
            return self._intake.refuse(event, one.mark, refusal)
        # What somebody writes at this moment is another file the next time.
        return fate or FileFate(event.id, "", Fate.REFUSED, "changed", "it was changed or removed meanwhile")

    def _finish(self, pace: Pace, left: int) -> str:
        if not pace.each_s:
            return ""
        finish = datetime.fromtimestamp(self._clock.now().utc + pace.each_s * left).astimezone()
        return f", done about {finish:%H:%M}"


def _listed(event: PhotoEvent, sources: Sequence[Path]) -> tuple[list[_Waiting], Counter[str]]:
    waiting: list[_Waiting] = []
    ignored: Counter[str] = Counter()
    for source in sources:
        path = source.resolve()
        if path.is_dir():
            listing = list_files(path)
            folder, files = path, listing.files
            ignored.update(listing.ignored)
        elif path.is_file():
            status = path.stat()
            folder, files = path.parent, (ListedFile(status.st_mtime_ns, path.name, status.st_size),)
        else:
            raise Refused("no_file", f"there is no file or folder {source}", "Check the path")
        scope = f"{event.id} {os.fsencode(folder).hex()}"
        waiting += [_Waiting(folder, file, file.mark(scope)) for file in files]
    return waiting, ignored
