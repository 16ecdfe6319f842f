"""How this room says no: one JSON shape for every error, with words for a person."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from edged.api.protection import PROTECTION
from edged.domain.errors import EdgedError, Refused, Unavailable

_NONE: Final[Mapping[str, str]] = {}


def refusal(status: HTTPStatus, what: str, remedy: str = "", headers: Mapping[str, str] = _NONE) -> JSONResponse:
    """`{"error": {"what", "remedy"}}` under `status`."""
    document = {"error": {"what": what, "remedy": remedy}}
    return JSONResponse(document, status, {"cache-control": "no-store", **headers})


def of_edged(_request: Request, error: Exception) -> JSONResponse:
    """The answer to an error that edged raised on purpose."""
    assert isinstance(error, EdgedError)  # noqa: S101  registered for nothing else
    if isinstance(error, Unavailable):
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, error.what, error.remedy)
    if isinstance(error, Refused):
        return refusal(HTTPStatus.BAD_REQUEST, error.what, error.remedy)
    return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, error.what, error.remedy)


def of_routing(request: Request, error: Exception) -> JSONResponse:
    """The answer to an address that leads nowhere."""
    assert isinstance(error, HTTPException)  # noqa: S101  registered for nothing else
    if error.status_code == HTTPStatus.NOT_FOUND:
        return refusal(HTTPStatus.NOT_FOUND, f"there is nothing at {request.url.path}", "The page itself is at /")
    headers = dict(error.headers or {})
    if "Allow" in headers:  # Starlette joins a set: another order in each process
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    return refusal(HTTPStatus(error.status_code), error.detail, headers=headers)


def of_bug(_request: Request, _error: Exception) -> JSONResponse:
    """The answer to what nobody expected. It says nothing of what it was: the log does.

    Starlette gives it outside of all middleware, so that it brings its own protection.
    """
    return refusal(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "edged failed to answer, by a fault of its own",
        "The log has the details: journalctl -u edged",
        PROTECTION,
    )
