"""Answers without an end: counted, capped, and ended together when the server stops."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from edged.api.refusal import refusal
from edged.domain.errors import EdgedError

log = logging.getLogger(__name__)


class Streams:
    """How many endless answers are under way. Belongs to the event loop, `close` excepted.

    Args:
        limit: how many may run at once.
        whole: whose part these are: they end with the others, and are counted and capped on their own.
    """

    def __init__(self, limit: int, whole: Streams | None = None) -> None:
        self.limit = limit
        self.running = 0
        self._whole = whole
        self._closing = False

    @property
    def closing(self) -> bool:
        """Whoever streams looks at this between two pieces, and ends."""
        return self._closing or (self._whole is not None and self._whole.closing)

    def close(self) -> None:
        """Asks all of them to end. Safe from any thread."""
        self._closing = True


class Stream(StreamingResponse):
    """An endless answer that takes one of the places while it lasts; 503 when all are taken.

    Args:
        pieces: what to send. Not asked for the next piece before the reader took most of the last, so that whoever
            makes them fresh when asked drops for a slow reader instead of lagging.
    """

    def __init__(self, streams: Streams, pieces: AsyncIterator[bytes], media_type: str) -> None:
        super().__init__(_until_trouble(pieces), media_type=media_type, headers={"cache-control": "no-store"})
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streams = self._streams
        if streams.closing or streams.running >= streams.limit:
            busy = refusal(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{streams.limit} live pictures and pages are open, and more are not served",
                "Close one of them; an open page takes two places",
                {"retry-after": "5"},
            )
            await busy(scope, receive, send)
            return
        streams.running += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            streams.running -= 1


async def _until_trouble(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces up to an error of ours: nothing can be said any more in the middle of an answer, so it ends."""
    try:
        async for piece in pieces:
            yield piece
    except EdgedError as error:
        log.warning("an open page or live picture was ended: %s", error)
