"""What supervisors, load balancers and Prometheus ask of the hub."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import anyio
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.api.access import Right
from edged.api.centre import Centre
from edged.api.native.answers import HEADERS, of_bug, of_edged, of_routing
from edged.api.native.asking import let_in_whole
from edged.api.outage import AWAY, keep
from edged.api.supervision import METRICS_TYPE, missing
from edged.domain.errors import EdgedError

_ASK_EVERY_S: Final = 1.0
_PATIENCE_S: Final = 3.0


def make_health(centre: Centre, exposition: Callable[[], bytes], *, patience_s: float = _PATIENCE_S) -> Starlette:
    """Answers `/healthz`, `/readyz` and `/metrics`.

    The first two need no token and tell nothing else. The figures need one with the right `metrics`: whoever calls
    from this machine is not let in for that, since behind a proxy everybody calls from there.

    Args:
        centre: who is let in, and whose store must answer.
        exposition: the figures; blocks.
        patience_s: how long the store may take.
    """
    assert centre.fleet is not None  # noqa: S101  a hub has one
    desk = _Desk(centre, exposition, _Store(centre.fleet.newest, patience_s))
    app = Starlette(
        routes=[
            Route("/healthz", desk.alive),
            Route("/readyz", desk.ready),
            Route("/metrics", desk.metrics),
        ],
        exception_handlers={EdgedError: of_edged, HTTPException: of_routing, Exception: of_bug},
    )
    app.router.redirect_slashes = False
    return app


class _Desk:
    def __init__(self, centre: Centre, exposition: Callable[[], bytes], store: _Store) -> None:
        self._centre = centre
        self._exposition = exposition
        self._store = store

    async def alive(self, _request: Request) -> Response:
        """That the event loop comes round."""
        return JSONResponse({"ok": True}, headers=HEADERS)

    async def ready(self, _request: Request) -> Response:
        """That requests can be answered: document, key, models and certificate are good, or there were no hub to ask;
        the store answers now.
        """
        said = await self._store.complaint()
        return missing({"store": said}) if said else JSONResponse({"ok": True}, headers=HEADERS)

    async def metrics(self, request: Request) -> Response:
        """For Prometheus."""
        await let_in_whole(self._centre, request, Right.METRICS)
        text = await to_thread.run_sync(self._exposition)
        return Response(text, headers={**HEADERS, "content-type": METRICS_TYPE})


class _Store:
    """Asks the store at most once a second and by one request at a time, since strangers may have it asked.

    Args:
        ask: a cheap question; blocks, and raises where there is no answer.
    """

    def __init__(self, ask: Callable[[], object], patience_s: float) -> None:
        self._ask = ask
        self._patience_s = patience_s
        self._turn = anyio.Lock()
        self._said = (float("-inf"), "")

    async def complaint(self) -> str:
        """What is wrong with it, in words for everybody; empty where it answers."""
        async with self._turn:
            at, said = self._said
            if time.monotonic() - at >= _ASK_EVERY_S:
                said = AWAY
                with anyio.move_on_after(self._patience_s):
                    said = await to_thread.run_sync(self._complaint, abandon_on_cancel=True)
                self._said = (time.monotonic(), said)
            return said

    def _complaint(self) -> str:
        try:
            self._ask()
        except EdgedError as error:
            keep(error)
            return AWAY
        return ""
