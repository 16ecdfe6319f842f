"""9Pic's selfie search: which photographs of an event somebody is in. Each search has an id, and is done once."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from edged.api.access import Cost, Grant, Right
from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.api.ninepic.door import Door, read_request_id
from edged.api.ninepic.envelope import Failed, Invalid, success
from edged.api.ninepic.images import Images
from edged.api.ninepic.paging import Page, read_page
from edged.api.parameters import Parameters, read_parameters
from edged.api.selfie_search import PATIENCE_S, SelfieSearch
from edged.photos.album import Features, PhotoEvent
from edged.photos.search import Search

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
            selfie = _selfie(parameters, self._most_bytes)
            search = await SelfieSearch(self._door.albums, self._eyes, self._patience_s).searched(
                event, request_id, selfie, by=grant
            )
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


def find_search(door: Door, event: PhotoEvent, request_id: str) -> Search:
    """A former search of this event. Blocks for a read.

    Raises:
        Failed: 404, there is none, or none that has been done.
    """
    search = door.albums.search(event, request_id)
    if search is None:
        raise Failed(HTTPStatus.NOT_FOUND, "there is no such search in this event")
    return search


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
