"""The server: one event loop on the thread that calls `serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from edged.api.listening import Place, Unsignalled
from edged.api.prompt import Prompt
from edged.api.streams import Streams

_CONNECTIONS: Final = 64
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
        connections: at once; on more, requests are told to come again.

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
        connections: int = _CONNECTIONS,
    ) -> None:
        self._streams: Streams | None = getattr(getattr(app, "state", None), "streams", None)
        place = Place(name, section)
        context = None if certificate is None else place.context(*certificate)
        self._socket = place.listen(host, port, backlog=connections, stall_s=stall_s, send_buffer=_SEND_BUFFER)
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
            backlog=connections,
            limit_concurrency=connections,
            h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
            timeout_graceful_shutdown=_END_S,
        )
        config.load()
        config.ssl = context
        self._server = Unsignalled(config)

    def serve(self) -> None:
        """Answers until `stop`; blocks. Once only."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Ends `serve` within about three seconds, streams included; does not wait. Safe from any thread."""
        if self._streams is not None:
            self._streams.close()
        self._server.should_exit = True
