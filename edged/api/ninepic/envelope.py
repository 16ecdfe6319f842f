"""How 9Pic's dialect answers: one envelope for everything, errors included."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from edged.api.access import Denial, Denied
from edged.api.brackets import BadParameter
from edged.domain.errors import EdgedError, Refused, Unavailable

_NO_STORE: Final[Mapping[str, str]] = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_RETRY_S: Final = 2
"""When to come again where all are busy."""
_REFUSED: Final[Mapping[str, HTTPStatus]] = {
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_pixels": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
"""What is a fault of the photograph or of the form is 400."""


class Failed(Exception):
    """An answer that is no success; raised where it is found out."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Invalid(Failed):
    """Fields that are not what they should be: 422, each as `field.path: text`, with semicolons between.

    Args:
        faults: path of the field and what is wrong with it.
    """

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        message = "; ".join(f"{path}: {text}" for path, text in faults)
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY, message)


def success(data: Mapping[str, Any], message: str) -> Response:
    """200, with what was asked for."""
    return _enveloped(HTTPStatus.OK, "success", message, data, {})


def failure(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error; `data` is null."""
    return _enveloped(status, "error", message, None, headers or {})


def of_failed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Failed)  # noqa: S101  registered for nothing else
    return failure(error.status, error.message)


def of_edged(request: Request, error: Exception) -> Response:
    """The answer to an error that edged raised on purpose."""
    assert isinstance(error, EdgedError)  # noqa: S101  registered for nothing else
    message = f"{error.what}. {error.remedy}".rstrip(". ") if error.remedy else error.what
    if isinstance(error, Denied):
        return _of_denied(error, message)
    if isinstance(error, BadParameter):
        return of_failed(request, Invalid([(error.name or "body", error.what)]))
    if isinstance(error, Refused):
        if error.reason == "malformed_json":
            return of_failed(request, Invalid([("body", error.what)]))
        return failure(_REFUSED.get(error.reason, HTTPStatus.BAD_REQUEST), message)
    if isinstance(error, Unavailable):
        return failure(HTTPStatus.SERVICE_UNAVAILABLE, message, {"retry-after": str(_RETRY_S)})
    return failure(HTTPStatus.INTERNAL_SERVER_ERROR, "edged failed to answer; its log has the details")


def of_routing(request: Request, error: Exception) -> Response:
    """The answer to an address or a method that leads nowhere."""
    assert isinstance(error, HTTPException)  # noqa: S101  registered for nothing else
    if error.status_code == HTTPStatus.NOT_FOUND:
        return failure(HTTPStatus.NOT_FOUND, "there is nothing at this address")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return failure(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.method} is not for this address", error.headers)
    return failure(HTTPStatus(error.status_code), error.detail, error.headers)


def of_bug(_request: Request, _error: Exception) -> Response:
    """The answer to what nobody expected. It says nothing of what it was: the log does."""
    return failure(HTTPStatus.INTERNAL_SERVER_ERROR, "edged failed to answer, by a fault of its own")


def _of_denied(error: Denied, message: str) -> Response:
    if error.why is Denial.THROTTLED:
        return failure(HTTPStatus.TOO_MANY_REQUESTS, message, {"retry-after": str(error.retry_after_s)})
    if error.why is Denial.NO_TOKEN:
        return failure(HTTPStatus.UNAUTHORIZED, "no API key was sent. Send it in the header X-API-Key")
    if error.why is Denial.WRONG_TOKEN:
        return failure(HTTPStatus.FORBIDDEN, "the API key is not valid, or no longer")
    return failure(HTTPStatus.FORBIDDEN, message)


def _enveloped(
    status: HTTPStatus, kind: str, message: str, data: Mapping[str, Any] | None, headers: Mapping[str, str]
) -> Response:
    # In ASCII: read rightly also by clients that guess the charset.
    body = json.dumps({"responseType": kind, "message": message, "data": data}, separators=(",", ":"))
    return Response(body, status, {**_NO_STORE, **headers}, media_type="application/json")
