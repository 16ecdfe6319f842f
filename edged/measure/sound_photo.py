"""Photographs as cameras, phones and browsers write them, which must all be taken: what strictness must not cost."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np

from edged.domain.frame import Image
from edged.measure.hostile_exif import camera_exif
from edged.measure.hostile_photo import small
from edged.measure.photo_file import drawn_png, encoded, extended, png_of, png_parts, with_chunk, with_segment
from edged.measure.upload import Upload

_EXIF, _XMP, _ICC, _MPF = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0\1\1", b"MPF\0"
_PACKET = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description GCamera:MotionPhoto="1"/></rdf:RDF>'
    b'</x:xmpmeta><?xpacket end="w"?>'
)
_PLIST = (
    b'Photoshop 3.0\x008BIM\x03\xea\0\0\0\0\0\0<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC '
    b'"-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"/>'
)
"""What Photoshop on a Mac writes of its printer."""


def sound_photos(photo: bytes) -> Iterator[Upload]:
    """Made of a good photograph, at the size of the hostile ones.

    Raises:
        Refused: the photograph is none.
    """
    image = small(photo)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    jpeg = encoded(image, ".jpg")
    for name, content in (
        *_jpegs(image, grey),
        *_described(jpeg),
        *_followed(jpeg),
        *_pngs(image, grey),
        *_webps(image),
    ):
        yield Upload("sound", name, content)


def _jpegs(image: Image, grey: Image) -> Iterator[tuple[str, bytes]]:
    yield "JPEG, baseline", encoded(image, ".jpg")
    yield "JPEG, progressive", encoded(image, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    yield "JPEG, grey", encoded(grey, ".jpg")
    yield "JPEG, its best codes", encoded(image, ".jpg", cv2.IMWRITE_JPEG_OPTIMIZE, 1)
    yield "JPEG, restart marks", encoded(image, ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 4)
    full = int(cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
    yield "JPEG, full colours", encoded(image, ".jpg", cv2.IMWRITE_JPEG_SAMPLING_FACTOR, full)
    for quality in (1, 100):
        yield f"JPEG, quality {quality}", encoded(image, ".jpg", cv2.IMWRITE_JPEG_QUALITY, quality)
    yield "JPEG, of one colour", encoded(np.full_like(image, 127), ".jpg", cv2.IMWRITE_JPEG_OPTIMIZE, 1)
    yield "JPEG, of one colour, progressive", encoded(np.full_like(image, 127), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    yield "JPEG, one pixel", encoded(image[:1, :1], ".jpg")
    yield "JPEG, odd sides", encoded(image[:241, :333], ".jpg")


def _described(jpeg: bytes) -> Iterator[tuple[str, bytes]]:
    """With what cameras and programs write before the picture."""
    for order, name in (("<", "Intel's order"), (">", "Motorola's order")):
        yield f"JPEG, EXIF in {name}", with_segment(jpeg, 0xE1, _EXIF + camera_exif(order))
        lost = camera_exif(order, maker=1_000_000)
        yield f"JPEG, EXIF in {name}, a maker's data lost", with_segment(jpeg, 0xE1, _EXIF + lost)
    broken_next = camera_exif("<") + bytes(40)
    yield "JPEG, EXIF and nothing more in it", with_segment(jpeg, 0xE1, _EXIF)
    yield "JPEG, EXIF in two pieces", _two_pieces(jpeg, broken_next)
    yield "JPEG, XMP", with_segment(jpeg, 0xE1, _XMP + _PACKET)
    yield "JPEG, colour profile", with_segment(jpeg, 0xE2, _ICC + bytes(3000))
    yield "JPEG, a printer's words", with_segment(jpeg, 0xED, _PLIST)
    yield "JPEG, comment", with_segment(jpeg, 0xFE, "Ein <b>schönes</b> Fest & mehr".encode())
    many = jpeg
    for _ in range(200):
        many = with_segment(many, 0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(400))
    yield "JPEG, depths in 200 pieces", many


def _two_pieces(jpeg: bytes, block: bytes) -> bytes:
    second = with_segment(jpeg, 0xE1, _EXIF + block[100:])
    return with_segment(second, 0xE1, _EXIF + block[:100])


def _followed(jpeg: bytes) -> Iterator[tuple[str, bytes]]:
    """With what phones write behind the picture."""
    film = (
        struct.pack(">I", 24) + b"ftypmp42" + bytes(4) + b"mp42isom" + struct.pack(">I", 5008) + b"mdat" + bytes(5000)
    )
    several = with_segment(jpeg, 0xE2, _MPF + b"MM\0*" + bytes(80))
    yield "JPEG, a second picture", several + jpeg
    yield "JPEG, a second picture after some zeros", several + bytes(1000) + jpeg
    yield "JPEG, Google's motion photograph", with_segment(jpeg, 0xE1, _XMP + _PACKET) + film
    yield "JPEG, Samsung's motion photograph", jpeg + b"\0\0\x30\x0aMotionPhoto_Data" + film + b"SEFH\x6b\0\0\0SEFT"
    yield "JPEG, a phone's own words", jpeg + b'vivo{"version":1}' + struct.pack(">I", 17)
    yield "JPEG, zeros up to the end of a sector", jpeg + bytes(-len(jpeg) % 512)
    yield "JPEG, FF up to the end of a sector", jpeg + b"\xff" * (-len(jpeg) % 512)
    yield "PNG, a line's end", drawn_png(np.zeros((4, 4), np.uint8)) + b"\r\n"


def _pngs(image: Image, grey: Image) -> Iterator[tuple[str, bytes]]:
    png = encoded(image, ".png")
    alpha = np.dstack([image, grey])
    yield "PNG, colours", png
    yield "PNG, grey", encoded(grey, ".png")
    yield "PNG, transparent", encoded(alpha, ".png")
    yield "PNG, 16 bits", cv2.imencode(".png", image.astype(np.uint16) * 257)[1].tobytes()
    yield "PNG, 16 bits, grey", cv2.imencode(".png", grey.astype(np.uint16) * 257)[1].tobytes()
    yield "PNG, 16 bits, transparent", cv2.imencode(".png", alpha.astype(np.uint16) * 257)[1].tobytes()
    for depth in (1, 2, 4):
        yield f"PNG, grey of {depth} bits", drawn_png(grey, depth=depth)
    for depth in (1, 2, 4, 8):
        yield f"PNG, palette of {depth} bits", drawn_png(grey, depth=depth, palette=True)
    yield "PNG, interlaced", drawn_png(image, interlaced=True)
    yield "PNG, palette, interlaced", drawn_png(grey, depth=4, palette=True, interlaced=True)
    for side in (1, 2, 3, 5, 9):
        yield f"PNG, interlaced, {side} pixels wide", drawn_png(image[:7, :side], interlaced=True)
    head, *rest = png_parts(png)
    data = b"".join(body for kind, body in rest if kind == b"IDAT")
    small_pieces = [(b"IDAT", data[at : at + 100]) for at in range(0, len(data), 100)]
    yield "PNG, data in pieces of 100 bytes", png_of([head, *small_pieces, (b"IDAT", b""), rest[-1]])
    yield "PNG, colour profile", with_chunk(png, b"iCCP", b"Display P3\0\0" + zlib.compress(bytes(100_000)))
    yield "PNG, text", with_chunk(png, b"tEXt", b"Software\0edged")
    yield "PNG, packed text", with_chunk(png, b"zTXt", b"Comment\0\0" + zlib.compress(b"a fine day " * 100))
    yield "PNG, packed text that is broken", with_chunk(png, b"zTXt", b"Comment\0\0broken")
    yield "PNG, XMP", with_chunk(png, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + _PACKET)
    yield "PNG, packed XMP", with_chunk(png, b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(_PACKET))
    yield "PNG, EXIF", with_chunk(png, b"eXIf", camera_exif(">"))
    yield "PNG, a part of somebody's own", with_chunk(png, b"iDOT", bytes(28))


def _webps(image: Image) -> Iterator[tuple[str, bytes]]:
    size = (image.shape[1], image.shape[0])
    alpha = np.dstack([image, image[:, :, 0]])
    lossy, lossless = (encoded(image, ".webp", cv2.IMWRITE_WEBP_QUALITY, quality) for quality in (80, 101))
    yield "WebP, lossy", lossy
    yield "WebP, lossless", lossless
    yield "WebP, lossy, transparent", encoded(alpha, ".webp", cv2.IMWRITE_WEBP_QUALITY, 80)
    yield "WebP, lossless, transparent", encoded(alpha, ".webp", cv2.IMWRITE_WEBP_QUALITY, 101)
    yield "WebP, extended", extended(lossy, size)
    yield "WebP, EXIF", extended(lossy, size, (b"EXIF", camera_exif("<")), flags=8)
    yield "WebP, EXIF as in a JPEG", extended(lossless, size, (b"EXIF", _EXIF + camera_exif(">")), flags=8)
    yield "WebP, XMP", extended(lossy, size, (b"XMP ", _PACKET), flags=4)
