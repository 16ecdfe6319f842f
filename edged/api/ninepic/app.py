"""9Pic's face search: `/api/v1/ext/{organisation}/…`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from edged.api.centre import Centre
from edged.api.ninepic.door import Door
from edged.api.ninepic.envelope import Failed, of_bug, of_edged, of_failed, of_routing
from edged.api.ninepic.events import Events
from edged.api.ninepic.faces import Faces
from edged.api.ninepic.images import Images
from edged.api.ninepic.originals import Originals
from edged.api.selfie_search import PATIENCE_S
from edged.domain.errors import EdgedError

PREFIX: Final = "/api/v1/ext"
_ORGANISATION: Final = f"{PREFIX}/{{organisation}}"
_EVENT: Final = f"{_ORGANISATION}/event/{{event}}"
NOT_OFFERED: Final = ("bib", "bibs", "name", "names", "timeline", "video", "videos", "video-faces", "video-selfie")
"""Searches that edged does not have, under the names they may have in addresses."""
_METHODS: Final = ["GET", "POST"]


def make_ninepic(centre: Centre, *, clock: Callable[[], float] = time.time, patience_s: float = PATIENCE_S) -> ASGIApp:
    """The application; what it links to is served by `edged.api.photos`.

    Args:
        clock: UTC seconds since the epoch.
        patience_s: how long a request waits for another one that does the same search.
    """
    door, images = Door(centre, clock), Images(centre, clock)
    events, originals = Events(door, images), Originals(door, images)
    faces = Faces(centre, door, images, patience_s)
    app = Starlette(
        routes=[
            Route(f"{_ORGANISATION}/events", events.listed),
            Route(f"{_EVENT}/ping", events.ping),
            Route(f"{_EVENT}/details", events.details),
            Route(f"{_EVENT}/images", events.images),
            Route(f"{_EVENT}/faces", faces.search, methods=["POST"]),
            Route(f"{_EVENT}/faces/{{request_id}}", faces.found),
            Route(f"{_EVENT}/original-photos", originals.links, methods=["POST"]),
            *(
                Route(f"{_EVENT}/{search}{rest}", events.not_offered, methods=_METHODS)
                for search in NOT_OFFERED
                for rest in ("", "/{rest:path}")
            ),
        ],
        exception_handlers={
            Failed: of_failed,
            EdgedError: of_edged,
            HTTPException: of_routing,
            Exception: of_bug,
        },
    )
    app.router.redirect_slashes = False
    return app
