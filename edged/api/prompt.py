"""HTTP as our servers speak it: impatient with heads that do not come, and JSON for whatever is no HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from edged.api.access import CROWDED

HEAD_S: Final = 15.0
"""Within so long the head of a request must have come."""
_FAREWELL_S: Final = 0.5


class Prompt(H11Protocol):
    """uvicorn's, which bounds the time between requests only, and says no in plain text.

    Attributes:
        head_s: see `HEAD_S`; most: connections at once; requests on more are told to come again, by the dialects in
            their own words, and the connection is closed.
    """

    head_s = HEAD_S
    most = 512
    _waiting: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.app = self._roomy(self.app)

    def _roomy(self, app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if len(self.connections) <= self.most:
                await app(scope, receive, send)
                return

            async def last(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
                await send(message)

            await app({**scope, CROWDED: True}, receive, last)

        return answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._waiting = self.loop.call_later(self.head_s, self._give_up)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy:
            self._rest()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(self.head_s, self._give_up)

    def send_400_response(self, msg: str) -> None:
        """What a client gets for bytes that are no HTTP: JSON, as for everything else."""
        document = json.dumps({"error": {"reason": "bad_request", "what": msg, "remedy": ""}}).encode()
        head = [
            ("content-type", "application/json"),
            ("content-length", str(len(document))),
            ("connection", "close"),
        ]
        for event in (h11.Response(status_code=400, headers=head), h11.Data(data=document), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def shutdown(self) -> None:
        """Ends a connection at which nothing is under way. Whoever rests on it with TLS does not see the farewell, and
        would be waited for.
        """
        super().shutdown()
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(_FAREWELL_S, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def _rest(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
