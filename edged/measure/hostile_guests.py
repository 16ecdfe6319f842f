"""Photographs with something else in their file: an archive, a program, a page, a document."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zipfile
from collections.abc import Iterator, Mapping

from edged.measure.photo_file import EOI, extended, jpeg_of, jpeg_parts, segment, with_chunk, with_segment
from edged.measure.upload import Upload


def polyglots(jpeg: bytes, png: bytes, webp: bytes, size: tuple[int, int]) -> Iterator[Upload]:
    """Good photographs, each with each guest in each place where it can be.

    Args:
        webp: a simple one; size: its width and height.
    """
    for name, guest in guests().items():
        *parts, scan = jpeg_parts(jpeg)
        places = {
            "after a JPEG": jpeg + guest,
            "after a second JPEG": jpeg + jpeg + guest,
            "in a JPEG's comment": with_segment(jpeg, 0xFE, guest),
            "in a JPEG's XMP": with_segment(jpeg, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + guest),
            "at the end of a JPEG": jpeg_of([*parts, scan, segment(0xFE, guest)]),
            "in a JPEG's data": jpeg[:-2] + guest.replace(b"\xff", b"\xff\0") + EOI,
            "after a PNG": png + guest,
            "in a PNG's text": with_chunk(png, b"tEXt", b"Comment\0" + guest),
            "in a private part of a PNG": with_chunk(png, b"edGe", guest),
            "after a WebP": webp + guest,
            "in a WebP's XMP": extended(webp, size, (b"XMP ", guest)),
        }
        for place, content in places.items():
            yield Upload("polyglot", f"{name} {place}", content, "polyglot")
    yield Upload("polyglot", "JavaScript that is a JPEG", scripted(jpeg), "polyglot")


def guests() -> Mapping[str, bytes]:
    """What may be found in a photograph, by its name; each less than 64 kB."""
    return {
        "zip": _zip(zipfile.ZIP_DEFLATED),
        "zip, unpacked": _zip(zipfile.ZIP_STORED),
        "tar": _tar(),
        "RAR": b"Rar!\x1a\x07\x01\x00" + bytes(64),
        "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(64),
        "xz": lzma.compress(b"echo edged"),
        "bzip2": bz2.compress(b"echo edged"),
        "web page": b"<!DOCTYPE html><html><body><h1>edged</h1></body></html>",
        "script of a page": b"<ScRiPt>alert(document.domain)</sCrIpT>",
        "frame of a page": b'<iframe src="https://example.org/"></iframe>',
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "XML entities": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        "PHP": b"<?php system($_GET['c']); ?>",
        "shell script": b"\n#!/bin/sh\necho edged\n",
        "PDF": b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n",
        "program for Linux": b"\x7fELF\x02\x01\x01\x00" + bytes(56),
        "program for Windows": b"MZ" + bytes(62) + b"PE\x00\x00\x64\x86" + bytes(64),
        "old Word document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64),
    }


def scripted(jpeg: bytes) -> bytes:
    """A JPEG that a browser would run as JavaScript: the length of its first part opens a comment."""
    parts = jpeg_parts(jpeg)
    first = b"\xff\xe0/*" + parts[0][4:].ljust(0x2F2A - 2, b"\0")
    code = segment(0xFE, b"*/=alert(1);/*")
    return jpeg_of([first, code, *parts[1:-1], parts[-1] + segment(0xFE, b"*/")])


def _zip(method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("run.sh", "echo edged\n" * 20)
    return file.getvalue()


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("run.sh")
        member.size = 10
        archive.addfile(member, io.BytesIO(b"echo edged"))
    return file.getvalue()
