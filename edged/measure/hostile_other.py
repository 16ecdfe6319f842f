"""Files of other kinds, sent as photographs."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from edged.domain.frame import Image
from edged.measure.hostile_guests import guests
from edged.measure.photo_file import encoded
from edged.measure.upload import Upload


def other_files(image: Image, chance: random.Random) -> Iterator[Upload]:
    """Of pictures, films, documents, archives, programs and nothing. `image`: BGR, for those that can be drawn."""
    for brand in (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1"):
        for data in (64, 100_000):
            name = f"HEIC, {brand.decode()}, {data} bytes of data"
            yield Upload("HEIC", name, _boxes(brand, data), "heic")
    for name, content in _pictures(image).items():
        yield Upload("another format", name, content, "not_an_image")
    for name, content in _files().items():
        yield Upload("no picture", name, content, "not_an_image")
    for name, content in guests().items():
        yield Upload("no picture", f"{name} called a photograph", content.lstrip(b"\n"), "not_an_image")
    for number in range(5):
        yield Upload(
            "no picture", f"noise {number}", b"\x80" + chance.randbytes(chance.randrange(1, 50_000)), "not_an_image"
        )
    yield Upload("no picture", "nothing", b"", "empty_file")


def _pictures(image: Image) -> dict[str, bytes]:
    return {
        "AVIF": encoded(image, ".avif"),
        "AVIF of another maker": _boxes(b"avis", 64),
        "GIF": encoded(image, ".gif"),
        "GIF of 4 gigapixels": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(100),
        "BMP": encoded(image, ".bmp"),
        "BMP of 4 gigapixels": b"BM" + struct.pack("<IHHIIiiHH", 54, 0, 0, 54, 40, 65_000, -65_000, 1, 24) + bytes(24),
        "TIFF": encoded(image, ".tiff"),
        "TIFF of another order": b"MM\0*\0\0\0\x08" + bytes(64),
        "raw, Canon": b"II*\0\x10\0\0\0CR\2\0" + bytes(64),
        "raw, Canon's new": _boxes(b"crx ", 64),
        "raw, Fujifilm": b"FUJIFILMCCD-RAW 0201" + bytes(64),
        "raw, Panasonic": b"IIU\0\x08\0\0\0" + bytes(64),
        "JPEG 2000": encoded(image, ".jp2"),
        "JPEG XL": b"\xff\x0a" + bytes(64),
        "JPEG XL in a box": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(64),
        "Photoshop": b"8BPS\0\1" + bytes(64),
        "icon": b"\0\0\1\0\1\0\x10\x10" + bytes(64),
        "portable pixmap": encoded(image, ".ppm"),
        "Sun raster": encoded(image, ".ras"),
        "Radiance": encoded(image, ".hdr"),
    }


def _files() -> dict[str, bytes]:
    return {
        "MP4": _boxes(b"mp42", 5000),
        "QuickTime": _boxes(b"qt  ", 5000),
        "Matroska": b"\x1a\x45\xdf\xa3" + bytes(64),
        "AVI": b"RIFF\x40\0\0\0AVI LIST" + bytes(64),
        "WAV": b"RIFF\x40\0\0\0WAVEfmt " + bytes(64),
        "MP3": b"ID3\4" + bytes(64),
        "Ogg": b"OggS" + bytes(64),
        "gzip": b"\x1f\x8b\x08" + bytes(64),
        "JSON": b'{"photo": "none"}',
        "text": b"This is no photograph, but a thousand words.",
        "text of another width": "no photograph".encode("utf-16"),
        "Python": b"#!/usr/bin/env python3\nprint('edged')\n",
        "pickle": b"\x80\x04\x95" + bytes(64),
        "zeros": bytes(50_000),
        "one byte": b"\xff",
        "two bytes of a JPEG": b"\xff\xd8",
        "the beginning of a PNG": b"\x89PNG\r\n",
        "the beginning of a WebP": b"RIFF\0\0\0\0",
        "a JPEG with a byte before it": b"\0\xff\xd8\xff\xe0" + bytes(64),
    }


def _boxes(brand: bytes, data: int) -> bytes:
    """A file of ISO's base media format (14496-12): its kind, and data."""
    kind = b"ftyp" + brand + bytes(4) + brand
    return struct.pack(">I", 4 + len(kind)) + kind + struct.pack(">I", 8 + data) + b"mdat" + bytes(data)
