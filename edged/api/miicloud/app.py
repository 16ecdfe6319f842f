"""miiCloud: `/miicloud/…`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from edged.api.access import Cost, Grant, Right, enter
from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.api.miicloud.acceptance import takes_json
from edged.api.miicloud.answers import Failure, answer, failure, fault, forbidden
from edged.api.miicloud.enquiry import Enquiry, Operation
from edged.api.miicloud.matching import match_faces
from edged.api.miicloud.people import PREFIX, delete, enroll, show, update
from edged.api.parameters import read_parameters
from edged.domain.errors import EdgedError

_ENROLL: Final = Operation(enroll, Right.ENROLL, Cost.LOOKING)
_UPDATE: Final = Operation(update, Right.ENROLL, Cost.LOOKING)
_SHOW: Final = Operation(show, Right.READ)
_DELETE: Final = Operation(delete, Right.ENROLL)
_MATCH: Final = Operation(match_faces, Right.MATCH, Cost.LOOKING)
_IMAGE: Final = "/enroll/{image}"

TABLE: Final[Mapping[str, Mapping[str, Operation]]] = {
    "/person": {"GET": _SHOW, "POST": _ENROLL, "PUT": _UPDATE, "DELETE": _DELETE},
    "/person/{id}": {"GET": _SHOW, "PUT": _UPDATE, "DELETE": _DELETE},
    "/enroll": {"POST": _ENROLL},
    "/get_person": {"GET": _SHOW},
    "/get_person/{id}": {"GET": _SHOW},
    "/delete_person": {"DELETE": _DELETE},
    "/delete_person/{id}": {"DELETE": _DELETE},
    "/match_faces": {"POST": _MATCH},
}
"""Addresses below the prefix, each with an operation a method."""

_TOKEN: Final = re.compile(r"\s*token\s+(\S+)\s*", re.IGNORECASE)
_HOST: Final = re.compile(r"[\w.:\[\]-]+", re.ASCII)


def make_miicloud(centre: Centre) -> ASGIApp:
    """The application, to be called through `edged.api.addresses.Addresses`, with the prefix still in the address."""
    refused = partial(_refused, as_200=centre.manners.fail_as_200)
    app = Starlette(
        routes=[
            *(Route(f"{PREFIX}{path}", _Address(centre, operations)) for path, operations in TABLE.items()),
            Route(f"{PREFIX}{_IMAGE}", _image),
        ],
        exception_handlers={EdgedError: refused, HTTPException: _lost, Exception: _broken},
    )
    app.router.redirect_slashes = False
    return app


class _Address:
    """ASGI: one address, with an operation for each of its methods."""

    def __init__(self, centre: Centre, operations: Mapping[str, Operation]) -> None:
        self._centre = centre
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        operation = self._operation(request.method)
        grant = await self._let_in(request, operation)
        if not takes_json(",".join(request.headers.getlist("accept"))):
            raise Failure(HTTPStatus.NOT_ACCEPTABLE, "Answers are JSON, which the Accept header excludes")
        manners = self._centre.manners
        enquiry = Enquiry(
            centre=self._centre,
            grant=grant,
            parameters=await read_parameters(request, manners.max_photo_bytes),
            named=segment(request, "id") if "id" in request.path_params else "",
            home=manners.public_url or _called(request),
        )
        return answer(await to_thread.run_sync(operation.run, enquiry))

    def _operation(self, method: str) -> Operation:
        operation = self._operations.get("GET" if method == "HEAD" else method)
        if operation is None:
            allowed = ", ".join(self._operations)
            detail = f"{method} is not possible here; possible are {allowed}"
            raise Failure(HTTPStatus.METHOD_NOT_ALLOWED, detail, {"allow": allowed})
        return operation

    async def _let_in(self, request: Request, operation: Operation) -> Grant:
        """Raises Denied, also for a token that sees one organisation's photographs only: none are here."""
        sent = _TOKEN.fullmatch(request.headers.get("authorization", ""))
        grant = await enter(self._centre.gate, request, sent[1] if sent else "", operation.right, operation.cost)
        if not grant.is_for_people:
            raise forbidden("This token is for the photographs of an organisation only")
        return grant


async def _image(_request: Request) -> Response:
    """Where the images of answers lead to, whoever asks."""
    raise forbidden("Images are not given out")


def _called(request: Request) -> str:
    """What the client called us."""
    host = request.headers.get("host", "")
    return f"{request.scope['scheme']}://{host}" if _HOST.fullmatch(host) else ""


async def _refused(_request: Request, error: Exception, *, as_200: bool) -> Response:
    assert isinstance(error, EdgedError)  # noqa: S101  registered for nothing else
    return failure(error).answer(as_200=as_200)


async def _lost(_request: Request, error: Exception) -> Response:
    """The answer to an address that leads nowhere."""
    assert isinstance(error, HTTPException)  # noqa: S101  registered for nothing else
    known = error.status_code == HTTPStatus.NOT_FOUND
    detail = "There is nothing at this address" if known else error.detail
    return Failure(HTTPStatus(error.status_code), detail, error.headers or {}, fixed=True).answer()


async def _broken(_request: Request, _error: Exception) -> Response:
    """The answer to what nobody expected."""
    return fault().answer()
