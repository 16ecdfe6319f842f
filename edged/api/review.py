"""The addresses of the page's review: the only ones by which something is changed."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Final, TypeVar

import anyio
from anyio import to_thread
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.api.port import Closed, Reviewer
from edged.api.refusal import refusal
from edged.api.review_list import DismissRequest, EnrolRequest, enrolled_answer, unknown_list
from edged.domain.errors import Refused, Unavailable

LIST: Final = "/api/v1/review"
ENROLL: Final = "/api/v1/review/enroll"
DISMISS: Final = "/api/v1/review/dismiss"
WRITES: Final = (ENROLL, DISMISS)
"""What may be posted to."""

_MAX_BODY: Final = 16 * 1024
_BODY_S: Final = 10.0
_NO_STORE: Final = {"cache-control": "no-store"}

_Asked = TypeVar("_Asked", bound=BaseModel)


def review_routes(reviewer: Reviewer | Closed) -> list[Route]:
    """Where there is no review its address says why."""
    if isinstance(reviewer, Closed):
        return [Route(LIST, partial(_closed, reviewer))]
    desk = _ReviewDesk(reviewer)
    return [
        Route(LIST, desk.unknowns),
        Route(ENROLL, desk.enroll, methods=["POST"]),
        Route(DISMISS, desk.dismiss, methods=["POST"]),
    ]


async def _closed(closed: Closed, _request: Request) -> Response:
    return refusal(HTTPStatus.FORBIDDEN, closed.what, closed.remedy)


class _ReviewDesk:
    """Answers requests, one method an address. `Guard` has seen to it that they come from our own page."""

    def __init__(self, reviewer: Reviewer) -> None:
        self._reviewer = reviewer

    async def unknowns(self, _request: Request) -> Response:
        unknowns = await to_thread.run_sync(self._reviewer.unknowns)
        return Response(unknown_list(unknowns).encoded(), media_type="application/json", headers=_NO_STORE)

    async def enroll(self, request: Request) -> Response:
        asked = await _asked(request, EnrolRequest)
        events = [str(event) for event in asked.events]
        work = partial(self._reviewer.enroll_from_events, events, asked.person, known=asked.known)
        answer = enrolled_answer(await to_thread.run_sync(work))
        return Response(answer.encoded(), media_type="application/json", headers=_NO_STORE)

    async def dismiss(self, request: Request) -> Response:
        asked = await _asked(request, DismissRequest)
        events = [str(event) for event in asked.events]
        await to_thread.run_sync(partial(self._reviewer.dismiss, events, undo=asked.undo))
        return JSONResponse({"ok": True}, headers=_NO_STORE)


async def _asked(request: Request, form: type[_Asked]) -> _Asked:
    """The request's body, read up to a limit in size and time.

    Raises:
        Refused: it is too long, or not what is asked for here.
        Unavailable: it did not come.
    """
    body = b""
    try:
        with anyio.fail_after(_BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > _MAX_BODY:
                    raise Refused("too_large", f"the request is longer than {_MAX_BODY // 1024} KB", "Choose fewer")
    except (TimeoutError, ClientDisconnect) as error:
        raise Unavailable("the request did not arrive whole", "Try again") from error
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the request"
        raise Refused("bad_request", f"{field}: {first['msg']}", "Correct it and try again") from error
