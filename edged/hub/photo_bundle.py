"""The files that a photograph is kept as."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from edged.api.albums import NewPhoto, PhotoKind
from edged.api.photo_format import media_type


@dataclass(frozen=True, slots=True)
class BundledFile:
    """One of them. `digest`: lower-case hex sha256 of the content."""

    kind: PhotoKind
    digest: str
    content: bytes
    media_type: str


def bundle(photo: NewPhoto) -> tuple[BundledFile, ...]:
    """The file as it came, first; then those that are shown.

    Raises:
        Refused: `not_an_image`.
    """
    files = (
        (PhotoKind.ORIGINAL, photo.content, media_type(photo.content)),
        (PhotoKind.PREVIEW, photo.preview, "image/jpeg"),
        (PhotoKind.THUMBNAIL, photo.thumbnail, "image/jpeg"),
    )
    return tuple(BundledFile(kind, hashlib.sha256(content).hexdigest(), content, of) for kind, content, of in files)
