"""FindFace Cloud: `/v0/…`, `/v1/…`, and the addresses without a version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from edged.api.access import Denial, Denied, Grant, Right, enter
from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.api.findface.answers import preflight, refusal
from edged.api.findface.enquiry import Enquiry, Operation
from edged.api.findface.faults import Fault, fault, forbidden, not_found
from edged.api.findface.photos import read_photos
from edged.api.findface.table import NOTHING_THERE, operations
from edged.api.findface.version import UNVERSIONED, V0, V1, Version
from edged.api.parameters import read_parameters
from edged.domain.errors import EdgedError

_ATTRIBUTES: Final = ("age", "gender", "emotions")
_TOKEN: Final = re.compile(r"\s*(?:token|tok)(?::\s*|\s+)(\S+)\s*", re.IGNORECASE)
_HOST: Final = re.compile(r"[\w.:\[\]-]+", re.ASCII)


def make_findface(centre: Centre) -> ASGIApp:
    """The application, to be called through `edged.api.addresses.Addresses`, with the prefix still in the address.

    Every answer is JSON and may be read by pages of any web site.
    """
    routes = [
        Route(f"{version.prefix}{path}", _Address(centre, version, methods))
        for version in (V0, V1, UNVERSIONED)
        for path, methods in operations(version).items()
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={EdgedError: _of_edged, HTTPException: _of_routing, Exception: _of_bug},
    )
    app.router.redirect_slashes = False
    app.router.default = _Address(centre, UNVERSIONED, MappingProxyType({}))
    return app


class _Address:
    """ASGI: one address, with an operation for each of its methods; without any, the address of nothing.

    Args:
        operations: by method; each may be spoken by a version of its own.
    """

    def __init__(self, centre: Centre, version: Version, operations: Mapping[str, tuple[Version, Operation]]) -> None:
        self._centre = centre
        self._version = version
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = preflight(request) if request.method == "OPTIONS" else await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        version, operation = self._operations.get(method, (self._version, NOTHING_THERE))
        grant = await self._let_in(request, operation)
        if not grant.is_for_people:
            raise forbidden("This token is for the photographs of an organisation only")
        if operation is NOTHING_THERE:
            raise self._no_such(request)
        parameters = await read_parameters(request, self._centre.manners.max_photo_bytes)
        try:
            if parameters.body is not None:
                raise Fault(HTTPStatus.BAD_REQUEST, "MALFORMED_JSON", "The body is no JSON object")
            enquiry = Enquiry(
                centre=self._centre,
                version=version,
                grant=grant,
                parameters=parameters,
                segments={name: segment(request, name) for name in request.path_params},
                photos=await read_photos(parameters, operation.photos, self._centre),
                path=request.scope["path"],
                home=self._centre.manners.public_url or _called(request),
            )
            unavailable = _unavailable(enquiry, operation)
            response = await to_thread.run_sync(operation.run, enquiry)
        except EdgedError as error:
            raise fault(error, parameters.values) from error
        if unavailable:
            response.headers["x-edged-unavailable"] = unavailable
        return response

    async def _let_in(self, request: Request, operation: Operation) -> Grant:
        """Raises Denied."""
        read = _TOKEN.fullmatch(request.headers.get("authorization", ""))
        token = read.group(1) if read else ""
        ask = partial(enter, self._centre.gate, request, token)
        if operation.right is not None:
            return await ask(operation.right, operation.cost)
        try:
            return await ask(Right.READ, operation.cost)
        except Denied as denied:
            if denied.why is not Denial.NO_RIGHT:
                raise
            grant = await to_thread.run_sync(self._centre.gate.grant, token)
            if grant is None:  # It has been revoked a moment ago.
                raise
            return grant

    def _no_such(self, request: Request) -> Fault:
        if not self._operations:
            return not_found("There is nothing at this address")
        allowed = ", ".join([*self._operations, "OPTIONS"])
        reason = f"{request.method} is not possible here; possible are {allowed}"
        return Fault(HTTPStatus.METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", reason, headers={"allow": allowed})


def _unavailable(enquiry: Enquiry, operation: Operation) -> str:
    """What was asked for of a face and is not served: no model of ours tells it."""
    if enquiry.version.first or not operation.photos:
        return ""
    return ", ".join(name for name in _ATTRIBUTES if enquiry.truth(name))


def _called(request: Request) -> str:
    """What the client called us."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        return ""
    return f"{request.scope['scheme']}://{host}"


async def _of_edged(_request: Request, error: Exception) -> Response:
    assert isinstance(error, EdgedError)  # noqa: S101  registered for nothing else
    return refusal(fault(error))


async def _of_routing(_request: Request, error: Exception) -> Response:
    """What Starlette itself refuses, such as a body that ends too early."""
    assert isinstance(error, HTTPException)  # noqa: S101  registered for nothing else
    status = HTTPStatus(error.status_code)
    return refusal(Fault(status, "NOT_FOUND" if status is HTTPStatus.NOT_FOUND else status.name, error.detail))


async def _of_bug(_request: Request, _error: Exception) -> Response:
    """What nobody expected. It says nothing of what it was: the log does."""
    reason = "The service failed, by a fault of its own"
    return refusal(Fault(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", reason))
