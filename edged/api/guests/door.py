"""What every request of a guest passes: how often, from where, and with which link."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeVar

import anyio
from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edged.api.bucket import place_of
from edged.api.guests.pace import Deed, Pace
from edged.api.guests.reception import Reception, Visit
from edged.api.guests.sheet import Sheet
from edged.api.guests.turned_away import TurnedAway, Why
from edged.api.guests.turned_page import turned_page
from edged.api.protection import PROTECTION
from edged.domain.errors import Refused, Unavailable

log = logging.getLogger(__name__)

_POLICY: Final = "content-security-policy"
_PROTECTION: Final = {
    **PROTECTION,
    _POLICY: PROTECTION[_POLICY].replace("form-action 'none'", "form-action 'self'"),
    "x-robots-tag": "noindex",
}
_GUESS_S: Final = 1.0
"""So long waits for its answer who guesses links."""
_FOREIGN: Final = frozenset({"cross-site", "same-site"})
_METHODS: Final = frozenset({"GET", "POST"})
NO_STORE: Final = {"cache-control": "no-store"}

_Shown = TypeVar("_Shown")
Speaker = Callable[[Request], Sheet]
"""Makes a sheet in the language of whoever asks."""


class Door:
    """ASGI: counts requests, refuses those that other sites' pages make, and protects every answer.

    What changes something is asked for with the link's token in its address, which no other site knows: that a browser
    says whence a request comes is looked at all the same.

    Args:
        app: what answers.
        turned: makes the answer to a guest who is turned away.
    """

    def __init__(self, app: ASGIApp, pace: Pace, turned: Callable[[Request, TurnedAway], Response]) -> None:
        self._app = app
        self._pace = pace
        self._turned = turned

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def protected_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_PROTECTION)
            await send(message)

        request = Request(scope)
        try:
            with self._pace.request(address_of(request)):
                _check_origin(request)
                await self._app(scope, receive, protected_send)
        except TurnedAway as away:
            await self._turned(request, away)(scope, receive, protected_send)


def address_of(request: Request) -> str:
    return place_of(request.client.host if request.client else "")


class Porter:
    """Looks at a guest's link.

    Args:
        reception: knows links.
    """

    def __init__(self, reception: Reception, pace: Pace) -> None:
        self._reception = reception
        self._pace = pace

    async def let_in(self, request: Request, deed: Deed) -> Visit:
        """The guest whose link this is, who is about to do something.

        Raises:
            TurnedAway: as `Reception.visit`; TOO_OFTEN. Who guesses is answered later.
        """
        visit, _nothing = await self.show(request, lambda _visit: None)
        self._pace.deed(request.path_params["id"], deed)
        return visit

    async def show(self, request: Request, look: Callable[[Visit], _Shown]) -> tuple[Visit, _Shown]:
        """The guest whose link this is, and what is read for them, in one go on one worker thread.

        Raises:
            TurnedAway: as `let_in`, and as `look`.
        """
        request_id, token = request.path_params["id"], request.query_params.get("t", "")

        def work() -> tuple[Visit, _Shown]:
            visit = self._reception.visit(request_id, token)
            return visit, look(visit)

        self._pace.check(request_id)
        try:
            shown = await to_thread.run_sync(work)
        except TurnedAway as away:
            if away.why is Why.NO_LINK and self._pace.is_guessing(address_of(request)):
                await anyio.sleep(_GUESS_S)
            raise
        self._pace.link(request_id)
        return shown


class Answers:
    """What is answered where there is no answer: a page for people, JSON for scripts of ours.

    Args:
        speaker: see `Speaker`.
    """

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker

    def turned(self, request: Request, away: TurnedAway) -> Response:
        headers = {**NO_STORE, **({"retry-after": str(away.retry_after_s)} if away.retry_after_s else {})}
        return self._answer(request, away.why.value, away.why.status, headers, away.retry_after_s)

    def of_turned(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, TurnedAway)  # noqa: S101  registered for nothing else
        return self.turned(request, error)

    def of_edged(self, request: Request, error: Exception) -> Response:
        """Other errors of ours: their words are not for guests."""
        if isinstance(error, Unavailable):
            log.warning("a guest was not served: %s", error)
            return self._answer(request, Why.BUSY.value, HTTPStatus.SERVICE_UNAVAILABLE, NO_STORE)
        if isinstance(error, Refused):
            return self._answer(request, Why.UNCLEAR.value, HTTPStatus.BAD_REQUEST, NO_STORE)
        log.error("a guest was not served: %s", error)
        return self._answer(request, "bug", HTTPStatus.INTERNAL_SERVER_ERROR, NO_STORE)

    def of_routing(self, request: Request, _error: Exception) -> Response:
        return self.turned(request, TurnedAway(Why.NO_LINK))

    def of_bug(self, request: Request, _error: Exception) -> Response:
        """Given outside of all middleware, so that it brings its own protection."""
        return self._answer(request, "bug", HTTPStatus.INTERNAL_SERVER_ERROR, {**NO_STORE, **_PROTECTION})

    def _answer(
        self, request: Request, word: str, status: HTTPStatus, headers: dict[str, str], seconds: int = 0
    ) -> Response:
        sheet = self._speaker(request)
        if wants_json(request):
            return JSONResponse({"error": word, "seconds": seconds}, status, headers)
        back = word in {Why.TOO_OFTEN.value, Why.BUSY.value, Why.NO_PHOTO.value, Why.NOT_OFFERED.value}
        return HTMLResponse(turned_page(sheet, word, seconds=seconds, back=back and bool(sheet.path)), status, headers)


def wants_json(request: Request) -> bool:
    """Whether a script of ours asks."""
    return "application/json" in request.headers.get("accept", "")


def _check_origin(request: Request) -> None:
    headers = Headers(scope=request.scope)
    if request.method not in _METHODS:
        raise TurnedAway(Why.UNCLEAR)
    if request.method == "GET":
        return
    origin = headers.get("origin", "null")
    # A form of a page that sends no referrer has the origin null (Fetch, "append a request Origin header").
    own = {"null", f"http://{headers.get('host', '')}", f"https://{headers.get('host', '')}"}
    if headers.get("sec-fetch-site") in _FOREIGN or origin not in own:
        raise TurnedAway(Why.FOREIGN)
