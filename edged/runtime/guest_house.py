"""The thread that serves guests' pages, at an address where there is nothing else."""

from __future__ import annotations

import logging
import random
from typing import Final

from edged.api.guests.app import make_guests
from edged.api.server import Server
from edged.config.photos import GuestSettings
from edged.photos.guest_link import GuestLinks
from edged.runtime import worker
from edged.runtime.backoff import Backoff
from edged.runtime.booth import GUEST, Booth
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop
from edged.web.pages import PAGES

log = logging.getLogger(__name__)

CONDITION: Final = "photos.guests"

_CONNECTIONS: Final = 512
"""Eighty phones with six each."""
_STALL_S: Final = 60.0
"""So long a phone may walk through a place without a signal while photographs come."""


class GuestHouse:
    """The HTTP server of guests' pages, on a thread of its own. Nothing listens before `run`.

    An address that cannot be listened on is tried again: an access point's comes up after us where the power was cut.

    Args:
        settings: where to listen, and by what certificate.
        conditions: have `photos.guests` while it cannot be listened.
    """

    def __init__(self, booth: Booth, settings: GuestSettings, conditions: Conditions) -> None:
        self._app = make_guests(
            booth.albums,
            booth.search,
            GuestLinks(booth.link_key),
            PAGES,
            by=GUEST,
            language=lambda: booth.settings().language,
            clock=lambda: booth.clock.now().utc,
        )
        self._settings = settings
        self._conditions = conditions
        self._server: Server | None = None

    @property
    def port(self) -> int:
        """The real one; 0 while nothing listens. Any thread."""
        return self._server.port if self._server else 0

    def run(self, stop: Stop) -> None:
        """Listens, as soon as that can be, and serves until `stop` is set and `end` called. Blocks."""
        backoff = Backoff(1.0, 30.0, random.Random())  # noqa: S311  jitter, not a secret
        worker.run(CONDITION, lambda: self.run_once(stop), stop=stop, backoff=backoff, conditions=self._conditions)

    def run_once(self, stop: Stop) -> None:
        """Listens and serves until `end`. Blocks.

        Raises:
            Unavailable, Refused: the address cannot be listened on, or the certificate cannot be used; see `Server`.
        """
        settings = self._settings
        certificate = (settings.certificate, settings.key) if settings.certificate and settings.key else None
        server = self._server = Server(
            self._app,
            settings.listen,
            settings.port,
            certificate=certificate,
            name="the address of guests' pages",
            section=CONDITION,
            stall_s=_STALL_S,
            connections=_CONNECTIONS,
        )
        self._conditions.end(CONDITION)
        log.info("guests find their photographs at %s", server.url)
        if not stop.is_set():  # else `end` may have found nothing that it could stop
            server.serve()

    def end(self) -> None:
        """Makes `run`, whose `stop` is set, return within seconds. Any thread."""
        if self._server:
            self._server.stop()
