"""The addresses of the console's review: strangers are enrolled, ignored, or given a made-up name."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.accounts.account import Role
from edged.api.asked import asked_of, told
from edged.api.console.review_list import (
    DismissRequest,
    EnrolRequest,
    NamedAnswer,
    NameRequest,
    enrolled_answer,
    unknown_list,
)
from edged.api.entrance import account_of, needs
from edged.api.port import Closed, Reviewer
from edged.api.refusal import refusal

LIST: Final = "/api/v1/console/review"
ENROLL: Final = "/api/v1/console/review/enroll"
DISMISS: Final = "/api/v1/console/review/dismiss"
NAME: Final = "/api/v1/console/review/name"
_NO_STORE: Final = {"cache-control": "no-store"}


def review_routes(reviewer: Reviewer | Closed) -> list[Route]:
    """Where there is no review its address says why."""
    if isinstance(reviewer, Closed):
        return [Route(LIST, partial(_closed, reviewer))]
    desk = _ReviewDesk(reviewer)
    return [
        Route(LIST, needs(Role.GUARD)(desk.unknowns)),
        Route(ENROLL, needs(Role.INSTALLER)(desk.enroll), methods=["POST"]),
        Route(DISMISS, needs(Role.GUARD)(desk.dismiss), methods=["POST"]),
        Route(NAME, needs(Role.GUARD)(desk.name), methods=["POST"]),
    ]


async def _closed(closed: Closed, _request: Request) -> Response:
    return refusal(HTTPStatus.FORBIDDEN, closed.what, closed.remedy)


class _ReviewDesk:
    """One method an address. `Guard` has seen to it that a page of ours asks."""

    def __init__(self, reviewer: Reviewer) -> None:
        self._reviewer = reviewer

    async def unknowns(self, _request: Request) -> Response:
        unknowns = await to_thread.run_sync(self._reviewer.unknowns)
        return told(unknown_list(unknowns))

    async def enroll(self, request: Request) -> Response:
        asked = await asked_of(request, EnrolRequest)
        events = [str(event) for event in asked.events]
        work = partial(self._reviewer.enroll_from_events, events, asked.person, known=asked.known, by=_by(request))
        answer = enrolled_answer(await to_thread.run_sync(work))
        return told(answer)

    async def dismiss(self, request: Request) -> Response:
        asked = await asked_of(request, DismissRequest)
        events = [str(event) for event in asked.events]
        await to_thread.run_sync(partial(self._reviewer.dismiss, events, undo=asked.undo, by=_by(request)))
        return JSONResponse({"ok": True}, headers=_NO_STORE)

    async def name(self, request: Request) -> Response:
        asked = await asked_of(request, NameRequest)
        events = [str(event) for event in asked.events]
        name = await to_thread.run_sync(partial(self._reviewer.name, events, asked.name, by=_by(request)))
        return told(NamedAnswer(name=name))


def _by(request: Request) -> str:
    account = account_of(request)
    return account.name if account else ""
