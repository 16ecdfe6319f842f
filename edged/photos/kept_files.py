"""A photograph that another store keeps, on its way into this one: its files, and what is written down of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.photos.kept import KeptPhoto
from edged.photos.photo import NewPhoto, PhotoKind
from edged.photos.photo_bundle import BundledFile, digest_of

_SMALLER: Final = (PhotoKind.PREVIEW.value, PhotoKind.THUMBNAIL.value)
"""Without these no photograph can be shown."""
_NO_MODEL: Final = ModelRef("", "", 0)


def kept_bundle(photo: KeptPhoto, files: Iterable[tuple[str, bytes]]) -> Sequence[BundledFile]:
    """The files that came with a photograph.

    Args:
        files: `PhotoKind` values with their content.

    Raises:
        Refused: `bad_digest`: the original is not what it is said to be.
    """
    bundled = []
    for kind, content in files:
        digest, media = digest_of(content), "image/jpeg"
        if kind == PhotoKind.ORIGINAL.value:
            if digest != photo.digest:
                raise Refused("bad_digest", "the original is not what it is said to be")
            media = photo.photo.media_type
        bundled.append(BundledFile(PhotoKind(kind), digest, content, media))
    return bundled


def check_whole(files: Iterable[BundledFile]) -> None:
    """Raises Refused `incomplete` where a photograph that is not here came without its smaller pictures."""
    if not {file.kind.value for file in files}.issuperset(_SMALLER):
        raise Refused("incomplete", "the photograph is not here, and came without its smaller pictures")


def missing(there: frozenset[str], *, original: bool) -> Sequence[str]:
    """Which files (`PhotoKind` values) are wanted beside those that are there. `original`: that one, too."""
    wanted = (PhotoKind.ORIGINAL.value, *_SMALLER) if original else _SMALLER
    return [kind for kind in wanted if kind not in there]


def without_files(photo: KeptPhoto) -> NewPhoto:
    """What is written down of a photograph; its files are written by themselves."""
    own = photo.photo
    return NewPhoto(
        content=b"",
        preview=b"",
        thumbnail=b"",
        filename=own.filename,
        width=own.width,
        height=own.height,
        taken=own.taken,
        faces=photo.faces,
        model=photo.model or _NO_MODEL,
        source=own.source,
    )
