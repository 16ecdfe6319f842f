"""The server: one event loop on the thread that calls `serve`."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

from edged.api.streams import Streams
from edged.domain.errors import EdgedError, Refused, Unavailable

_MAX_CONNECTIONS: Final = 64
_MAX_HEAD_BYTES: Final = 16 * 1024
_SEND_BUFFER: Final = 128 * 1024
"""About two live pictures: what has left for a slow reader can no longer be dropped."""
_STALL_S: Final = 10.0
_END_S: Final = 2
"""How long answers under way may take when the server stops."""


class Server:
    """Listens at once, answers from `serve` on.

    Args:
        app: made by `make_app`.
        host, port: where to listen; port 0 lets the system choose.
        stall_s: a reader that takes nothing for so long is cut off.

    Raises:
        Unavailable: the port is taken, or the address is not (yet) one of this machine.
        Refused: `bad_address` or `not_permitted`: it will not work however often it is tried.
    """

    def __init__(self, app: Starlette, host: str, port: int, *, stall_s: float = _STALL_S) -> None:
        self._streams: Streams = app.state.streams
        self._socket = _listening(host, port, stall_s)
        self.port: int = self._socket.getsockname()[1]
        """The real one."""
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"
        """Of the page."""
        self._server = _Uvicorn(
            uvicorn.Config(
                app,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=_MAX_CONNECTIONS,
                limit_concurrency=_MAX_CONNECTIONS,
                h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
                timeout_graceful_shutdown=_END_S,
            )
        )

    def serve(self) -> None:
        """Answers until `stop`; blocks. Once only."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Ends `serve` within about three seconds, streams included; does not wait. Safe from any thread."""
        self._streams.close()
        self._server.should_exit = True


class _Uvicorn(uvicorn.Server):
    """Signals are the business of the daemon."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listening(host: str, port: int, stall_s: float) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _translated(error, host, port) from error
    try:
        # Accepted connections inherit these. The last one is what cuts off a reader that takes nothing: the kernel
        # gives up when data could not be handed over for so long (tcp(7)).
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(stall_s * 1000))
        listener.bind(address)
        listener.listen(_MAX_CONNECTIONS)
    except OSError as error:
        listener.close()
        raise _translated(error, host, port) from error
    return listener


def _translated(error: OSError, host: str, port: int) -> EdgedError:
    where = f"{host}:{port}"
    if isinstance(error, socket.gaierror):
        return Refused("bad_address", f"the page cannot listen on {host}: no such address", "Correct http.listen")
    if error.errno == errno.EADDRINUSE:
        return Unavailable(
            f"the page cannot listen on {where}: another program does", "Stop that program or change http.port"
        )
    if error.errno == errno.EACCES:
        return Refused("not_permitted", f"the page may not listen on {where}", "Set http.port to a number from 1024 on")
    return Unavailable(f"the page cannot listen on {where}: {error.strerror}", "Look at http.listen and http.port")
