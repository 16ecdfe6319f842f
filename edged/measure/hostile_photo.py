"""Five hundred files that are no photographs, each made so that it must be refused, and with the reason for it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from typing import Final

import cv2

from edged.domain.frame import Image
from edged.measure.hostile_exif import junk_exif
from edged.measure.hostile_guests import polyglots
from edged.measure.hostile_jpeg import hostile_jpegs, scan_bombs
from edged.measure.hostile_other import other_files
from edged.measure.hostile_png import hostile_pngs, png_bombs
from edged.measure.hostile_webp import hostile_webps
from edged.measure.photo_file import drawn_png, encoded, extended, with_chunk, with_segment
from edged.measure.upload import Upload
from edged.vision.photo import decode_photo
from edged.vision.tensor import shrink

_SIDE: Final = 480
_CUTS: Final = 10
"""Of each kind of file."""


def hostile_photos(photo: bytes, seed: int = 1) -> Iterator[Upload]:
    """The same files for the same photograph and seed, one at a time, more than 500 of them.

    All are altered in how they are built, and none merely in its pixels: what the change leaves is never a good
    photograph by luck.

    Args:
        photo: a good one, which they are made of, made smaller: none but the bombs has more than 1 MB.
        seed: of what is drawn at random: where files are cut off, and noise.

    Raises:
        Refused: the photograph is none.
    """
    seen: set[bytes] = set()
    for upload in _made(photo, random.Random(seed)):  # noqa: S311  places, not secrets
        digest = hashlib.sha256(upload.content).digest()
        if digest not in seen:  # what is left of a file is sometimes the same for two kinds
            yield upload
        seen.add(digest)


def _made(photo: bytes, chance: random.Random) -> Iterator[Upload]:
    image = small(photo)
    size = (image.shape[1], image.shape[0])
    baseline, progressive = encoded(image, ".jpg"), encoded(image, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    png, lossy = encoded(image, ".png"), encoded(image, ".webp", cv2.IMWRITE_WEBP_QUALITY, 80)
    lossless = encoded(image, ".webp", cv2.IMWRITE_WEBP_QUALITY, 101)
    palette = drawn_png(image[:, :, 1], palette=True)
    interlaced = drawn_png(image, interlaced=True)
    kinds = {
        "baseline JPEG": baseline,
        "progressive JPEG": progressive,
        "plain PNG": png,
        "interlaced PNG": interlaced,
        "lossy WebP": lossy,
        "lossless WebP": lossless,
    }
    yield from _cut_off(kinds, chance)
    yield from hostile_jpegs("baseline", baseline)
    yield from hostile_jpegs("progressive", progressive)
    yield from scan_bombs()
    yield from hostile_pngs("plain", png)
    yield from hostile_pngs("palette", palette)
    yield from hostile_pngs("interlaced", interlaced)
    yield from png_bombs()
    yield from hostile_webps("lossy", lossy, size)
    yield from hostile_webps("lossless", lossless, size)
    yield from _exif_junk(baseline, png, lossy, size)
    yield from polyglots(baseline, png, lossy, size)
    yield from other_files(image, chance)


def small(photo: bytes) -> Image:
    """The photograph at 480 pixels on its longer side at most, BGR."""
    image = decode_photo(photo)
    height, width = image.shape[:2]
    scale = _SIDE / max(height, width)
    return shrink(image, round(width * scale), round(height * scale)) if scale < 1 else image


def _cut_off(kinds: dict[str, bytes], chance: random.Random) -> Iterator[Upload]:
    for kind, content in kinds.items():
        for place in sorted(chance.sample(range(24, len(content) - 1), _CUTS)):
            yield Upload("cut off", f"{kind}, {place:,} of {len(content):,} bytes", content[:place], "truncated")


def _exif_junk(jpeg: bytes, png: bytes, webp: bytes, size: tuple[int, int]) -> Iterator[Upload]:
    for order, name in (("<", "Intel's order"), (">", "Motorola's order")):
        for what, block in junk_exif(order):
            for kind, content in (
                ("JPEG", with_segment(jpeg, 0xE1, b"Exif\0\0" + block)),
                ("PNG", with_chunk(png, b"eXIf", block)),
                ("WebP", extended(webp, size, (b"EXIF", block), flags=8)),
            ):
                yield Upload("EXIF junk", f"{kind}, {what}, {name}", content, "exif_damaged")
