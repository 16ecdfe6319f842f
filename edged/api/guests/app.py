"""The application at guests' own address, and all there is at it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from edged.api.assets import Asset, read_assets
from edged.api.guests.deeds import Deeds
from edged.api.guests.door import NO_STORE, Answers, Door, Porter
from edged.api.guests.pace import Pace
from edged.api.guests.pictures import Pictures
from edged.api.guests.port import GuestAlbums, GuestSearch
from edged.api.guests.reception import Reception, is_id
from edged.api.guests.sheet import Sheet
from edged.api.guests.turned_away import TurnedAway, Why
from edged.api.guests.turned_page import turned_page
from edged.api.guests.views import Views
from edged.api.guests.words import preferred, read_words
from edged.api.patience import Patience
from edged.domain.errors import EdgedError
from edged.photos.album import Doer
from edged.photos.guest_link import PREFIX, GuestLinks


def make_guests(
    albums: GuestAlbums,
    search: GuestSearch,
    links: GuestLinks,
    pages: Path,
    *,
    by: Doer,
    language: Callable[[], str] = lambda: "en",
    clock: Callable[[], float] = time.time,
    ticks: Callable[[], float] = time.monotonic,
    pace: Pace | None = None,
) -> Starlette:
    """The application, to be run by `Server`.

    Args:
        albums, search: see `edged.api.guests.port`; links: know ours.
        pages: the folder of all pages' files, read here, once; guests' own are in `guests`.
        by: a guest, for the audit log.
        language: what is spoken where a browser asks for none of ours.
        clock: UTC seconds since the epoch; ticks: seconds of a clock that never goes back.
        pace: how often guests may ask.
    """
    words = read_words(pages / "guests" / "words")
    shared = read_assets(pages)
    assets = {**read_assets(pages / "guests"), **{name: shared[name] for name in ("tokens.css", "icon.svg")}}

    def speaker(request: Request) -> Sheet:
        chosen = request.query_params.get("lang", "")
        spoken = chosen if chosen in words else ""
        asked = request.headers.get("accept-language", "")
        token = request.query_params.get("t", "")
        guest = request.path_params.get("id", "")
        return Sheet(
            words[spoken or preferred(asked, list(words), language())],
            chosen=bool(spoken),
            path=f"{PREFIX}/{guest}" if token and is_id(guest) else "",
            token=token,
        )

    answers = Answers(speaker)
    pace = pace or Pace(ticks)
    reception = Reception(albums, links, clock=clock, ticks=ticks)
    porter = Porter(reception, pace)
    views = Views(reception, porter, speaker, clock)
    pictures = Pictures(reception, porter, pace, clock)
    deeds = Deeds(albums, search, porter, reception, speaker, by)
    here, one = f"{PREFIX}/{{id}}", f"{PREFIX}/{{id}}/photos/{{photo}}"
    app = Starlette(
        routes=[
            *(Route(path, partial(_hint, speaker)) for path in ("/", PREFIX)),
            Route(here, views.results),
            Route(f"{here}/photos", views.more),
            Route(one, views.photo),
            Route(f"{here}/photos.zip", pictures.archive),
            Route(f"{one}/{{kind}}", pictures.picture),
            Route(f"{here}/again", deeds.again, methods=["POST"]),
            Route(f"{one}/not-me", deeds.deny, methods=["POST"]),
            Route(f"{one}/not-me/undo", deeds.withdraw, methods=["POST"]),
            Route(f"{one}/report", deeds.report, methods=["POST"]),
            Route(f"{here}/forget", views.forget),
            Route(f"{here}/forget", deeds.forget, methods=["POST"]),
            Route("/static/{name}", partial(_static, assets)),
        ],
        middleware=[Middleware(Patience), Middleware(Door, pace=pace, turned=answers.turned)],
        exception_handlers={
            TurnedAway: answers.of_turned,
            EdgedError: answers.of_edged,
            HTTPException: answers.of_routing,
            Exception: answers.of_bug,
        },
    )
    app.router.redirect_slashes = False
    return app


async def _hint(speaker: Callable[[Request], Sheet], request: Request) -> Response:
    """How one gets a link, for whoever comes without one."""
    return HTMLResponse(turned_page(speaker(request), Why.NO_LINK.value), HTTPStatus.OK, NO_STORE)


async def _static(assets: dict[str, Asset], request: Request) -> Response:
    asset = assets.get(request.path_params["name"])
    if asset is None:
        raise TurnedAway(Why.NO_LINK)
    return asset.answer(request)
