"""The screen at a door: its page, what it shows, its mirror, and the codes that are typed there.

Whoever stands before it is nobody in particular, and may be hostile: nothing here needs a sign-in, and nothing here
says more than the door says aloud.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final, Protocol

from anyio import to_thread
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.api import mirror
from edged.api.asked import body_of
from edged.api.assets import Asset
from edged.api.kiosk_message import CodeRequest, KioskClosed, look_of, message_of
from edged.api.mirror import Mirror
from edged.api.news import MEDIA_TYPE, Told, news
from edged.api.port import Closed
from edged.api.refusal import refusal
from edged.api.streams import Stream, Streams
from edged.config.kiosk import KioskSettings
from edged.domain.errors import Refused
from edged.domain.frame import Frame
from edged.domain.passage import Factor
from edged.domain.screen import Screen

PAGE: Final = "/kiosk"
STATE: Final = "/api/v1/kiosk/state"
PICTURES: Final = "/api/v1/kiosk/mirror"
CODE: Final = "/api/v1/kiosk/code"

_SCREENS: Final = 2
"""One at the door, and one more: to look at from a desk, or the same page that was just loaded anew."""
_MAX_BODY: Final = 1024
_BODY_S: Final = 5.0
_LOOK_S: Final = 0.05
"""How often it is looked whether there is something new to show."""
_NO_STORE: Final = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Post:
    """Where the screen stands.

    Attributes:
        door: its name.
        has_camera: the door looks at faces; else it takes codes only.
        mirrored: the camera's pictures are mirrored already, by its own settings.
    """

    door: str
    has_camera: bool = True
    mirrored: bool = False


class KioskDesk(Protocol):
    """What the screen needs of the device. Any thread; but for `present`, nothing blocks."""

    def now(self) -> float:
        """UTC seconds, by the clock that sets `Screen.until`."""
        ...

    def settings(self) -> KioskSettings:
        """As they are now."""
        ...

    def door(self) -> Post | Closed:
        """Where the screen stands, or why it stands nowhere."""
        ...

    def screen(self, door: str) -> Screen:
        """What to show."""
        ...

    def frame(self, door: str) -> Frame | None:
        """The newest that the door's camera gave; None while it gives none."""
        ...

    def present(self, door: str, factor: Factor, code: str) -> None:
        """Somebody typed a code, or showed it to a reader. What comes of it is seen on the screen. Blocks for a moment.

        Raises:
            Refused: `too_many`.
            Unavailable: nobody listens.
        """
        ...


def kiosk_routes(desk: KioskDesk, page: Asset, streams: Streams) -> list[Route]:
    """The addresses of the screen at the door.

    Args:
        desk: answers.
        page: the document.
        streams: those of the whole server; the screens' own are counted apart, and end with them.
    """
    counter = _Counter(desk, page, streams)
    return [
        Route(PAGE, counter.page),
        Route(STATE, counter.state),
        Route(PICTURES, counter.pictures),
        Route(CODE, counter.code, methods=["POST"]),
    ]


class _Counter:
    """Answers requests, one method an address."""

    def __init__(self, desk: KioskDesk, page: Asset, streams: Streams) -> None:
        self._desk = desk
        self._page = page
        self._states = Streams(_SCREENS, streams)
        self._mirrors = Streams(_SCREENS, streams)
        self._mirror = Mirror(self._newest, self._mirrors)

    async def page(self, request: Request) -> Response:
        return self._page.answer(request)

    async def state(self, _request: Request) -> Response:
        """What to show, as server-sent events; see `_now` and `news`."""
        return Stream(self._states, news(self._now, self._states, _LOOK_S), MEDIA_TYPE)

    async def pictures(self, request: Request) -> Response:
        """The mirror, as motion JPEG; see `Mirror.parts`. `side`: how many pixels it is to be long."""
        if self._newest() is None:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "there is no picture at the moment")
        return Stream(self._mirrors, self._mirror.parts(mirror.side_asked(request)), mirror.MEDIA_TYPE)

    async def code(self, request: Request) -> Response:
        """Takes a code; `Entrance` has seen to it that our own page sent it. Says only that it was taken: what it was
        good for is on the screen.
        """
        asked = await _asked(request)
        post = self._desk.door()
        if isinstance(post, Closed):
            return refusal(HTTPStatus.CONFLICT, post.what, post.remedy)
        try:
            await to_thread.run_sync(partial(self._desk.present, post.door, Factor(asked.factor), asked.code))
        except Refused as error:
            status = HTTPStatus.TOO_MANY_REQUESTS if error.reason == "too_many" else HTTPStatus.BAD_REQUEST
            return refusal(status, error.what, error.remedy)
        return JSONResponse({"ok": True}, HTTPStatus.ACCEPTED, _NO_STORE)

    async def _now(self) -> list[Told]:
        """`look` and `screen`; `closed` where the screen stands nowhere."""
        post = self._desk.door()
        if isinstance(post, Closed):
            return [Told("closed", post, KioskClosed(what=post.what, remedy=post.remedy))]
        settings = self._desk.settings()
        look = look_of(settings, has_camera=post.has_camera, mirrored=post.mirrored)
        screen = self._desk.screen(post.door)
        return [
            Told("look", look, look),
            Told("screen", (screen, settings.show_names), message_of(screen, settings, self._desk.now())),
        ]

    def _newest(self) -> Frame | None:
        post = self._desk.door()
        return None if isinstance(post, Closed) else self._desk.frame(post.door)


async def _asked(request: Request) -> CodeRequest:
    """The request's body, read up to a limit in size and time. No error repeats what it held.

    Raises:
        Refused: it is too long, or not what is asked for here.
        Unavailable: it did not come.
    """
    body = await body_of(request, _MAX_BODY)
    try:
        return CodeRequest.model_validate_json(body, strict=True)
    except ValidationError:
        # Not chained, and without its words: they may hold the code.
        raise Refused("malformed", "that is no code", "Send factor (pin, card or qr) and code") from None
