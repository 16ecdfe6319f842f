"""Photographs as 9Pic's dialect tells of them: with links that are good for a while."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.requests import Request

from edged.api.centre import Centre
from edged.api.photo_link import PhotoLinks
from edged.photos.photo import Photo, PhotoKind

SHOWN_S: Final = 24 * 3600
"""How long a picture of a gallery can be looked at: as long as a page of it is likely to be left open."""
_STEP_S: Final = 3600
"""Within an hour the same picture has the same link, so that a browser does not fetch it again."""
ORIGINAL_S: Final = 3600
"""How long an original can be downloaded."""


class Images:
    """Describes photographs.

    Args:
        clock: UTC seconds since the epoch.
    """

    def __init__(self, centre: Centre, clock: Callable[[], float]) -> None:
        self._links = PhotoLinks(centre.link_key)
        self._public_url = centre.manners.public_url
        self._clock = clock

    def shown(self, request: Request, photos: Sequence[Photo]) -> list[dict[str, Any]]:
        """To be looked at: `img_url` is the preview, `width` and `height` are the original's."""
        base, now = self._base(request), self._clock()

        def link(photo: Photo, kind: PhotoKind) -> str:
            return self._links.link(photo.id, kind, base=base, now=now, life_s=SHOWN_S, step_s=_STEP_S)

        return [
            {
                "img_url": link(photo, PhotoKind.PREVIEW),
                "height": photo.height,
                "width": photo.width,
                "image_id": photo.id,
                "thumbnail_url": link(photo, PhotoKind.THUMBNAIL),
                "original_url": None,
            }
            for photo in photos
        ]

    def originals(self, request: Request, photos: Sequence[Photo]) -> list[dict[str, str]]:
        """To be downloaded, for an hour."""
        base, now = self._base(request), self._clock()
        return [
            {
                "url": self._links.link(photo.id, PhotoKind.ORIGINAL, base=base, now=now, life_s=ORIGINAL_S),
                "filename": photo.filename,
            }
            for photo in photos
        ]

    def _base(self, request: Request) -> str:
        return self._public_url or f"{request.url.scheme}://{request.url.netloc}"
