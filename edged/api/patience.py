"""How long a client may take to send its request."""

from __future__ import annotations

from typing import Final

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PIECE_S: Final = 20.0
"""The next piece of a body must have come after so long."""
BODY_S: Final = 180.0
"""And all of it: 16 MB at 0.7 Mbit/s."""


class Patience:
    """ASGI: a request whose body does not come is given up, as if its client had gone.

    So that a few clients which send a byte now and then cannot hold every connection there is.

    Args:
        app: what answers.
        piece_s, body_s: see `PIECE_S`, `BODY_S`.
    """

    def __init__(self, app: ASGIApp, piece_s: float = PIECE_S, body_s: float = BODY_S) -> None:
        self._app = app
        self._piece_s = piece_s
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        end = anyio.current_time() + self._body_s
        whole = False

        async def patient() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            message: Message = {"type": "http.disconnect"}
            with anyio.move_on_at(min(anyio.current_time() + self._piece_s, end)):
                message = await receive()
            whole = not message.get("more_body", False)
            return message

        await self._app(scope, patient, send)
