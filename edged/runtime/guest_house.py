"""The thread that serves guests' pages, at an address where there is nothing else."""

from __future__ import annotations

from typing import Final

from edged.api.guests.app import make_guests
from edged.api.server import Server
from edged.config.photos import GuestSettings
from edged.photos.guest_link import GuestLinks
from edged.runtime.booth import GUEST, Booth
from edged.web.pages import PAGES

_CONNECTIONS: Final = 512
"""Eighty phones with six each."""
_STALL_S: Final = 60.0
"""So long a phone may walk through a place without a signal while photographs come."""


class GuestHouse:
    """The HTTP server of guests' pages, on a thread of its own.

    Raises:
        Unavailable, Refused: the address cannot be listened on, or the certificate cannot be used; see `Server`.
    """

    def __init__(self, booth: Booth, settings: GuestSettings) -> None:
        app = make_guests(
            booth.albums,
            booth.search,
            GuestLinks(booth.link_key),
            PAGES,
            by=GUEST,
            language=lambda: booth.settings().language,
            clock=lambda: booth.clock.now().utc,
        )
        certificate = (settings.certificate, settings.key) if settings.certificate and settings.key else None
        self._server = Server(
            app,
            settings.listen,
            settings.port,
            certificate=certificate,
            name="the address of guests' pages",
            section="photos.guests",
            stall_s=_STALL_S,
            connections=_CONNECTIONS,
        )

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def port(self) -> int:
        """The real one."""
        return self._server.port

    def run(self) -> None:
        """Serves until `end`. Blocks."""
        self._server.serve()

    def end(self) -> None:
        """Makes `run` return within seconds. Any thread."""
        self._server.stop()
