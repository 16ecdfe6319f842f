"""Serves the photographs that signed links lead to. The link is the key: nobody needs a token here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.api.native.answers import error, of_bug, of_edged, of_routing
from edged.api.photo_link import PREFIX, PhotoLinks
from edged.domain.errors import EdgedError
from edged.photos.photo import PhotoKind
from edged.photos.photo_format import disposition

_PROTECTION: Final[Mapping[str, str]] = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""A photograph is a picture and nothing else; whoever has the link may show it in a page of theirs."""


def make_photos(centre: Centre, *, clock: Callable[[], float] = time.time) -> Starlette:
    """The application under `/edged/photos`.

    Args:
        clock: UTC seconds since the epoch.
    """
    app = Starlette(
        routes=[Route(f"{PREFIX}/{{id}}/{{kind}}", _Shelf(centre, clock).photo)],
        exception_handlers={EdgedError: of_edged, HTTPException: of_routing, Exception: of_bug},
    )
    app.router.redirect_slashes = False
    return app


class _Shelf:
    def __init__(self, centre: Centre, clock: Callable[[], float]) -> None:
        self._albums = centre.albums
        self._links = PhotoLinks(centre.link_key)
        self._clock = clock

    async def photo(self, request: Request) -> Response:
        """One file of one photograph.

        A link that we did not sign, one that is over, and one whose photograph is gone, or not for guests any more, are
        told apart: whoever has the second or third once had a good one.
        """
        photo = segment(request, "id")
        kind = _KINDS.get(segment(request, "kind"))
        expires = request.query_params.get("expires", "")
        signature = request.query_params.get("signature", "")
        if kind is None or self._albums is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if not self._links.genuine(photo, kind, expires, signature):
            return error(
                HTTPStatus.FORBIDDEN, "bad_link", "this link is not one of ours", "Ask for the photographs again"
            )
        left_s = int(int(expires) - self._clock())
        if left_s <= 0:
            return error(HTTPStatus.FORBIDDEN, "link_over", "this link is over", "Ask for the photographs again")
        file = await to_thread.run_sync(partial(self._albums.content, photo, kind, for_guests=True))
        if file is None:
            return error(HTTPStatus.NOT_FOUND, "not_found", "the photograph is gone")
        manner = "attachment" if kind is PhotoKind.ORIGINAL else "inline"
        headers = {
            **_PROTECTION,
            "cache-control": f"private, max-age={left_s}",
            "content-disposition": disposition(manner, file.filename),
        }
        return Response(file.content, media_type=file.media_type, headers=headers)


_KINDS: Final[Mapping[str, PhotoKind]] = {kind.value: kind for kind in PhotoKind}
