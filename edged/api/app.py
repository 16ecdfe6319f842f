"""The device's HTTP interface: its pages, and the same information for programs, for whoever has signed in."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final
from uuid import UUID

import anyio
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.accounts.accounts import Accounts
from edged.accounts.note import Note, untold
from edged.api import projector
from edged.api.account_list import account_routes
from edged.api.asked import told
from edged.api.assets import Asset, read_assets
from edged.api.booth import booth_routes
from edged.api.booth_port import BoothDesk
from edged.api.console.review import review_routes
from edged.api.entrance import SIGN_IN_PAGE, Entrance
from edged.api.event_list import event_list
from edged.api.guard import LOOPBACK_HOSTS, Guard
from edged.api.kiosk import KioskDesk, kiosk_routes
from edged.api.news import MEDIA_TYPE, message
from edged.api.port import Closed, Device, DeviceState, KeptEvent, Reviewer
from edged.api.projector import Projector
from edged.api.refusal import of_bug, of_edged, of_routing, refusal
from edged.api.sign_in import sign_in_routes
from edged.api.streams import Stream, Streams
from edged.api.supervision import METRICS_TYPE, lively, ready
from edged.domain.errors import EdgedError

PAGES: Final = (
    "",
    "events",
    "people",
    "review",
    "doors",
    "photos",
    "event-report",
    "config",
    "health",
    "cameras",
    "audit",
    "accounts",
)
"""Addresses of the console's pages; `/` is Live."""
_MAX_STREAMS: Final = 8
_EVENTS_SHOWN: Final = 100
_EVENTS_EVERY_S: Final = 0.5
_STATE_EVERY_S: Final = 2.0
_NO_STORE: Final = {"cache-control": "no-store"}


def make_app(
    device: Device,
    pages: Path,
    *,
    accounts: Accounts,
    reviewer: Reviewer | Closed,
    note: Note = untold,
    rooms: Sequence[Route] = (),
    kiosk: KioskDesk | None = None,
    booth: BoothDesk | None = None,
    allowed_hosts: Collection[str] = LOOPBACK_HOSTS,
) -> Starlette:
    """The application, to be run by `Server`.

    Args:
        device: answers the questions.
        pages: the folder of the pages' files, read here, once: `<name>.html` is the page `/<name>` of `PAGES`.
        accounts: who may sign in, and who has.
        reviewer: does what the review asks for, or says why there is none: then nobody can be enrolled from it.
        note: told of every sign-in and of every change of an account.
        rooms: the addresses of the console's other pages; each says with `needs` who may ask it, and whoever is
            signed in may ask the others.
        kiosk: answers for the screen at a door; booth: for the booth; None where there is none.
        allowed_hosts: see `Guard`.
    """
    assets = read_assets(pages)
    served = {f"/{name}" if name else "/": f"{name or 'index'}.html" for name in PAGES}
    shown = {path: assets[file] for path, file in served.items() if file in assets}
    entrance = Entrance(accounts, shown.keys())
    desk = _Desk(device, assets, Streams(_MAX_STREAMS), entrance)
    app = Starlette(
        routes=[
            *(Route(path, partial(_page, asset)) for path, asset in shown.items()),
            Route(SIGN_IN_PAGE, partial(_page, assets["sign-in.html"])),
            Route("/static/{name}", desk.static),
            Route("/healthz", desk.alive),
            Route("/readyz", desk.ready),
            Route("/metrics", desk.metrics),
            Route("/api/v1/state", desk.state),
            Route("/api/v1/events", desk.events),
            Route("/api/v1/events/{id:uuid}/picture.jpg", desk.picture),
            Route("/api/v1/cameras/{name}/live.mjpeg", desk.live),
            Route("/api/v1/stream", desk.stream),
            *sign_in_routes(accounts, note, device=lambda: device.state().info.device, ticks=time.monotonic),
            *account_routes(accounts, note),
            *review_routes(reviewer),
            *rooms,
            *(kiosk_routes(kiosk, assets["kiosk.html"], desk.streams) if kiosk else ()),
            *(booth_routes(booth, assets["booth.html"], assets["booth-elsewhere.html"], desk.streams) if booth else ()),
        ],
        middleware=[Middleware(Guard, allowed_hosts=allowed_hosts, entrance=entrance)],
        exception_handlers={EdgedError: of_edged, HTTPException: of_routing, Exception: of_bug},
    )
    app.router.redirect_slashes = False
    app.state.streams = desk.streams
    return app


async def _page(asset: Asset, request: Request) -> Response:
    return asset.answer(request)


class _Desk:
    """Answers requests, one method an address. The device is asked on worker threads, never on the event loop."""

    def __init__(self, device: Device, assets: Mapping[str, Asset], streams: Streams, entrance: Entrance) -> None:
        self._device = device
        self._assets = assets
        self._entrance = entrance
        self._projector = Projector(device, streams)
        self.streams = streams

    async def static(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return asset.answer(request)

    async def alive(self, _request: Request) -> Response:
        """That the process answers and its threads come round, for a supervisor: 200, else 503."""
        return lively(self._device.fitness())

    async def ready(self, _request: Request) -> Response:
        """That it recognises people: 200 when ready, degraded or not, else 503."""
        return ready(self._device.fitness())

    async def metrics(self, _request: Request) -> Response:
        """For Prometheus."""
        text = await to_thread.run_sync(self._figures)
        return Response(text, headers={**_NO_STORE, "content-type": METRICS_TYPE})

    def _figures(self) -> bytes:
        # Loaded where it is asked for only: half a megabyte of memory.
        from edged.api.device_metrics import exposition  # noqa: PLC0415

        return exposition(self._device.state())

    async def state(self, _request: Request) -> Response:
        return told(await self._state())

    async def events(self, _request: Request) -> Response:
        """The newest events, oldest first."""
        return told(event_list(await self._events(after=0)))

    async def picture(self, request: Request) -> Response:
        event_id: UUID = request.path_params["id"]
        jpeg = await to_thread.run_sync(self._device.picture, str(event_id))
        if jpeg is None:
            return refusal(HTTPStatus.NOT_FOUND, f"no picture is kept for the event {event_id}")
        return Response(jpeg, media_type="image/jpeg", headers=_NO_STORE)

    async def live(self, request: Request) -> Response:
        """What a camera sees, as motion JPEG; see `Projector.parts`."""
        name = request.path_params["name"]
        if name not in (await self._state()).cameras:
            return refusal(HTTPStatus.NOT_FOUND, f"there is no camera {name}", "The names are in /api/v1/state")
        if await to_thread.run_sync(self._device.view, name) is None:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"the camera {name} gives no pictures at the moment")
        pieces = self._entrance.while_signed_in(request, self._projector.parts(name))
        return Stream(self.streams, pieces, projector.MEDIA_TYPE)

    async def stream(self, request: Request) -> Response:
        """Events and state as server-sent events; see `_news`."""
        pieces = self._entrance.while_signed_in(request, self._news())
        return Stream(self.streams, pieces, MEDIA_TYPE)

    async def _news(self) -> AsyncIterator[bytes]:
        """Messages `events` (the newest at once, then what comes) and `state` (every two seconds: the heartbeat).

        Nothing is queued: what happened since the last message is read from the device when the reader is ready for
        the next, so that a slow reader misses events that fell out of the newest hundred, and never lags.
        """
        yield b"retry: 2000\n\n"
        events = await self._events(after=0)
        yield message("events", event_list(events))
        last = events[-1].number if events else 0
        due = anyio.current_time()
        while not self.streams.closing:
            if anyio.current_time() >= due:
                due = anyio.current_time() + _STATE_EVERY_S
                yield message("state", await self._state())
            await anyio.sleep(_EVENTS_EVERY_S)
            events = await self._events(after=last)
            if events:
                yield message("events", event_list(events))
                last = events[-1].number

    async def _state(self) -> DeviceState:
        return await to_thread.run_sync(self._device.state)

    async def _events(self, *, after: int) -> Sequence[KeptEvent]:
        return await to_thread.run_sync(partial(self._device.events, after=after, limit=_EVENTS_SHOWN))
