"""All faces of an event in memory, and which of them are somebody's: an exact scan, whatever the rows are kept in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.photos.likeness import Likeness, alike

_MOST_BYTES: Final = 256 * 1024 * 1024
"""Of the vectors of events that were searched last: 130,000 faces of 512 numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class EventFaces:
    """All faces of an event with vectors of one model, in some state of the database.

    Attributes:
        removals: how often templates had been deleted from the event.
        numbers, photos: of each face, and of its photograph, int64, growing; vectors: float32, a row for each.
    """

    removals: int
    numbers: NDArray[np.int64]
    photos: NDArray[np.int64]
    vectors: NDArray[np.float32]

    @property
    def last(self) -> int:
        """The highest number; 0, which no face has, where there is none."""
        return int(self.numbers[-1]) if len(self.numbers) else 0

    def found(
        self, probe: NDArray[np.float32], least: float, sure: float, denied: Collection[int]
    ) -> Sequence[Likeness]:
        """See `edged.photos.likeness.alike`. `denied`: numbers of photographs that somebody like this is not in."""
        if not len(self.photos):
            return ()
        hidden = np.isin(self.photos, list(denied)) if denied else None
        return alike(probe, self.vectors, self.photos, least=least, sure=sure, denied=hidden)

    def theirs(
        self, probe: NDArray[np.float32], least: float, found: Sequence[Likeness], photos: Collection[int]
    ) -> Sequence[int]:
        """The numbers of the faces that were found, and of all as near by themselves in some photographs.

        Args:
            found: here; photos: their numbers.
        """
        near = np.isin(self.photos, list(photos)) & (self.vectors @ probe.astype(np.float32) >= least)
        near[[one.face for one in found]] = True
        numbers: list[int] = self.numbers[near].tolist()
        return numbers


class KeptFaces:
    """The faces of the events that were searched last. What is in memory is brought up to date by what was added since,
    and begun anew where something was removed. Any thread.

    Args:
        most_bytes: of memory; the events that were searched longest ago go first, the last one stays.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        # Never changed, only replaced: of two threads that replace it at once one has read its faces for nothing.
        self._kept: Mapping[tuple[int, str], EventFaces] = {}

    def current(
        self,
        event: int,
        model: ModelRef,
        removals: int,
        newer: Callable[[int], Sequence[tuple[int, int, bytes]]],
    ) -> EventFaces:
        """The faces of an event as they are now, and perhaps some that the caller does not see yet.

        Args:
            event: its number; removals: how often templates were deleted from it, as it was before `newer` looks.
            newer: the faces with vectors of this model above a number, by their numbers: each with that, its
                photograph's and the vector, float32, little-endian. Numbers of an event become visible in their order.
        """
        key = (event, model.digest)
        known = self._kept.get(key)
        if known is None or known.removals != removals:
            none = np.empty(0, np.int64)
            known = EventFaces(removals, none, none, np.empty((0, model.dimension), np.float32))
        faces = _with_newer(known, newer(known.last))
        kept = {one: theirs for one, theirs in self._kept.items() if one != key}
        while kept and sum(one.vectors.nbytes for one in (*kept.values(), faces)) > self._most_bytes:
            del kept[next(iter(kept))]
        self._kept = {**kept, key: faces}
        return faces

    def events(self) -> frozenset[int]:
        """The numbers of the events of which something is in memory."""
        return frozenset(event for event, _model in self._kept)

    def forget_all_but(self, events: Collection[int]) -> None:
        """Lets go of what is in memory of other events. Cheap where there is none."""
        if any(event not in events for event, _model in self._kept):
            self._kept = {key: faces for key, faces in self._kept.items() if key[0] in events}

    def forget(self, event: int) -> None:
        """Lets go of what is in memory of an event."""
        self._kept = {one: faces for one, faces in self._kept.items() if one[0] != event}


def _with_newer(known: EventFaces, newer: Sequence[tuple[int, int, bytes]]) -> EventFaces:
    if not newer:
        return known
    vectors = np.frombuffer(b"".join(vector for *_numbers, vector in newer), "<f4").reshape(len(newer), -1)
    return EventFaces(
        known.removals,
        np.concatenate([known.numbers, np.array([number for number, *_others in newer], np.int64)]),
        np.concatenate([known.photos, np.array([photo for _number, photo, _vector in newer], np.int64)]),
        np.concatenate([known.vectors, vectors.astype(np.float32)]),
    )
