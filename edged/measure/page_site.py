"""Pages served on the loopback for a browser that measures them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NoReturn

import numpy as np
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from edged.api.assets import Asset, read_assets
from edged.api.booth import booth_routes
from edged.api.booth_port import BoothCamera
from edged.api.server import Server
from edged.api.streams import Streams
from edged.config.photos import PhotoSettings
from edged.domain.errors import Unavailable
from edged.domain.frame import Frame, Moment
from edged.domain.screen import Screen, Stage
from edged.photos.album import EventPlan, PhotoEvent
from edged.web.pages import PAGES

_STREAMS: Final = 8
_EVENT: Final = PhotoEvent(
    "2b0b6f3e-6a4e-4a57-8f2c-0d2f6c8f2a11", "bench", "party", EventPlan("Summer party"), created=0.0
)
_FRAME: Final = Frame("booth", 1, Moment(0.0, 0.0), np.zeros((720, 1280, 3), np.uint8))

Routes = Callable[[Mapping[str, Asset], Streams], Sequence[BaseRoute]]
"""From the files of the pages and the server's streams to addresses."""


@contextmanager
def served(routes: Routes) -> Iterator[str]:
    """Serves addresses, and the files of the pages, until the block ends; what they begin with."""
    assets = read_assets(PAGES)

    async def static(request: Request) -> Response:
        asset = assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        return asset.answer(request)

    streams = Streams(_STREAMS)
    app = Starlette(routes=[*routes(assets, streams), Route("/static/{name}", static)])
    app.state.streams = streams
    server = Server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve, name="page", daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join()


def booth_page(assets: Mapping[str, Asset], streams: Streams) -> Sequence[Route]:
    """`Routes` of a booth at which an event is on and nobody stands."""
    return booth_routes(_Booth(), assets["booth.html"], assets["booth-elsewhere.html"], streams)


def empty_page(_assets: Mapping[str, Asset], _streams: Streams) -> Sequence[Route]:
    """`Routes` of a page with nothing on it, to compare with."""

    async def nothing(_request: Request) -> Response:
        return Response("<!doctype html><title>Nothing</title><link rel=icon href=data:,>", media_type="text/html")

    return [Route("/nothing", nothing)]


class _Booth:
    """A `BoothDesk` for the first screen."""

    def settings(self) -> PhotoSettings:
        return PhotoSettings()

    def camera(self) -> BoothCamera:
        return BoothCamera()

    def frame(self) -> Frame:
        return _FRAME

    def guide(self) -> Screen:
        return Screen(Stage.REST)

    def event(self) -> PhotoEvent:
        return _EVENT

    def take(self, event: PhotoEvent) -> NoReturn:  # noqa: ARG002  the Protocol's
        raise _nobody()

    def discard(self, photo: str) -> NoReturn:  # noqa: ARG002  the Protocol's
        raise _nobody()

    def portrait(self) -> NoReturn:
        raise _nobody()

    async def search(self, event: PhotoEvent, request_id: str, portrait: bytes, consent: int) -> NoReturn:  # noqa: ARG002
        raise _nobody()

    def withdraw(self, event: PhotoEvent, request_id: str) -> NoReturn:  # noqa: ARG002
        raise _nobody()

    def found(self, event: PhotoEvent, request_id: str, offset: int, limit: int) -> NoReturn:  # noqa: ARG002
        raise _nobody()

    def deny(self, event: PhotoEvent, request_id: str, photo: str) -> NoReturn:  # noqa: ARG002
        raise _nobody()

    def picture(self, event: PhotoEvent, photo: str, kind: object, *, own: bool) -> NoReturn:  # noqa: ARG002
        raise _nobody()

    def link(self, event: PhotoEvent, request_id: str) -> NoReturn:  # noqa: ARG002
        raise _nobody()


def _nobody() -> Unavailable:
    return Unavailable("nobody stands at a booth that is measured")
