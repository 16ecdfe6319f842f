"""PNG files that are no photographs, made of a good one."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from edged.measure.photo_file import PNG, chunk, header, png_of, png_parts, with_chunk
from edged.measure.upload import Upload

_IMPOSSIBLE: Final = ((0, 3), (0, 32), (1, 8), (2, 4), (3, 16), (4, 4), (5, 8), (6, 1), (7, 8), (255, 255))
"""Kinds of colour and bits of a sample that there are not."""
_END: Final = (b"IEND", b"")
_MEGABYTE: Final = 1024 * 1024


def hostile_pngs(kind: str, png: bytes) -> Iterator[Upload]:
    """Of one of some `kind`."""
    families = {"broken PNG": _broken(png), "animation": _moving(png), "bomb": _unpacked(png)}
    for family, files in families.items():
        for name, content, reason in files:
            yield Upload(family, f"{kind} PNG, {name}", content, reason)


def png_bombs() -> Iterator[Upload]:
    """Small files that unpack to very much."""
    zeros = {size: zeros_packed(size) for size in (9, 100, 1000)}
    small = (header(64, 64, 8, 0), (b"IDAT", zlib.compress(bytes(65 * 64))), _END)
    for size, packed in zeros.items():
        texts = {
            "text": (b"zTXt", b"Comment\0\0" + packed),
            "text of many languages": (b"iTXt", b"Comment\0\1\0\0\0" + packed),
            "colour profile": (b"iCCP", b"sRGB\0\0" + packed),
        }
        for name, part in texts.items():
            yield Upload("bomb", f"PNG with a {name} of {size} MB", png_of([small[0], part, *small[1:]]), "bomb")
        over = png_of([small[0], (b"IDAT", packed), _END])
        yield Upload("bomb", f"PNG of 64 × 64 pixels that unpacks to {size} MB", over, "bomb")
    many = [(b"zTXt", b"Comment\0\0" + zeros_packed(1))] * 20
    yield Upload("bomb", "PNG with 20 texts of 1 MB", png_of([small[0], *many, *small[1:]]), "bomb")
    flood = png_of([small[0], *[(b"tEXt", b"a\0")] * 60_000, *small[1:]])
    yield Upload("bomb", "PNG of 60,000 parts", flood, "bomb")
    for width, height in ((30_000, 30_000), (2**31 - 1, 2**31 - 1), (2**31 - 1, 1), (1, 2**31 - 1), (10_000, 10_000)):
        parts = [header(width, height, 8, 2), (b"IDAT", zeros[100]), _END]
        yield Upload("bomb", f"PNG that promises {width} × {height} pixels", png_of(parts), "too_many_pixels")
    for width, depth in ((7000, 8), (4900, 16)):
        parts = [header(width, width, depth, 6), (b"IDAT", zeros[100]), _END]
        yield Upload("bomb", f"PNG of {width} × {width} pixels, with rows for half", png_of(parts), "bomb")


def zeros_packed(megabytes: int) -> bytes:
    """So many megabytes of nothing, in a thousandth: one block again and again, and the sum of them all."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packer.compress(bytes(_MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    total = megabytes * _MEGABYTE % 65_521 << 16 | 1  # Adler-32 of zeros (RFC 1950)
    return b"\x78\xda" + block * megabytes + packer.flush() + struct.pack(">I", total)


def _broken(png: bytes) -> Iterator[tuple[str, bytes, str]]:
    head, *rest = png_parts(png)
    at = next(number for number, part in enumerate(rest) if part[0] == b"IDAT")
    before, data = rest[:at], b"".join(body for kind, body in rest if kind == b"IDAT")
    place = len(PNG)
    for number, (kind, body) in enumerate((head, *rest)):
        place += 12 + len(body)
        if number in {0, at + 1, len(rest)}:
            wrong = png[: place - 1] + bytes([png[place - 1] ^ 1]) + png[place:]
            yield f"a wrong sum of its {kind.decode()}", wrong, "damaged"

    def of(*parts: tuple[bytes, bytes], first: tuple[bytes, bytes] = head) -> bytes:
        return png_of([first, *before, *parts])

    half = len(data) // 2
    idat = (b"IDAT", data)
    yield "no header", png_of(rest), "damaged"
    yield "two headers", png_of([head, head, *rest]), "damaged"
    yield "its header second", png_of([(b"tEXt", b"a\0b"), head, *rest]), "damaged"
    yield "a header that is too long", png_of([(b"IHDR", head[1] + b"\0"), *rest]), "damaged"
    yield "no data", of(_END), "damaged"
    yield "no end", of(idat), "truncated"
    yield "data in two places", of((b"IDAT", data[:half]), (b"tEXt", b"a\0b"), (b"IDAT", data[half:]), _END), "damaged"
    yield "data without their end", of((b"IDAT", data[:half]), _END), "damaged"
    yield "data after their end", of((b"IDAT", data + b"more"), _END), "damaged"
    yield "data that cannot be unpacked", of((b"IDAT", b"\x78\x9c" + b"\xff" * 500), _END), "damaged"
    yield "a wrong sum of its pixels", of((b"IDAT", data[:-1] + bytes([data[-1] ^ 1])), _END), "damaged"
    yield "colours after its data", of(idat, (b"PLTE", bytes(6)), _END), "damaged"
    yield "a part that nobody knows", of((b"EDGE", b"d"), idat, _END), "damaged"
    yield "a part without a name", png[:33] + chunk(b"\0\0\0\0", b"d") + png[33:], "damaged"
    yield "a part of 4 GB", png[:33] + struct.pack(">I", 2**32 - 1) + b"tEXt" + png[33:], "damaged"
    yield "a part of 2 GB", png[:33] + struct.pack(">I", 2**31 - 1) + b"tEXt" + png[33:], "truncated"
    yield "no width", of(idat, _END, first=(b"IHDR", bytes(4) + head[1][4:])), "damaged"
    yield "no height", of(idat, _END, first=(b"IHDR", head[1][:4] + bytes(4) + head[1][8:])), "damaged"
    for colour, depth in _IMPOSSIBLE:
        changed = head[1][:8] + bytes([depth, colour]) + head[1][10:]
        yield f"colour {colour} of {depth} bits", of(idat, _END, first=(b"IHDR", changed)), "damaged"
    for place, name in ((10, "packing"), (11, "filter"), (12, "interlacing")):
        changed = head[1][:place] + b"\x09" + head[1][place + 1 :]
        yield f"a {name} that there is not", of(idat, _END, first=(b"IHDR", changed)), "damaged"
    if head[1][9] == 3:
        yield "no colours", png_of([head, idat, _END]), "damaged"


def _moving(png: bytes) -> Iterator[tuple[str, bytes, str]]:
    head, *rest = png_parts(png)
    control = (b"fcTL", struct.pack(">IIIIIHHBB", 0, *struct.unpack_from(">II", head[1]), 0, 0, 1, 10, 0, 0))
    yield "moving", png_of([head, (b"acTL", struct.pack(">II", 2, 0)), control, *rest]), "animated"
    yield "moving, its second picture alone", png_of([head, *rest[:-1], (b"fdAT", bytes(40)), _END]), "animated"


def _unpacked(png: bytes) -> Iterator[tuple[str, bytes, str]]:
    """With other rows than the header promises, properly packed."""
    head, *rest = png_parts(png)
    before = [part for part in rest if part[0] not in {b"IDAT", b"IEND"}]
    rows = zlib.decompress(b"".join(body for kind, body in rest if kind == b"IDAT"))
    for name, changed in (
        ("a byte less than promised", rows[:-1]),
        ("half of its rows", rows[: len(rows) // 2]),
        ("no rows", b""),
        ("a byte more than promised", rows + b"\0"),
        ("twice its rows", rows * 2),
    ):
        yield name, png_of([head, *before, (b"IDAT", zlib.compress(changed)), _END]), "bomb"
    yield "a text of 20 MB", with_chunk(png, b"zTXt", b"Comment\0\0" + zeros_packed(20)), "bomb"
