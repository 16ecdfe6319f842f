"""The addresses of the page's review."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.accounts.account import Role
from edged.api.asked import asked_of
from edged.api.entrance import needs
from edged.api.port import Closed, Reviewer
from edged.api.refusal import refusal
from edged.api.review_list import DismissRequest, EnrolRequest, enrolled_answer, unknown_list

LIST: Final = "/api/v1/review"
ENROLL: Final = "/api/v1/review/enroll"
DISMISS: Final = "/api/v1/review/dismiss"
_NO_STORE: Final = {"cache-control": "no-store"}


def review_routes(reviewer: Reviewer | Closed) -> list[Route]:
    """Where there is no review its address says why."""
    if isinstance(reviewer, Closed):
        return [Route(LIST, partial(_closed, reviewer))]
    desk = _ReviewDesk(reviewer)
    return [
        Route(LIST, desk.unknowns),
        Route(ENROLL, needs(Role.INSTALLER)(desk.enroll), methods=["POST"]),
        Route(DISMISS, desk.dismiss, methods=["POST"]),
    ]


async def _closed(closed: Closed, _request: Request) -> Response:
    return refusal(HTTPStatus.FORBIDDEN, closed.what, closed.remedy)


class _ReviewDesk:
    """Answers requests, one method an address. `Guard` has seen to it that a page of ours asks."""

    def __init__(self, reviewer: Reviewer) -> None:
        self._reviewer = reviewer

    async def unknowns(self, _request: Request) -> Response:
        unknowns = await to_thread.run_sync(self._reviewer.unknowns)
        return Response(unknown_list(unknowns).encoded(), media_type="application/json", headers=_NO_STORE)

    async def enroll(self, request: Request) -> Response:
        asked = await asked_of(request, EnrolRequest)
        events = [str(event) for event in asked.events]
        work = partial(self._reviewer.enroll_from_events, events, asked.person, known=asked.known)
        answer = enrolled_answer(await to_thread.run_sync(work))
        return Response(answer.encoded(), media_type="application/json", headers=_NO_STORE)

    async def dismiss(self, request: Request) -> Response:
        asked = await asked_of(request, DismissRequest)
        events = [str(event) for event in asked.events]
        await to_thread.run_sync(partial(self._reviewer.dismiss, events, undo=asked.undo))
        return JSONResponse({"ok": True}, headers=_NO_STORE)
