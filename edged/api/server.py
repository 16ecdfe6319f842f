"""The server: one event loop on the thread that calls `serve`."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from edged.api.prompt import Prompt
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
        app: what answers; where its state has `streams`, they are closed when the server stops.
        host, port: where to listen; port 0 lets the system choose.
        certificate: the files of a certificate and its key; None: plain HTTP.
        name: what is served, in words; section: where that is set.
        stall_s: a reader that takes nothing for so long is cut off.

    Raises:
        Unavailable: the port is taken, the address is not (yet) one of this machine, or a file cannot be read.
        Refused: `bad_address`, `not_permitted`, `bad_certificate`: it will not work however often it is tried.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        *,
        certificate: tuple[Path, Path] | None = None,
        name: str = "the page",
        section: str = "http",
        stall_s: float = _STALL_S,
    ) -> None:
        self._streams: Streams | None = getattr(getattr(app, "state", None), "streams", None)
        context = None if certificate is None else _context(*certificate, section)
        self._socket = _listening(host, port, stall_s, name, section)
        self.port: int = self._socket.getsockname()[1]
        """The real one."""
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}/"
        """Of what is served."""
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=Prompt,
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
        config.load()
        config.ssl = context
        self._server = _Uvicorn(config)

    def serve(self) -> None:
        """Answers until `stop`; blocks. Once only."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Ends `serve` within about three seconds, streams included; does not wait. Safe from any thread."""
        if self._streams is not None:
            self._streams.close()
        self._server.should_exit = True


class _Uvicorn(uvicorn.Server):
    """Signals are the business of the daemon."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _context(certificate: Path, key: Path, section: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in (certificate, key):
        try:
            path.open("rb").close()
        except OSError as error:
            raise Unavailable(
                f"{path} cannot be read: {error.strerror}", f"Look at {section}.certificate and {section}.key"
            ) from error
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, ValueError) as error:
        raise Refused(
            "bad_certificate",
            f"{certificate} and {key} are no certificate and its key, without a password",
            "Give a pair that belongs together, PEM",
        ) from error
    return context


def _listening(host: str, port: int, stall_s: float, name: str, section: str) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _translated(error, host, port, name, section) from error
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
        raise _translated(error, host, port, name, section) from error
    return listener


def _translated(error: OSError, host: str, port: int, name: str, section: str) -> EdgedError:
    where = f"{host}:{port}"
    if isinstance(error, socket.gaierror):
        return Refused("bad_address", f"{name} cannot listen on {host}: no such address", f"Correct {section}.listen")
    if error.errno == errno.EADDRINUSE:
        return Unavailable(
            f"{name} cannot listen on {where}: another program does", f"Stop that program or change {section}.port"
        )
    if error.errno == errno.EACCES:
        return Refused(
            "not_permitted", f"{name} may not listen on {where}", f"Set {section}.port to a number from 1024 on"
        )
    return Unavailable(
        f"{name} cannot listen on {where}: {error.strerror}", f"Look at {section}.listen and {section}.port"
    )
