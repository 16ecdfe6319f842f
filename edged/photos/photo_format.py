"""What a photograph's file is, told from its own bytes, and what people may call it."""

from __future__ import annotations

import unicodedata
from typing import Final
from urllib.parse import quote

from edged.domain.errors import Refused
from edged.photos.photo_kind import photo_kind

_LONGEST_NAME: Final = 120
_SUFFIXES: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


def media_type(content: bytes) -> str:
    """`image/jpeg`, `image/png` or `image/webp`, whatever anybody calls it.

    Raises:
        Refused: `not_an_image`: none of these.
    """
    kind = photo_kind(content)
    if not kind:
        raise Refused("not_an_image", "this is not a photograph in a known format", "Send JPEG, PNG or WebP")
    return f"image/{kind}"


def clean_filename(name: str, kind: str) -> str:
    """A name for people to keep a photograph under: one segment, nothing invisible, with the suffix of what it is.

    Args:
        name: as a client sent it.
        kind: the media type.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    # Surrogates, control characters and those that turn the direction of writing (all of category C) name nothing.
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C" and letter not in '<>:"|?*')
    stem, dot, _suffix = visible.rpartition(".")
    suffix = _SUFFIXES[kind]
    if dot and visible.lower().endswith((suffix, ".jpeg") if suffix == ".jpg" else suffix):
        suffix = visible[len(stem) :]
    elif not dot:
        stem = visible
    stem = stem.strip(". ")[: _LONGEST_NAME - len(suffix)]
    return f"{stem or 'photo'}{suffix}"


def disposition(manner: str, filename: str) -> str:
    """A Content-Disposition header (RFC 6266): the name in ASCII for old readers, and whole for the others.

    Args:
        manner: `inline` or `attachment`.
        filename: any text; what could end the header or its quotes never stands in it as it is.
    """
    plain = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    plain = "".join(letter if letter.isalnum() or letter in "-_. ()" else "_" for letter in plain).strip()
    encoded = quote(filename.encode("utf-8", "replace"), safe="")
    return f"{manner}; filename=\"{plain or 'photo'}\"; filename*=UTF-8''{encoded}"
