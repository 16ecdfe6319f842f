"""How this dialect answers: JSON, and one form for every error."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from edged.api.access import Denial, Denied
from edged.api.outage import keep, words
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.wire.payload import Payload

HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_NONE: Final[Mapping[str, str]] = {}
_STATUS_OF_REASON: Final = {
    "not_found": HTTPStatus.NOT_FOUND,
    "out_of_sight": HTTPStatus.FORBIDDEN,
    "taken": HTTPStatus.CONFLICT,
    "gone": HTTPStatus.CONFLICT,
    "purged": HTTPStatus.GONE,
    "other_epoch": HTTPStatus.CONFLICT,
    "other_key": HTTPStatus.CONFLICT,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_pixels": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
_STATUS_OF_DENIAL: Final = {
    Denial.NO_TOKEN: HTTPStatus.UNAUTHORIZED,
    Denial.WRONG_TOKEN: HTTPStatus.UNAUTHORIZED,
    Denial.NO_RIGHT: HTTPStatus.FORBIDDEN,
    Denial.THROTTLED: HTTPStatus.TOO_MANY_REQUESTS,
}


def answer(document: Payload, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A payload."""
    return Response(document.encoded(), status, HEADERS, "application/json")


def error(
    status: HTTPStatus, reason: str, what: str, remedy: str = "", headers: Mapping[str, str] = _NONE
) -> JSONResponse:
    """`{"error": {"reason", "what", "remedy"}}`: a stable word, what happened, and what to do."""
    document = {"error": {"reason": reason, "what": what, "remedy": remedy}}
    return JSONResponse(document, status, {**HEADERS, **headers})


def of_edged(_request: Request, raised: Exception) -> JSONResponse:
    """The answer to an error that was raised on purpose."""
    assert isinstance(raised, EdgedError)  # noqa: S101  registered for nothing else
    if isinstance(raised, Denied):
        headers = {"retry-after": str(raised.retry_after_s)} if raised.retry_after_s else {}
        if _STATUS_OF_DENIAL[raised.why] is HTTPStatus.UNAUTHORIZED:
            headers["www-authenticate"] = "Bearer"
        return error(_STATUS_OF_DENIAL[raised.why], raised.why.value, raised.what, raised.remedy, headers)
    if isinstance(raised, Refused):
        status = _STATUS_OF_REASON.get(raised.reason, HTTPStatus.BAD_REQUEST)
        return error(status, raised.reason, raised.what, raised.remedy)
    if isinstance(raised, Unavailable):
        headers = {"retry-after": "5"}
        return error(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", words(raised), headers=headers)
    keep(raised)
    return error(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "the centre cannot do this", "Its log says why")


def of_routing(request: Request, raised: Exception) -> JSONResponse:
    """The answer to an address or a method that leads nowhere."""
    assert isinstance(raised, HTTPException)  # noqa: S101  registered for nothing else
    if raised.status_code == HTTPStatus.NOT_FOUND:
        return error(HTTPStatus.NOT_FOUND, "not_found", f"there is nothing at {request.url.path}", "See /docs")
    status = HTTPStatus(raised.status_code)
    return error(status, status.name.lower(), raised.detail, headers=dict(raised.headers or {}))


def of_bug(_request: Request, _raised: Exception) -> JSONResponse:
    """The answer to what nobody expected; the log has the details."""
    return error(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "the centre failed, by a fault of its own")
