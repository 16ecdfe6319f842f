"""HTTP as our servers speak it: impatient with heads that do not come, and JSON for whatever is no HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S: Final = 15.0
"""Within so long the head of a request must have come."""


class Prompt(H11Protocol):
    """uvicorn's, which bounds the time between requests only, and says that something is no HTTP in plain text."""

    head_s = HEAD_S
    _waiting: asyncio.TimerHandle | None = None

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
