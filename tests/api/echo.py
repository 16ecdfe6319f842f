"""A small application that answers with the parameters it has read, on its own or behind the real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from edged.api.parameters import Parameters, read_parameters
from edged.api.server import Server
from edged.api.streams import Streams
from edged.domain.errors import Refused

METHODS = ["GET", "POST", "PUT", "DELETE"]
MAX_BYTES = 64 * 1024


def make_echo(max_bytes: int = MAX_BYTES) -> Starlette:
    """Answers 200 and what it has read, or 400 and the reason; anything else is a bug of the reader."""

    async def echo(request: Request) -> JSONResponse:
        try:
            return JSONResponse(shown(await read_parameters(request, max_bytes)))
        except Refused as refused:
            return JSONResponse({"reason": refused.reason, "what": refused.what}, 400)

    app = Starlette(routes=[Route("/{rest:path}", echo, methods=METHODS)])
    app.state.streams = Streams(1)
    return app


def shown(parameters: Parameters) -> dict[str, Any]:
    return {
        "values": dict(parameters.values),
        "uploads": {
            name: [upload.name, upload.content.decode("latin-1")] for name, upload in parameters.uploads.items()
        },
        "body": parameters.body,
    }


@contextmanager
def serving(max_bytes: int = MAX_BYTES) -> Iterator[int]:
    """The port of the echo behind the server of the house."""
    server = Server(make_echo(max_bytes), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server.port
    finally:
        server.stop()
        thread.join()


def exchange(port: int, *pieces: bytes) -> bytes:
    """Sends bytes as they are and returns everything that comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return _rest(connection)


def _rest(connection: socket.socket) -> bytes:
    answer = bytearray()
    while piece := connection.recv(65536):
        answer += piece
    return bytes(answer)
