"""The hub's server: one event loop on the thread that calls `serve`, with TLS unless it is told otherwise."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from edged.api.listening import Place, Unsignalled
from edged.api.prompt import HEAD_S, Prompt
from edged.domain.errors import EdgedError
from edged.hub.settings import ServeSettings

_log = logging.getLogger(__name__)

_MAX_HEAD_BYTES: Final = 32 * 1024
_STALL_S: Final = 30.0
_PLACE: Final = Place("the hub", "serve", "; `edged hub renew` makes one")
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
        self._context = None if settings.certificate is None else _PLACE.context(*_pair(settings))
        self._stopped = threading.Event()
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=type("Prompt", (Prompt,), {"head_s": head_s, "most": settings.connections}),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=list(settings.proxies),
            backlog=settings.connections,
            h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
            timeout_graceful_shutdown=_END_S,
        )
        config.load()
        config.ssl = self._context
        self._server = Unsignalled(config)

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
            # Tried apart first: a context that failed half-way has a key that does not fit.
            _PLACE.context(*_pair(self._settings))
            _PLACE.load(self._context, *_pair(self._settings))
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
    return _PLACE.listen(settings.listen, settings.port, backlog=settings.connections, stall_s=_STALL_S)


def address_of(listener: socket.socket, settings: ServeSettings) -> str:
    """What a client on this machine calls it: `https://127.0.0.1:8443`."""
    host, port = settings.listen, listener.getsockname()[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  taken away, not bound to
    return f"{'https' if settings.encrypts else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def _pair(settings: ServeSettings) -> tuple[Path, Path]:
    assert settings.certificate is not None  # noqa: S101  the caller has looked
    assert settings.key is not None  # noqa: S101  the document has both or none
    return settings.certificate, settings.key


def _stamp(settings: ServeSettings) -> object:
    try:
        return [(path.stat().st_mtime_ns, path.stat().st_ino) for path in (settings.certificate, settings.key) if path]
    except OSError:
        return None
