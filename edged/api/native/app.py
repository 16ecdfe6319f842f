"""Everything under `/edged/v1`."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from edged.api.centre import Centre
from edged.api.native.album_sync import album_sync_routes
from edged.api.native.albums import album_routes
from edged.api.native.answers import of_bug, of_edged, of_routing
from edged.api.native.feed import feed_routes
from edged.api.native.fleet import fleet_routes
from edged.api.native.people import people_routes
from edged.api.native.receipts import receipt_routes
from edged.api.native.tokens import token_routes
from edged.api.native.watch import watch_routes
from edged.domain.errors import EdgedError


def make_native(centre: Centre) -> ASGIApp:
    """The application, to be given addresses that begin with `/edged/v1` by `Addresses`.

    Raises:
        ValueError: the centre has no fleet or no albums, as a device has none.
    """
    if centre.fleet is None or centre.albums is None:
        raise ValueError("a centre without a fleet or albums has nothing to say here")
    app = Starlette(
        routes=[
            *feed_routes(centre, centre.fleet),
            *fleet_routes(centre, centre.fleet),
            *people_routes(centre, centre.fleet),
            *receipt_routes(centre, centre.fleet),
            *album_routes(centre, centre.albums),
            *(() if centre.feed is None else album_sync_routes(centre, centre.albums, centre.feed, centre.fleet)),
            *watch_routes(centre),
            *(() if centre.tokens is None else token_routes(centre, centre.tokens)),
        ],
        exception_handlers={EdgedError: of_edged, HTTPException: of_routing, Exception: of_bug},
    )
    app.router.redirect_slashes = False
    return app
