"""Adding a photograph to an event: looked at, made smaller, kept."""

from __future__ import annotations

from typing import Final, Protocol

from edged.api.albums import Albums
from edged.api.directory import Eyes
from edged.domain.errors import Refused
from edged.photos.album import Doer, PhotoEvent
from edged.photos.exif import time_taken
from edged.photos.inspection import inspect
from edged.photos.photo import NewPhoto, Photo, PhotoFace, Source

PREVIEW_SIDE: Final = 1600
THUMBNAIL_SIDE: Final = 320
"""Pixels on the longer side at most."""


class PhotoRoom(Protocol):
    """Where photographs are looked at and kept: a centre, or the booth of a device."""

    @property
    def eyes(self) -> Eyes: ...

    @property
    def albums(self) -> Albums | None: ...


def add_photo(
    room: PhotoRoom,
    event: PhotoEvent,
    content: bytes,
    *,
    filename: str,
    taken: float | None,
    by: Doer,
    source: Source = Source.UPLOAD,
) -> Photo:
    """Adds a photograph, all faces of which can be found from then on; one that is there already is returned.

    Blocks for as long as the eyes take; any thread, never the event loop.

    Args:
        room: has the eyes and the albums.
        event: gets the photograph.
        content: the file as it came: JPEG, PNG or WebP; what follows its picture is cut off, see
            `edged.photos.inspection`.
        filename: as the client called it; cleaned, and shown to people only.
        taken: when, UTC seconds since the epoch; None: as the file says, see `edged.photos.exif`.
        by: who adds it; source: where it came from.

    Raises:
        Refused: `no_albums`: there are none here; `no_event`; as `inspect`, before anybody looks, and as `Eyes.look`.
        Unavailable: all eyes are busy, or the storage does not let us.
    """
    if room.albums is None:
        raise Refused("no_albums", "there are no events here", "Ask a hub, not a device")
    content = inspect(content).content
    seen = room.eyes.see_all(content, (PREVIEW_SIDE, THUMBNAIL_SIDE))
    preview, thumbnail = seen.pictures
    photo = NewPhoto(
        content=content,
        preview=preview,
        thumbnail=thumbnail,
        filename=filename,
        width=seen.width,
        height=seen.height,
        taken=time_taken(content) if taken is None else taken,
        faces=[PhotoFace(face.box, face.vector) for face in seen.faces],
        model=room.eyes.model,
        source=source,
    )
    return room.albums.add_photo(event, photo, by=by)
