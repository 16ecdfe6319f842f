"""The booth: its page, its mirror, and what one guest after the other does there.

Whoever stands before it may be anybody. Nothing needs a sign-in, so only the screens that the configuration names are
answered; nothing is looked at before somebody has agreed; and what the screen may show is bound to one round, which
ends with the guest.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Final, TypeVar

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api import mirror
from edged.api.asked import Form, asked_of, told
from edged.api.assets import Asset
from edged.api.booth_message import (
    BeginForm,
    BegunRound,
    FoundGuest,
    NothingForm,
    PhoneCode,
    TakenPhoto,
    found_of,
    part_of,
)
from edged.api.booth_port import BoothDesk
from edged.api.booth_refusal import No, answering, nothing, over
from edged.api.booth_round import Purpose, Round, Rounds
from edged.api.booth_state import BoothState
from edged.api.bucket import Buckets
from edged.api.mirror import Mirror
from edged.api.news import MEDIA_TYPE, news
from edged.api.screens import Endpoint, Screens
from edged.api.streams import Stream, Streams
from edged.photos.album import PhotoEvent
from edged.photos.photo import PhotoKind
from edged.wire.payload import Payload, instant

PAGE: Final = "/booth"
STATE: Final = "/api/v1/booth/state"
ROUNDS: Final = "/api/v1/booth/rounds"

_AT_ONCE: Final = 2
"""Pages: the booth's, and the same one that was just loaded anew."""
_MAX_BODY: Final = 1024
_LOOK_S: Final = 0.1
_PAGE: Final = 24
"""Photographs that are told of at once, at most and by default."""
_BEGINS_PER_MINUTE: Final = 20
_WORKS_PER_MINUTE: Final = 10
_ALL: Final = ""
_NO_STORE: Final = {"cache-control": "no-store"}
_SIZES: Final = {"thumbnail": PhotoKind.THUMBNAIL, "preview": PhotoKind.PREVIEW}
_DONE: Final = Payload()

_Form = TypeVar("_Form", bound=Form)


def booth_routes(
    desk: BoothDesk,
    page: Asset,
    elsewhere: Asset,
    streams: Streams,
    *,
    ticks: Callable[[], float] = time.monotonic,
) -> list[Route]:
    """The addresses of the booth. Screens that are none of `photos.screens` get 403.

    Args:
        desk: answers.
        page: the document; elsewhere: for whoever is none of the screens, see `Screens`.
        streams: those of the whole server; the booth's own are counted apart, and end with them.
        ticks: seconds of a clock that never goes back.
    """
    booth = _Booth(desk, page, streams, ticks)
    screens = Screens(lambda: desk.settings().screens, elsewhere)

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, screens.only(answering(endpoint)), methods=[method])

    one = ROUNDS + "/{round}"
    photo = one + "/photographs/{photo:uuid}"
    return [
        Route(PAGE, screens.only_page(booth.page)),
        route(STATE, booth.state),
        route(ROUNDS, booth.begin, "POST"),
        route(one + "/agreed", booth.agree, "POST"),
        route(one + "/end", booth.end, "POST"),
        route(one + "/mirror", booth.pictures),
        route(one + "/photographs", booth.take, "POST"),
        route(one + "/search", booth.search, "POST"),
        route(one + "/found", booth.found),
        route(photo + "/discard", booth.discard, "POST"),
        route(photo + "/not-me", booth.deny, "POST"),
        route(photo + "/{size}.jpg", booth.picture),
    ]


class _Booth:
    """Answers requests, one method an address."""

    def __init__(self, desk: BoothDesk, page: Asset, streams: Streams, ticks: Callable[[], float]) -> None:
        self._desk = desk
        self._page = page
        self._rounds = Rounds(ticks)
        self._ticks = ticks
        self._states = Streams(_AT_ONCE, streams)
        self._mirrors = Streams(_AT_ONCE, streams)
        self._mirror = Mirror(desk.frame, self._mirrors)
        self._state = BoothState(desk, self._mirrors, ticks)
        self._begins = Buckets(_BEGINS_PER_MINUTE, burst_s=60)
        self._works = Buckets(_WORKS_PER_MINUTE, burst_s=60)
        self._working = False

    async def page(self, request: Request) -> Response:
        return self._page.answer(request)

    async def state(self, _request: Request) -> Response:
        """How things stand, as server-sent events; see `BoothState.now` and `news`."""
        return Stream(self._states, news(self._state.now, self._states, _LOOK_S), MEDIA_TYPE)

    async def begin(self, request: Request) -> Response:
        """A guest has agreed to something: the former round is over, and a new one begins."""
        form = await _asked(request, BeginForm)
        event = await self._agreed_event(form)
        self._take(self._begins)
        begun = self._rounds.begin(event)
        begun.agreed[form.purpose] = form.consent
        return told(BegunRound(round=begun.token))

    async def agree(self, request: Request) -> Response:
        """The guest of a round has agreed to something else, too."""
        now = self._round(request)
        form = await _asked(request, BeginForm)
        event = await self._agreed_event(form)
        if event.id != now.event.id:
            raise over()
        now.agreed[form.purpose] = form.consent
        return told(_DONE)

    async def end(self, request: Request) -> Response:
        """The guest has gone; nothing of theirs is shown any more."""
        await _asked(request, NothingForm)
        self._rounds.end(request.path_params["round"])
        return told(_DONE)

    async def pictures(self, request: Request) -> Response:
        """The mirror, as motion JPEG, for as long as the round is on; see `Mirror.parts`."""
        now = self._round(request)
        if self._desk.frame() is None:
            raise No(HTTPStatus.SERVICE_UNAVAILABLE, "there is no picture at the moment")
        return Stream(self._mirrors, self._parts(now.token, mirror.side_asked(request)), mirror.MEDIA_TYPE)

    async def take(self, request: Request) -> Response:
        """Takes a photograph, now."""
        now = self._round(request)
        await _asked(request, NothingForm)
        self._consent(now, Purpose.TAKE)
        with self._at_work():
            event = await self._same_event(now)
            photo = await to_thread.run_sync(self._desk.take, event)
        now.taken = photo.id
        return told(TakenPhoto(photo=part_of(photo)))

    async def discard(self, request: Request) -> Response:
        """Deletes the photograph that was taken last."""
        now, photo = self._round(request), str(request.path_params["photo"])
        await _asked(request, NothingForm)
        if photo != now.taken:
            raise nothing()
        await to_thread.run_sync(self._desk.discard, photo)
        now.taken, now.shown = "", now.shown - {photo}
        return told(_DONE)

    async def search(self, request: Request) -> Response:
        """Takes a portrait of whoever stands there, and looks for them."""
        now = self._round(request)
        await _asked(request, NothingForm)
        consent = self._consent(now, Purpose.FIND)
        with self._at_work():
            event = await self._same_event(now)
            if not (event.plan.features.enabled and event.plan.features.selfie_search):
                raise No(HTTPStatus.FORBIDDEN, "guests cannot look for themselves at this event")
            portrait = await to_thread.run_sync(self._desk.portrait)
            request_id = str(uuid.uuid4())
            search = await self._desk.search(event, request_id, portrait, consent)
        if not self._rounds.is_on(now.token):
            # Nobody was given the link to it: nobody could ever ask for it to be forgotten.
            await to_thread.run_sync(self._desk.withdraw, event, request_id)
            raise over()
        now.found(request_id, search.photos)
        page = await to_thread.run_sync(partial(self._desk.found, event, request_id, 0, _PAGE))
        link = await to_thread.run_sync(self._desk.link, event, request_id) if search.probe else None
        code = PhoneCode(picture=link.picture, until=instant(link.until)) if link else None
        first = found_of(page, 0)
        return told(FoundGuest(**dict(first), has_face=search.probe is not None, code=code))

    async def found(self, request: Request) -> Response:
        """Some of what was found: `offset`, and `limit` up to 24."""
        now = self._round(request)
        if not now.request_id:
            raise nothing()
        await self._shown_event(now)
        offset, limit = _number(request, "offset", 0), min(_number(request, "limit", _PAGE), _PAGE)
        page = await to_thread.run_sync(partial(self._desk.found, now.event, now.request_id, offset, limit))
        return told(found_of(page, offset))

    async def deny(self, request: Request) -> Response:
        """The guest is not in a photograph: it is not found by their face again."""
        now, photo = self._round(request), str(request.path_params["photo"])
        await _asked(request, NothingForm)
        await self._shown_event(now)
        if photo not in now.shown:
            raise nothing()
        await to_thread.run_sync(partial(self._desk.deny, now.event, now.request_id, photo))
        now.shown -= {photo}
        return told(_DONE)

    async def picture(self, request: Request) -> Response:
        """A photograph of this round: `thumbnail` or `preview`."""
        now, photo = self._round(request), str(request.path_params["photo"])
        kind, own = _SIZES.get(request.path_params["size"]), photo == now.taken
        if kind is None or not (own or photo in now.shown):
            raise nothing()
        if not own:
            await self._shown_event(now)
        file = await to_thread.run_sync(partial(self._desk.picture, now.event, photo, kind, own=own))
        if file is None:
            raise nothing()
        return Response(file.content, media_type=file.media_type, headers=_NO_STORE)

    async def _agreed_event(self, form: BeginForm) -> PhotoEvent:
        """The event, where the guest has read what it says now."""
        event = await to_thread.run_sync(self._desk.event)
        if event is None:
            raise over()
        if (event.id, event.consent_version) != (form.event, form.consent):
            raise No(HTTPStatus.CONFLICT, "this is not what guests agree to now", "Show them what it says now")
        return event

    async def _same_event(self, now: Round) -> PhotoEvent:
        event = await to_thread.run_sync(self._desk.event)
        if event is None or event.id != now.event.id:
            raise over()
        return event

    async def _shown_event(self, now: Round) -> None:
        """Raises that the round is over where guests are shown nothing of its event any more."""
        event = await self._same_event(now)
        if not event.plan.features.enabled:
            raise over()

    async def _parts(self, token: str, side: int) -> AsyncIterator[bytes]:
        async for part in self._mirror.parts(side):
            if not self._rounds.is_on(token):
                return
            yield part

    def _round(self, request: Request) -> Round:
        found = self._rounds.of(request.path_params["round"])
        if found is None:
            raise over()
        return found

    def _consent(self, now: Round, purpose: Purpose) -> int:
        """The version of what was agreed to."""
        if purpose not in now.agreed:
            raise No(HTTPStatus.CONFLICT, "nobody has agreed to this", "Ask them first")
        return now.agreed[purpose]

    def _take(self, buckets: Buckets) -> None:
        at = self._ticks()
        if wait_s := buckets.wait_s(_ALL, at):
            raise No(HTTPStatus.TOO_MANY_REQUESTS, "that was often", "Wait a moment", retry_s=int(wait_s) + 1)
        buckets.take(_ALL, at)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """One photograph or search at a time, and so many a minute."""
        if self._working:
            raise No(HTTPStatus.TOO_MANY_REQUESTS, "somebody is being served", "Wait a moment", retry_s=1)
        self._take(self._works)
        self._working = True
        try:
            yield
        finally:
            self._working = False


async def _asked(request: Request, form: type[_Form]) -> _Form:
    return await asked_of(request, form, _MAX_BODY)


def _number(request: Request, name: str, default: int) -> int:
    asked = request.query_params.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else default
