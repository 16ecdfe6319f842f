"""9Pic's downloads: links to original photographs, named by a search or by their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from edged.api.access import Cost, Right
from edged.api.ninepic.door import Door, canonical_uuid, read_request_id
from edged.api.ninepic.envelope import Invalid, success
from edged.api.ninepic.faces import find_search
from edged.api.ninepic.images import Images
from edged.api.ninepic.paging import Page, read_page
from edged.api.parameters import read_parameters
from edged.photos.album import Features, PhotoEvent
from edged.photos.photo import Photo

_METHODS: Final = ("selfie", "image_id", "image_ids")
_MOST_IDS: Final = 1000
_MOST_BYTES: Final = 256 * 1024
"""Of the JSON; the longest list of ids has 39 kB."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be downloaded.

    Attributes:
        identifier: as it was sent.
        search: the id of a search; empty where ids of photographs were sent.
        ids: those, each once.
    """

    identifier: object
    search: str
    ids: tuple[str, ...]


class Originals:
    """Answers with links that are good for an hour."""

    def __init__(self, door: Door, images: Images) -> None:
        self._door = door
        self._images = images

    async def links(self, request: Request) -> Response:
        event = await to_thread.run_sync(self._let_in, request)
        parameters = await read_parameters(request, _MOST_BYTES)
        page = read_page(parameters.values, size=30, most=60)
        wish = _read_wish(parameters.values)
        return await to_thread.run_sync(self._links, request, event, wish, page)

    def _let_in(self, request: Request) -> PhotoEvent:
        self._door.let_in(request, Right.READ, Cost.READING)
        return self._door.event(request, _downloads)

    def _links(self, request: Request, event: PhotoEvent, wish: _Wish, page: Page) -> Response:
        here = page.slice
        failed: Sequence[str] = ()
        if wish.search:
            search = find_search(self._door, event, wish.search)
            there = self._door.albums.photos_by_id(event, search.photos)
            total, photos = len(there), there[here]
        else:
            total = len(wish.ids)
            photos, failed = self._by_id(event, wish.ids[here])
        message = f"{len(photos)} links, good for an hour" + (f"; {len(failed)} unknown" if failed else "")
        data = {
            "presigned_urls": self._images.originals(request, photos),
            "failed_urls": failed,
            "total_images": total,
            "successful_count": len(photos),
            "failed_count": len(failed),
            "identifier": wish.identifier,
            "message": message,
            "pagination": page.pagination(total),
        }
        return success(data, message)

    def _by_id(self, event: PhotoEvent, asked: Sequence[str]) -> tuple[Sequence[Photo], list[str]]:
        """The photographs that there are, and what was asked for in vain, as it was written."""
        written = {one: canonical_uuid(one) for one in asked}
        photos = self._door.albums.photos_by_id(event, list(dict.fromkeys(filter(None, written.values()))))
        there = {photo.id for photo in photos}
        return photos, [one for one, photo in written.items() if photo not in there]


def _downloads(features: Features) -> bool:
    return features.downloads


def _read_wish(values: Mapping[str, Any]) -> _Wish:
    """What the body asks for.

    Raises:
        Invalid: all faults at once.
        Failed: 400, the id of a search is no UUID.
    """
    method, identifier = values.get("method"), values.get("identifier")
    faults: list[tuple[str, str]] = []
    if method is None:
        faults.append(("method", "is missing"))
    elif method not in _METHODS:
        faults.append(("method", f"must be one of {', '.join(_METHODS)}"))
    if identifier is None:
        faults.append(("identifier", "is missing"))
    elif method == "image_ids":
        faults += _faults_of_list(identifier)
    elif not isinstance(identifier, str):
        faults.append(("identifier", "must be text"))
    if faults:
        raise Invalid(faults)
    if method == "selfie":
        return _Wish(identifier, read_request_id(str(identifier)), ())
    ids = [identifier] if isinstance(identifier, str) else list(identifier or ())
    return _Wish(identifier, "", tuple(dict.fromkeys(ids)))


def _faults_of_list(identifier: object) -> list[tuple[str, str]]:
    """One id alone passes for a list of one."""
    if isinstance(identifier, str):
        return []
    if not isinstance(identifier, list):
        return [("identifier", "must be a list of texts")]
    if len(identifier) > _MOST_IDS:
        return [("identifier", f"has more than {_MOST_IDS} entries")]
    return [(f"identifier.{at}", "must be text") for at, one in enumerate(identifier) if not isinstance(one, str)]
