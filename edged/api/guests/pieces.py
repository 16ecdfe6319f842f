"""Files that are sent piece by piece: a slow phone holds one piece of them, and no thread."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import Final

import anyio
from anyio import to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from edged.domain.errors import EdgedError
from edged.photos.photo import OpenPhoto

PIECE: Final = 128 * 1024
"""Bytes: what is read from the disk, and waits for a phone, at once."""


class Pieces(Response):
    """An answer of known length, made while it is sent, and not faster.

    Args:
        pieces: closed at the end, whether the phone took them all, went away, or the server stops. Where it raises an
            `EdgedError`, or has less than was said, the connection is cut: the phone sees that something is missing.
        length: bytes of all pieces together; None where nobody knows.
        while_sent: entered before the first piece, and left at the end; may refuse by what it raises.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes],
        length: int | None,
        media_type: str,
        headers: Mapping[str, str],
        while_sent: AbstractContextManager[None] | None = None,
    ) -> None:
        super().__init__(media_type=media_type, headers=headers)
        del self.headers["content-length"]
        if length is not None:
            self.headers["content-length"] = str(length)
        self._pieces = pieces
        self._while_sent = while_sent or nullcontext()

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            with self._while_sent:
                async with anyio.create_task_group() as group:

                    async def watch() -> None:
                        while (await receive())["type"] != "http.disconnect":
                            pass
                        group.cancel_scope.cancel()

                    group.start_soon(watch)
                    await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                    try:
                        async for piece in pieces:
                            await send({"type": "http.response.body", "body": piece, "more_body": True})
                        await send({"type": "http.response.body", "body": b"", "more_body": False})
                    except EdgedError:
                        pass  # nothing can be said any more in the middle of an answer
                    group.cancel_scope.cancel()


async def pieces_of(photo: OpenPhoto) -> AsyncGenerator[bytes]:
    """A file from where it is on; closed at the end."""
    try:
        while piece := await to_thread.run_sync(photo.file.read, PIECE):
            yield piece
    finally:
        photo.file.close()
