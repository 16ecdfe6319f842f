"""Looking for a guest in the photographs of an event; and for good, and not at all any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import anyio
from anyio import to_thread

from edged.api.albums import Albums
from edged.api.directory import Eyes
from edged.domain.errors import Busy
from edged.domain.rect import Rect
from edged.photos.album import Doer, PhotoEvent
from edged.photos.inspection import inspect
from edged.photos.likeness import SURE
from edged.photos.search import Probe, Removal, Search, Turn

PATIENCE_S: Final = 10.0
"""How long somebody waits for another one who does the same search."""
_PAUSE_S: Final = 0.05
_KEPT_SIDE: Final = 640
"""Pixels of the longer side of a selfie that is kept."""


class SelfieSearch:
    """Does searches, each once. Any thread; the methods that are no coroutines block.

    Args:
        patience_s: how long somebody waits for another one who does the same search.
    """

    def __init__(self, albums: Albums, eyes: Eyes, patience_s: float = PATIENCE_S) -> None:
        self._albums = albums
        self._eyes = eyes
        self._patience_s = patience_s

    async def searched(
        self, event: PhotoEvent, request_id: str, selfie: bytes, *, by: Doer, consent: int | None = None
    ) -> Search:
        """The search of this id: done now, or by whoever does it at this moment, or formerly, whatever is sent now.

        Args:
            selfie: a photograph, of which the largest face counts; without any face nothing is found.
            consent: the version of the text that the guest agreed to on a page of ours.

        Raises:
            Busy: somebody else does it, and takes long.
            Refused, Unavailable: as `edged.photos.inspection.inspect`, `Eyes.look` and `Albums.begin_search`; the same
                id may be tried again.
        """
        until = anyio.current_time() + self._patience_s
        while True:
            found = await to_thread.run_sync(self._attempt, event, request_id, selfie, by, consent)
            if isinstance(found, Search):
                return found
            if anyio.current_time() >= until:
                raise Busy("this search is being done", "Ask again with the same request_id")
            await anyio.sleep(_PAUSE_S)

    def again(self, event: PhotoEvent, request_id: str, *, by: Doer) -> Search | None:
        """Does a search once more with the face of the first time, among the photographs that there are now.

        Returns:
            It; None where there is no such search. One without a face stays as it is.
        """
        former = self._albums.search(event, request_id)
        if former is None or former.probe is None:
            return former
        search = replace(self._found(event, request_id, former.probe), consent=former.consent)
        self._albums.renew_search(event, search, by=by)
        return self._albums.search(event, request_id)

    def forget(self, event: PhotoEvent, request_id: str, *, by: Doer) -> Removal | None:
        """Forgets the guest of a search; see `Albums.forget_guest`. Whoever is shown to be them is."""
        least, sure = self._least(event), self._cosine(event, SURE)
        return self._albums.forget_guest(event, request_id, least, by=by, sure=sure)

    def _attempt(
        self, event: PhotoEvent, request_id: str, selfie: bytes, by: Doer, consent: int | None
    ) -> Search | Turn:
        """In one go on one thread, so that a turn that was taken is always ended."""
        albums = self._albums
        begun = albums.begin_search(event, request_id)
        if begun is not Turn.MINE:
            return begun
        ended = False
        try:
            selfie = inspect(selfie).content
            looked = self._eyes.look(selfie, _largest)
            search = Search(request_id, 0.0, ())
            if looked.chosen:
                search = self._found(event, request_id, Probe(looked.chosen[0].vector, self._eyes.model))
            search = replace(search, consent=consent)
            albums.finish_search(event, search, by=by, selfie=self._kept(event, selfie))
            ended = True
        finally:
            if not ended:
                albums.drop_search(event, request_id)
        return albums.search(event, request_id) or search

    def _found(self, event: PhotoEvent, request_id: str, probe: Probe) -> Search:
        photos = self._albums.like(event, probe.model, probe.vector, self._least(event), sure=self._cosine(event, SURE))
        confidence = self._eyes.confidence(photos[0].similarity, self._comparisons(event)) if photos else 0.0
        return Search(request_id, confidence, tuple(found.photo for found in photos), probe)

    def _kept(self, event: PhotoEvent, selfie: bytes) -> bytes:
        if not event.plan.terms.keeps_selfies:
            return b""
        (kept,) = self._eyes.pictures(selfie, (_KEPT_SIDE,))
        return kept

    def _least(self, event: PhotoEvent) -> float:
        return self._cosine(event, event.plan.threshold)

    def _cosine(self, event: PhotoEvent, confidence: float) -> float:
        return least_similarity(self._eyes, confidence, self._comparisons(event))

    def _comparisons(self, event: PhotoEvent) -> int:
        """How many people there are nobody knows: at most as many as faces, so that no confidence is too high."""
        return max(1, self._albums.faces(event))


def least_similarity(eyes: Eyes, threshold: float, comparisons: int) -> float:
    """The lowest cosine that means at least this confidence; above 1 where none does."""
    low, high = -1.0, 1.0
    if eyes.confidence(high, comparisons) < threshold:
        return 2.0
    if eyes.confidence(low, comparisons) >= threshold:
        return low
    for _ in range(24):
        middle = (low + high) / 2
        if eyes.confidence(middle, comparisons) >= threshold:
            high = middle
        else:
            low = middle
    return high


def _largest(boxes: Sequence[Rect]) -> Sequence[int]:
    return range(min(1, len(boxes)))
