"""What a file is that is no JPEG, PNG or WebP, so that whoever sent it is told in their own words."""

from __future__ import annotations

import re
from typing import Final

from edged.domain.errors import Refused

_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_AVIF: Final = frozenset({b"avif", b"avis"})
_BEGINNINGS: Final[tuple[tuple[str, bytes], ...]] = (
    ("a GIF", rb"GIF8"),
    ("a BMP", rb"BM.{12}[\x0c\x28\x6c\x7c]\x00\x00\x00"),
    (
        "a TIFF, or a camera's raw file",
        rb"II\*\x00|MM\x00\*|II\x2b\x00|MM\x00\x2b|IIU\x00|IIR[OS]|FUJIFILMCCD-RAW|FOVb",
    ),
    ("a JPEG XL", rb"\xff\x0a|\x00\x00\x00\x0cJXL "),
    ("a JPEG 2000", rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51"),
    ("a Photoshop file", rb"8BPS"),
    ("an icon", rb"\x00\x00[\x01\x02]\x00[^\x00]\x00"),
    ("a film", rb"\x1a\x45\xdf\xa3|RIFF....AVI |\x00\x00\x01[\xb3\xba]|.{4}(moov|mdat|wide|free)"),
    ("a sound", rb"RIFF....WAVE|ID3|OggS|fLaC"),
    ("a PDF document", rb".{0,1000}?%PDF-"),
    ("an archive", rb"PK\x03\x04|PK\x05\x06|Rar!\x1a\x07|7z\xbc\xaf|\x1f\x8b|BZh[1-9]|\xfd7zXZ"),
    ("a program", rb"\x7fELF|MZ|#!|\xcf\xfa\xed\xfe"),
    ("an SVG drawing", rb"\s*(<\?xml[^>]*>\s*)?(<!--.{0,500}?-->\s*)?(<!doctype svg|<svg)"),
    ("a web page", rb"\s*<(!doctype|html|script|head|body)"),
)
"""Of files whose kind can be told, first those that are likely."""


def refuse_other(content: bytes) -> Refused:
    """The refusal of what is none of our formats: `empty_file`, `heic`, or `not_an_image` with the name of its kind."""
    if not content:
        return Refused("empty_file", "the file is empty", "Copy it once more, and whole.")
    remedy = "Send it as JPEG, PNG or WebP."
    brand = content[8:12] if content[4:8] == b"ftyp" else b""
    if brand in _HEIC and not any(other in content[:64] for other in _AVIF):
        return Refused(
            "heic",
            "this is a HEIC photograph, which few programs read",
            "Send it as JPEG; an iPhone takes such with Settings, Camera, Formats, Most Compatible.",
        )
    if brand:
        name = "an AVIF" if brand in _AVIF | _HEIC else "a camera's raw file" if brand == b"crx " else "a film"
        return Refused("not_an_image", f"this is {name}, not a photograph in a known format", remedy)
    for name, pattern in _BEGINNINGS:
        if re.match(pattern, content[:2048], re.DOTALL | re.IGNORECASE):
            return Refused("not_an_image", f"this is {name}, not a photograph in a known format", remedy)
    return Refused("not_an_image", "this is not a photograph in a known format", remedy)
