"""The hub's server: one event loop on the thread that calls `serve`, with TLS unless it is told otherwise."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from edged.api.prompt import HEAD_S, Prompt
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.hub.settings import ServeSettings

_log = logging.getLogger(__name__)

_MAX_HEAD_BYTES: Final = 32 * 1024
_STALL_S: Final = 30.0
_END_S: Final = 10
"""How long answers under way may take when the hub stops."""
_LOOK_EVERY_S: Final = 60.0


class HubServer:
    """Answers from `serve` on.

    Args:
        app: what answers.
        listener: from `listening`.
        settings: where, and with which certificate.
        head_s: see `HEAD_S`.

    Raises:
        Refused: `bad_certificate`: certificate and key cannot be used, or do not belong together.
        Unavailable: one of them cannot be read.
    """

    def __init__(
        self, app: ASGIApp, listener: socket.socket, settings: ServeSettings, *, head_s: float = HEAD_S
    ) -> None:
        self._listener = listener
        self._settings = settings
        self._context = None if settings.certificate is None else _context(settings)
        self._stopped = threading.Event()
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=type("Prompt", (Prompt,), {"head_s": head_s}),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=list(settings.proxies),
            backlog=settings.connections,
            limit_concurrency=settings.connections,
            h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
            timeout_graceful_shutdown=_END_S,
        )
        config.load()
        config.ssl = self._context
        self._server = _Uvicorn(config)

    def serve(self) -> None:
        """Answers until `stop`; blocks. Once only, on the main thread where signals are to stop it."""
        if self._context is not None:
            threading.Thread(target=self._watch_certificate, name="certificate", daemon=True).start()
        try:
            self._server.run(sockets=[self._listener])
        finally:
            self._stopped.set()

    def stop(self) -> None:
        """Ends `serve` as soon as the answers under way are given, after ten seconds at the latest; does not wait. Safe
        from any thread and from a signal handler.
        """
        self._server.should_exit = True

    def _watch_certificate(self) -> None:
        """Takes a renewed certificate for the connections to come; where it is wrong, the old one stays."""
        known = _stamp(self._settings)
        while not self._stopped.wait(_LOOK_EVERY_S):
            stamp = _stamp(self._settings)
            if stamp != known:
                known = stamp
                self.reload_certificate()

    def reload_certificate(self) -> bool:
        """Reads certificate and key anew; whether they hold now. Any thread."""
        if self._context is None:
            return False
        try:
            _context(self._settings)  # tried apart first: a context that failed half-way has a key that does not fit
            _load(self._context, self._settings)
        except EdgedError as error:
            _log.warning("the renewed certificate is not used: %s", error)
            return False
        _log.info("the certificate was read anew")
        return True


def stop_on_signals(stop: Callable[[], None], *, at_once: bool = True) -> None:
    """TERM and INT call `stop`; the second one ends the process at once, where that is wanted. On the main thread."""
    asked = False

    def on_signal(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked and at_once:
            os._exit(128 + number)
        asked = True
        stop()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)


def listening(settings: ServeSettings) -> socket.socket:
    """A socket that listens; connections wait until somebody serves them.

    Raises:
        Unavailable: the port is taken, or the address is not (yet) one of this machine.
        Refused: `bad_address` or `not_permitted`.
    """
    host, port = settings.listen, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _translated(error, host, port) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # A reader that takes nothing is cut off by the kernel after so long (tcp(7)); connections inherit this.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(_STALL_S * 1000))
        if family == socket.AF_INET6 and host == "::":
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen(settings.connections)
    except OSError as error:
        listener.close()
        raise _translated(error, host, port) from error
    return listener


def address_of(listener: socket.socket, settings: ServeSettings) -> str:
    """What a client on this machine calls it: `https://127.0.0.1:8443`."""
    host, port = settings.listen, listener.getsockname()[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  taken away, not bound to
    return f"{'https' if settings.encrypts else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


class _Uvicorn(uvicorn.Server):
    """Signals are the business of whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _context(settings: ServeSettings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, settings)
    return context


def _load(context: ssl.SSLContext, settings: ServeSettings) -> None:
    assert settings.certificate is not None  # noqa: S101  the caller has looked
    assert settings.key is not None  # noqa: S101  the document has both or none
    for path in (settings.certificate, settings.key):
        _readable(path)
    try:
        context.load_cert_chain(settings.certificate, settings.key, password=lambda: b"")
    except (ssl.SSLError, ValueError) as error:
        raise Refused(
            "bad_certificate",
            f"{settings.certificate} and {settings.key} are no certificate and its key, without a password",
            "Give a pair that belongs together, PEM; `edged hub renew` makes one",
        ) from error


def _readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be read: {error.strerror}", "Check serve.certificate and serve.key"
        ) from error


def _stamp(settings: ServeSettings) -> object:
    try:
        return [(path.stat().st_mtime_ns, path.stat().st_ino) for path in (settings.certificate, settings.key) if path]
    except OSError:
        return None


def _translated(error: OSError, host: str, port: int) -> EdgedError:
    where = f"{host}:{port}"
    if isinstance(error, socket.gaierror):
        return Refused("bad_address", f"the hub cannot listen on {host}: no such address", "Correct serve.listen")
    if error.errno == errno.EADDRINUSE:
        return Unavailable(
            f"the hub cannot listen on {where}: another program does", "Stop that program or change serve.port"
        )
    if error.errno == errno.EACCES:
        return Refused("not_permitted", f"the hub may not listen on {where}", "Set serve.port to a number from 1024 on")
    return Unavailable(f"the hub cannot listen on {where}: {error.strerror}", "Look at serve.listen and serve.port")
