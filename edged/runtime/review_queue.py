"""The review queue: strangers' visits that have a picture and that nobody has dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import Document
from edged.domain.errors import Corrupt, Refused
from edged.domain.event import Outcome
from edged.domain.frame import Image
from edged.domain.progress import Progress
from edged.gallery.dismissals import Dismissals
from edged.gallery.shots import ShotStore
from edged.mqtt.outbox_reader import OutboxReader
from edged.recognition.ballot import Ballot, Vote
from edged.recognition.recognizer import Memory, Sight
from edged.recognition.review import Group, Seen, group
from edged.runtime.state_dir import StateDir
from edged.wire.event import EventRecord

_EVENTS: Final = 20_000
"""The newest events that are looked through; about 20 µs each."""
_CROPS: Final = 3
"""Aligned faces of a visit that are embedded: more of one visit say little more."""
_RESEMBLES_CHANCE: Final = 1e-3
_DAY_S: Final = 86_400


class ReviewQueue:
    """Who was seen and is not known. Nothing that it finds out about faces is kept. One thread.

    Args:
        events: the outbox's file.
        shots: the pictures.
        dismissals: what was dealt with.
    """

    def __init__(self, events: Path, shots: ShotStore, dismissals: Dismissals) -> None:
        self._events = events
        self._shots = shots
        self._dismissals = dismissals

    @classmethod
    def of(cls, document: Document) -> ReviewQueue:
        """The queue of a device.

        Raises:
            Unavailable: its state directory cannot be used.
        """
        state = StateDir.of(document)
        dismissals = Dismissals(state.root / "review.json", document.events.max_age_days * _DAY_S)
        return cls(state.events, state.open_shots(document), dismissals)

    def groups(self, sight: Sight, gallery: Memory, limit: int, progress: Progress) -> tuple[Group, ...]:
        """The newest `limit` visits of strangers, those of one stranger together, the group seen last first.

        A group that resembles somebody enrolled meanwhile says so. Blocks; about 30 ms a visit.

        Raises:
            Unavailable, Corrupt: the events cannot be read.
        """
        records = unknown_visits(self._events, self._shots, self._dismissals, limit)
        seen: list[Seen] = []
        for number, record in enumerate(records):
            progress(f"looking at {number + 1:,} of {len(records):,} visits", number / len(records))
            crops = self._crops(record.id)
            if crops:
                seen.append(seen_in(record, _face(sight, crops)))
        groups = group(seen, sight.curve)
        if not groups:
            return ()
        alike = sight.curve.cosine_at(_RESEMBLES_CHANCE / max(gallery.templates, 1))
        nearest = gallery.nearest(np.stack([some.mean for some in groups]), k=1)
        return tuple(
            some.with_likely(found[0] if found and found[0].similarity >= alike else None)
            for some, found in zip(groups, nearest, strict=True)
        )

    def picture(self, event: str) -> bytes | None:
        """The JPEG of an event; None where it is gone."""
        return self._shots.picture(event)

    def dismiss(self, some: Group, now: float) -> None:
        """Puts a group's visits aside; a later visit of the same stranger is shown again.

        Raises:
            Unavailable: the disk is full or not writable.
        """
        self._dismissals.add([seen.visit for seen in some.seen], now)

    def _crops(self, event: str) -> Sequence[Image]:
        try:
            return self._shots.crops(event)
        except Corrupt:
            return ()


def unknown_visits(events: Path, shots: ShotStore, dismissals: Dismissals, most: int) -> list[EventRecord]:
    """Of each visit that ended up unknown and that nobody has dealt with, the newest event that has a picture.

    The newest visit comes first.

    Args:
        events: the outbox's file; none is an outbox without events.
        shots: the pictures.
        dismissals: what was dealt with.
        most: visits at most.

    Raises:
        Unavailable, Corrupt: the events cannot be read.
    """
    if not events.exists():
        return []
    settled = set(dismissals.visits())
    found: dict[str, EventRecord] = {}
    with closing(OutboxReader.open(events)) as reader:
        for stored in reader.recent(_EVENTS):
            record = stored.record
            if record.visit in settled or record.visit in found:
                continue
            if record.outcome is not Outcome.UNKNOWN:
                settled.add(record.visit)
            elif shots.has_picture(record.id):
                found[record.visit] = record
                if len(found) == most:
                    break
    return list(found.values())


def seen_in(record: EventRecord, face: NDArray[np.float32]) -> Seen:
    """A visit for grouping, from one of its events and the unit vector of its face."""
    quality = record.quality.score if record.quality else 0.0
    return Seen(record.id, record.visit, record.camera, record.at.captured.timestamp(), quality, face)


def find_group(groups: Sequence[Group], prefix: str) -> Group:
    """The only group with a visit or event whose id begins so.

    Raises:
        Refused: `no_such_group`, or `ambiguous`.
    """
    found = [some for some in groups if some.called(prefix)]
    if not found:
        raise Refused("no_such_group", f"no group has a visit that begins with {prefix}", "See `edged review list`.")
    if len(found) > 1:
        raise Refused("ambiguous", f"several groups have one that begins with {prefix}", "Give more of its characters.")
    return found[0]


def _face(sight: Sight, crops: Sequence[Image]) -> NDArray[np.float32]:
    """The mean of some of a visit's faces, spread evenly over it."""
    places = np.unique(np.linspace(0, len(crops) - 1, _CROPS).round().astype(int)).tolist()
    some = [crops[place] for place in places]
    ballot = Ballot()
    for crop, embedding in zip(some, sight.embed(some), strict=True):
        ballot.cast(Vote(embedding, crop), keep=len(some))
    return ballot.probe()[0]
