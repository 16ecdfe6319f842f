"""How the booth says no: by a status that its page has words for, and without a word of what failed behind it."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from edged.api import outage
from edged.api.refusal import refusal
from edged.api.screens import Endpoint
from edged.domain.errors import Busy, Refused, Unavailable

_OVER = frozenset({"no_event", "event_closed"})


class No(Exception):
    """What is asked for is not done; `answer` says why."""

    def __init__(self, status: HTTPStatus, what: str, remedy: str = "", *, retry_s: int = 0) -> None:
        super().__init__(what)
        self.answer = refusal(status, what, remedy, {"retry-after": str(retry_s)} if retry_s else {})


def over() -> No:
    """The round is over, or its event."""
    return No(HTTPStatus.GONE, "this round is over", "Begin another one")


def nothing() -> No:
    """Nothing of that name may be shown in this round, whether there is one or not."""
    return No(HTTPStatus.NOT_FOUND, "there is nothing of that name in this round")


def answering(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose errors are answers. What fails behind the booth is told to the log, not to who stands there."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except No as no:
            return no.answer
        except Busy as error:
            return refusal(HTTPStatus.TOO_MANY_REQUESTS, error.what, error.remedy, {"retry-after": "2"})
        except Unavailable as error:
            outage.keep(error)
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "that does not work at the moment", "Try again")
        except Refused as error:
            if error.reason == "full":
                return refusal(HTTPStatus.INSUFFICIENT_STORAGE, "there is no room for more photographs")
            return over().answer if error.reason in _OVER else refusal(HTTPStatus.BAD_REQUEST, error.what, error.remedy)

    return answered
