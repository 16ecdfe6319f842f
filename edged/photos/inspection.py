"""Whether a file that somebody sent may be decoded here, and handed on to other people.

The whole file is walked through as its format lays it out, before a decoder sees any of it. What contradicts the format
is refused, and so is what would take far more time or memory than a photograph, or has a stowaway in it.

What follows the end of a sound picture is cut off. Phones write there what belongs to a photograph but is not the one
that people see: the film, with its sound, of a motion photograph, second pictures (MPF: depths, light, previews), the
picture before a watermark, what an editing program left. Nobody has looked at these, no guest has agreed to them, and
no moderator can see them. So all that is kept is the picture itself, byte by byte as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from edged.domain.errors import Refused
from edged.photos.jpeg_file import end_of_jpeg
from edged.photos.other_file import refuse_other
from edged.photos.photo_kind import photo_kind
from edged.photos.png_file import end_of_png
from edged.photos.stowaway import find_stowaway
from edged.photos.webp_file import end_of_webp

MAX_PIXELS: Final = 50_400_000
"""As `edged.vision.photo.MAX_ALBUM_PIXELS`; the eyes may have less room."""
_ENDS: Final[Mapping[str, Callable[[bytes, int], int]]] = {
    "jpeg": end_of_jpeg,
    "png": end_of_png,
    "webp": end_of_webp,
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be decoded.

    Attributes:
        media_type: `image/jpeg`, `image/png` or `image/webp`.
        content: the picture's own bytes: as they came, up to its end.
    """

    media_type: str
    content: bytes


def inspect(content: bytes, *, most_pixels: int = MAX_PIXELS) -> Inspected:
    """Looks through a file. Decodes nothing; takes about 3 ms a megabyte, and of a PNG the time to unpack it.

    Computes in the caller's thread. A decoder may still find the picture damaged afterwards.

    Args:
        content: of any length: whoever read it has set a limit.
        most_pixels: that the picture may have.

    Raises:
        Refused: `empty_file`; `heic`; `not_an_image`: something else, which is named; `truncated`: the file ends before
            the picture; `damaged`: it contradicts its format; `unsupported`: few would see it; `animated`;
            `too_many_pixels`; `bomb`: more work than it looks, or another size than it says; `exif_damaged`;
            `polyglot`: something else is in the file besides.
    """
    kind = photo_kind(content)
    if not kind:
        raise refuse_other(content)
    end = _ENDS[kind](content, most_pixels)
    stowaway = find_stowaway(content)
    if stowaway:
        raise Refused("polyglot", f"there is {stowaway} in the picture's file", "Save it anew, as JPEG or PNG.")
    return Inspected(f"image/{kind}", content[:end])


def check_inspected(content: bytes) -> None:
    """Raises Refused where a file that another store has taken would not have been taken here as it is.

    As `inspect`; and `polyglot` where something follows its picture, which every store of ours cuts off.
    """
    if len(inspect(content).content) != len(content):
        raise Refused("polyglot", "there is more in the file than its picture", "Send the photograph itself.")
