"""The hub's page of all devices: files only. What it shows it asks for with the token that its reader gives it."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from edged.api.assets import read_assets
from edged.api.native.answers import of_bug, of_routing
from edged.api.protection import PROTECTION

_PAGE: Final = "fleet.html"
_FILES: Final = frozenset(
    {"dom.js", "fleet.css", "fleet.js", "fleet_pushes.js", "fleet_table.js", "fleet_words.js", "icon.svg", "page.css"}
    | {"tokens.css", "words.js"}
)
"""Of the pages' files, those that this page needs: the hub is no device."""


def make_fleet_page(pages: Path) -> ASGIApp:
    """Serves `/fleet` and the files it needs below `/static`, without a token: neither tells of anybody.

    Args:
        pages: the folder of the files; read here, once.
    """
    assets = read_assets(pages)

    async def page(request: Request) -> Response:
        return _protected(assets[_PAGE].answer(request))

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _FILES:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _protected(assets[name].answer(request))

    app = Starlette(
        routes=[Route("/fleet", page), Route("/static/{name}", static)],
        exception_handlers={HTTPException: of_routing, Exception: of_bug},
    )
    app.router.redirect_slashes = False
    return app


def _protected(response: Response) -> Response:
    response.headers.update(PROTECTION)
    return response
