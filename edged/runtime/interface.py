"""The thread that answers clients of FindFace and miiCloud for the people of this device."""

from __future__ import annotations

import time

from starlette.types import ASGIApp

from edged.api.addresses import Addresses
from edged.api.albums import Albums
from edged.api.centre import Centre, Manners
from edged.api.directory import Directory, Eyes
from edged.api.findface.app import make_findface
from edged.api.miicloud.app import make_miicloud
from edged.api.ninepic.app import make_ninepic
from edged.api.patience import Patience
from edged.api.photo_link import PREFIX
from edged.api.photos import make_photos
from edged.api.server import Server
from edged.config.document import ApiSettings
from edged.runtime.device_eyes import MAX_BYTES
from edged.runtime.token_file import TokenFile


class Interface:
    """The HTTP server of the dialects, on a thread of its own.

    Whatever its requests need of the judge and the keeper is an errand, waited for for seconds at most: then the client
    is told to come again, and the door goes on.

    Raises:
        Unavailable, Refused: the address cannot be listened on, or the certificate cannot be used; see `Server`.
    """

    def __init__(
        self, settings: ApiSettings, eyes: Eyes, directory: Directory, link_key: bytes, albums: Albums | None = None
    ) -> None:
        assert settings.tokens is not None  # noqa: S101  the document has it where this is enabled
        manners = Manners(
            known=settings.known,
            v0_threshold=settings.v0_threshold,
            v1_threshold=settings.v1_threshold,
            fail_as_200=settings.fail_as_200,
            max_photo_bytes=MAX_BYTES,
        )
        gate = TokenFile(settings.tokens, time.monotonic)
        centre = Centre(eyes=eyes, directory=directory, gate=gate, link_key=link_key, albums=albums, manners=manners)
        certificate = (settings.certificate, settings.key) if settings.certificate and settings.key else None
        self._server = Server(
            Patience(dialects(centre)),
            settings.listen,
            settings.port,
            certificate=certificate,
            name="the interface for clients",
            section="api",
        )

    @property
    def url(self) -> str:
        return self._server.url

    def run(self) -> None:
        """Serves until `end`. Blocks."""
        self._server.serve()

    def end(self) -> None:
        """Makes `run` return within seconds. Any thread."""
        self._server.stop()


def dialects(centre: Centre) -> ASGIApp:
    """Every dialect at its addresses, as the hub has them; where no photographs are kept, 9Pic's finds no events."""
    return Addresses(
        [
            ("/miicloud", make_miicloud(centre)),
            ("/api/v1/ext", make_ninepic(centre)),
            (PREFIX, make_photos(centre)),
            ("", make_findface(centre)),
        ]
    )
