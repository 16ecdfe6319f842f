"""The console's photographs: their addresses, with what answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edged.api.console.photos import photos_routes

if TYPE_CHECKING:
    from starlette.routing import Route

    from edged.config.document import Document
    from edged.photos.album import PhotoEvent
    from edged.runtime.booth import Booth
    from edged.runtime.purger import Purger
    from edged.runtime.state_dir import StateDir


def photo_rooms(document: Document, state: StateDir, booth: Booth | None, purger: Purger | None) -> list[Route]:
    """For `make_app`; where there is no booth the page says how to switch photographs on."""
    if booth is None or purger is None:
        return photos_routes(None)
    # Loaded where they are asked for only.
    from edged.runtime.closing_report import closing_report  # noqa: PLC0415
    from edged.runtime.console.photos_desk import DevicePhotosDesk, intake_part  # noqa: PLC0415

    def signed_off(event: PhotoEvent) -> Mapping[str, Any]:
        refused = booth.memory.refusals(event.id)
        return closing_report(state, document, booth.albums, event, booth.clock.now().utc, refused)

    folder = booth.folder
    desk = DevicePhotosDesk(
        booth,
        purger,
        signed_off=signed_off,
        used=booth.space.used,
        intake=lambda: intake_part(folder.progress) if folder else None,
    )
    return photos_routes(desk)
