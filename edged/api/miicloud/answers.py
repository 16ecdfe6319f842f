"""How miiCloud answers: what was asked for, or `{"status": "fail", "detail"}` under a status of 400 and more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from starlette.responses import Response

from edged.api.access import Denial, Denied
from edged.domain.errors import EdgedError, Refused, Unavailable

BUSY_S: Final = 2
"""After how many seconds to come again when all eyes are busy."""
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_HEADERS: Final[Mapping[str, str]] = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_STATUS_OF: Final[Mapping[str, HTTPStatus]] = {
    "not_an_image": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "damaged": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_pixels": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
"""Of what is refused; everything else is 400."""
_OF_WHAT_WAS_SENT: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    }
)


class Failure(EdgedError):
    """What a client is told when nothing came of a request.

    Attributes:
        headers: of the answer; fixed: the status stays what it is under `Manners.fail_as_200`, too.
    """

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] = _NONE, *, fixed: bool = False
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers
        self.fixed = fixed or status not in _OF_WHAT_WAS_SENT

    def answer(self, *, as_200: bool = False) -> Response:
        """The answer.

        Args:
            as_200: give what is at fault with the request's content the status 200; who may not ask, asks too often or
                asks in vain is told by the status all the same.
        """
        status = HTTPStatus.OK if as_200 and not self.fixed else self.status
        return answer({"status": "fail", "detail": self.what}, status, self.headers)


def answer(document: Any, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] = _NONE) -> Response:
    body = json.dumps(document, separators=(",", ":"))  # in ASCII, which holds half a surrogate pair, too
    return Response(body, status, {**_HEADERS, **headers}, media_type="application/json")


def bad_request(detail: str) -> Failure:
    return Failure(HTTPStatus.BAD_REQUEST, detail)


def forbidden(detail: str) -> Failure:
    """The token is good, but not for this."""
    return Failure(HTTPStatus.FORBIDDEN, detail)


def unknown(person: str) -> Failure:
    """Nobody has this id."""
    return Failure(HTTPStatus.NOT_FOUND, f"There is no person {_short(person)}")


def failure(error: EdgedError) -> Failure:
    """What a client is told of an error that edged raised on purpose."""
    match error:
        case Failure():
            return error
        case Denied():
            return _of_denied(error)
        case Refused():
            return Failure(_STATUS_OF.get(error.reason, HTTPStatus.BAD_REQUEST), _sentence(error))
        case Unavailable():
            return Failure(HTTPStatus.SERVICE_UNAVAILABLE, _sentence(error), {"retry-after": str(BUSY_S)})
        case _:
            return fault()


def fault() -> Failure:
    """Something is broken. What it is, the log says and the answer does not."""
    return Failure(HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed, by a fault of its own")


def _of_denied(error: Denied) -> Failure:
    match error.why:
        case Denial.THROTTLED:
            return Failure(HTTPStatus.TOO_MANY_REQUESTS, _sentence(error), {"retry-after": str(error.retry_after_s)})
        case Denial.NO_RIGHT:
            return forbidden(_sentence(error))
        case _:  # absent and wrong alike
            return Failure(
                HTTPStatus.UNAUTHORIZED, "Send a valid token: Authorization: Token KEY", {"www-authenticate": "Token"}
            )


def _sentence(error: EdgedError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]


def _short(text: str, most: int = 100) -> str:
    return text if len(text) <= most else text[:most] + "…"
