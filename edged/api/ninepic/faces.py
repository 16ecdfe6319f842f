"""9Pic's selfie search: which photographs of an event somebody is in. Each search has an id, and is done once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from edged.api.access import Cost, Grant, Right
from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.api.directory import Eyes
from edged.api.ninepic.door import Door, read_request_id
from edged.api.ninepic.envelope import Failed, Invalid, success
from edged.api.ninepic.images import Images
from edged.api.ninepic.paging import Page, read_page
from edged.api.parameters import Parameters, read_parameters
from edged.domain.errors import Busy
from edged.domain.rect import Rect
from edged.photos.album import Features, PhotoEvent, Search, Turn
from edged.photos.inspection import inspect

PATIENCE_S: Final = 10.0
"""How long a request waits for another one that does the same search."""
_PAUSE_S: Final = 0.05
_SIZE: Final = 32
_MOST: Final = 100


class Faces:
    """Searches, and tells again what was found.

    Args:
        patience_s: how long a request waits for another one that does the same search.
    """

    def __init__(self, centre: Centre, door: Door, images: Images, patience_s: float = PATIENCE_S) -> None:
        self._eyes = centre.eyes
        self._most_bytes = centre.manners.max_photo_bytes
        self._door = door
        self._images = images
        self._patience_s = patience_s

    async def search(self, request: Request) -> Response:
        """A selfie search. One with the id of a former one is that one: what was found then, whatever is sent now."""
        grant, event = await to_thread.run_sync(self._let_in, request, Right.MATCH, Cost.LOOKING)
        parameters = await read_parameters(request, self._most_bytes)
        page = read_page(parameters.values, _SIZE, _MOST)
        wanted = parameters.text("request_id")
        request_id = read_request_id(wanted) if wanted else str(uuid.uuid4())
        search = await to_thread.run_sync(self._door.albums.search, event, request_id) if wanted else None
        if search is None:
            search = await self._searched(grant, event, request_id, _selfie(parameters, self._most_bytes))
        return await to_thread.run_sync(self._answer, request, event, search, page)

    async def found(self, request: Request) -> Response:
        """What was found by a former search. Nothing is looked at, nothing is compared."""
        return await to_thread.run_sync(self._found, request)

    def _let_in(self, request: Request, right: Right, cost: Cost) -> tuple[Grant, PhotoEvent]:
        grant = self._door.let_in(request, right, cost)
        return grant, self._door.event(request, _selfie_search)

    def _found(self, request: Request) -> Response:
        """All of it in one visit to a worker thread, which takes longer than what is done there."""
        _grant, event = self._let_in(request, Right.READ, Cost.READING)
        page = read_page(request.query_params, _SIZE, _MOST)
        request_id = read_request_id(segment(request, "request_id"))
        return self._answer(request, event, find_search(self._door, event, request_id), page)

    def _answer(self, request: Request, event: PhotoEvent, search: Search, page: Page) -> Response:
        # All are asked for, not this page's alone: those deleted since must not be counted.
        photos = self._door.albums.photos_by_id(event, search.photos) if search.photos else ()
        data = {
            "request_id": search.request_id,
            "confidence_percentage": round(100 * search.confidence, 2) if photos else 0,
            "images": self._images.shown(request, photos[page.slice]),
            "pagination": page.pagination(len(photos)),
        }
        return success(data, f"{len(photos)} photographs found")

    async def _searched(self, grant: Grant, event: PhotoEvent, request_id: str, selfie: bytes) -> Search:
        """Does the search, or waits for whoever does it.

        Raises:
            Busy: somebody else does it, and takes long.
        """
        until = anyio.current_time() + self._patience_s
        while True:
            found = await to_thread.run_sync(self._attempt, grant, event, request_id, selfie)
            if isinstance(found, Search):
                return found
            if anyio.current_time() >= until:
                raise Busy("this search is being done", "Ask again with the same request_id")
            await anyio.sleep(_PAUSE_S)

    def _attempt(self, grant: Grant, event: PhotoEvent, request_id: str, selfie: bytes) -> Search | Turn:
        """In one go on one thread, so that a turn that was taken is always ended."""
        albums = self._door.albums
        begun = albums.begin_search(event, request_id)
        if begun is not Turn.MINE:
            return begun
        ended = False
        try:
            search = self._seek(event, request_id, selfie)
            albums.finish_search(event, search, by=grant)
            ended = True
        finally:
            if not ended:
                albums.drop_search(event, request_id)
        return albums.search(event, request_id) or search

    def _seek(self, event: PhotoEvent, request_id: str, selfie: bytes) -> Search:
        looked = self._eyes.look(inspect(selfie).content, _largest)
        if not looked.chosen:
            return Search(request_id, 0.0, ())
        albums = self._door.albums
        # How many people there are nobody knows: at most as many as faces, so that no confidence is too high.
        faces = max(1, albums.faces(event))
        least = least_similarity(self._eyes, event.plan.threshold, faces)
        photos = albums.like(event, self._eyes.model, looked.chosen[0].vector, least)
        confidence = self._eyes.confidence(photos[0].similarity, faces) if photos else 0.0
        return Search(request_id, confidence, tuple(found.photo for found in photos))


def find_search(door: Door, event: PhotoEvent, request_id: str) -> Search:
    """A former search of this event. Blocks for a read.

    Raises:
        Failed: 404, there is none, or none that has been done.
    """
    search = door.albums.search(event, request_id)
    if search is None:
        raise Failed(HTTPStatus.NOT_FOUND, "there is no such search in this event")
    return search


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


def _selfie(parameters: Parameters, most_bytes: int) -> bytes:
    upload = parameters.uploads.get("file")
    if upload is None:
        raise Invalid([("file", "must be a file" if "file" in parameters.values else "is missing")])
    if not upload.content:
        raise Failed(HTTPStatus.BAD_REQUEST, "the file is empty")
    if len(upload.content) > most_bytes:
        raise Failed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the file has more than {most_bytes:,} bytes")
    return upload.content


def _selfie_search(features: Features) -> bool:
    return features.selfie_search


def _largest(boxes: Sequence[Rect]) -> Sequence[int]:
    return range(min(1, len(boxes)))
