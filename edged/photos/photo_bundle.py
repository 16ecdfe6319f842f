"""The files that a photograph is kept as."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from edged.photos.photo import NewPhoto, PhotoKind


@dataclass(frozen=True, slots=True)
class BundledFile:
    """One of them. `digest`: lower-case hex sha256 of the content."""

    kind: PhotoKind
    digest: str
    content: bytes
    media_type: str


def bundle(photo: NewPhoto, media_type: str, *, original: bool) -> tuple[BundledFile, ...]:
    """The files of a photograph.

    Args:
        media_type: of the file as it came; original: it is kept.
    """
    files = (
        *([(PhotoKind.ORIGINAL, photo.content, media_type)] if original else []),
        (PhotoKind.PREVIEW, photo.preview, "image/jpeg"),
        (PhotoKind.THUMBNAIL, photo.thumbnail, "image/jpeg"),
    )
    return tuple(BundledFile(kind, digest_of(content), content, of) for kind, content, of in files)


def digest_of(content: bytes) -> str:
    """What a file is kept under: the lower-case hex sha256 of its content."""
    return hashlib.sha256(content).hexdigest()


def photo_id(event: str, digest: str) -> str:
    """The id of a photograph: the same wherever it is added to the same event.

    A UUID of version 8 (RFC 9562, 5.8) over both.

    Args:
        event: id of the event; digest: of the file as it came.
    """
    own = bytearray(hashlib.sha256(f"edged photo\0{event}\0{digest}".encode()).digest()[:16])
    own[6] = own[6] & 0x0F | 0x80
    own[8] = own[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(own)))
