"""Archives, programs, pages and documents that travel in a photograph's file.

A photograph is handed on to other people as the file it came as. Whoever opens it with an archive tool, a browser or a
viewer must find a picture and nothing else. Looked for are the marks by which such programs know what is theirs,
anywhere in the file, since most of them look anywhere. A mark is so long that a photograph's own bytes do not make it
up: one of 40 bits stands in a file of 16 MB by chance once in 65,000.

Not found are what bears no such mark or hides it: short PHP tags, text in another alphabet than ASCII's (UTF-16), what
is enciphered, packed or spread over the pixels.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

_MOST_LOOKS: Final = 1000
"""Beginnings of one mark that are looked at. Chance makes none; a file full of them is not a photograph."""
_PIECE: Final = 1 << 20
"""Bytes that are searched at once; the search needs some ten times as much memory."""
_HEAD: Final = 4
"""Bytes of a mark that are searched for."""
_SMALL: Final = 0x20202020
"""The bit of each byte of a head that makes a capital letter a small one: marks in letters of either size have one."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """Of what, for people, and what stands where it stands."""

    name: str
    head: int
    pattern: re.Pattern[bytes]


def _mark(name: str, mark: bytes, rest: bytes = b"", flags: re.RegexFlag = re.NOFLAG) -> _Mark:
    """Of at least four bytes, of any value; with a pattern of what must follow."""
    head = int.from_bytes(mark[:_HEAD], "little") | _SMALL
    return _Mark(name, head, re.compile(re.escape(mark) + rest, flags | re.DOTALL))


def _markup(name: str, mark: bytes, rest: bytes) -> _Mark:
    """In letters of either size."""
    return _mark(name, mark, rest, re.IGNORECASE)


_MARKS: Final = (
    # An archive's directory is looked for from the end, its files from the beginning; both with what follows the mark
    # (APPNOTE 6.3.10, 4.3.7 and 4.3.16: version and method; numbers of discs, then of files on this and on all).
    _mark("a zip archive", b"PK\x03\x04", rb"[\x0a-\x40]...[\x00\x08\x09\x0c\x0e\x5d\x5f\x62\x63]\x00"),
    _mark("a zip archive", b"PK\x05\x06\x00\x00\x00\x00", rb"(..)\1"),
    _mark("a RAR archive", b"Rar!\x1a\x07", rb"[\x00\x01]"),
    _mark("a 7z archive", b"7z\xbc\xaf\x27\x1c"),
    _mark("an xz archive", b"\xfd7zXZ\x00"),
    _mark("a bzip2 archive", b"1AY&SY"),
    _mark("a tar archive", b"ustar", rb"(\x0000|  \x00)"),
    _mark("a cabinet archive", b"MSCF\x00\x00\x00\x00"),
    _mark("a disc image", b"\x01CD001\x01"),
    _mark("a program", b"\x7fELF", rb"[\x01\x02][\x01\x02]\x01"),
    _mark("a program", b"PE\x00\x00", rb"(\x4c\x01|\x64\x86|\x64\xaa|\xc4\x01)"),
    _mark("a program", b"program cannot be run in DOS mode"),
    _mark("a program", b"\xcf\xfa\xed\xfe", rb"[\x07\x0c]\x00\x00\x01"),
    _mark("a program", b"dex\n0", rb"[0-9][0-9]\x00"),
    _mark("a program", b"\x00asm\x01\x00\x00\x00"),
    _mark("a script", b"#!/bin/"),
    _mark("a script", b"#!/usr/bin/"),
    _mark("a script", b"#!/system/bin/"),
    _mark("a PDF document", b"%PDF-", rb"[0-9]\.[0-9]"),
    _mark("an Office document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    _mark("an RTF document", b"{\\rtf1"),
    _markup("a script", b"<script", rb"[\s>/]"),
    _markup("a script", b"<?php", rb"\s"),
    _markup("a web page", b"<html", rb"[\s>]"),
    _markup("a web page", b"<!doctype", rb"\s{1,9}(html|svg)"),
    _markup("a web page", b"<iframe", rb"[\s>/]"),
    _markup("a web page", b"<!entity", rb"\s"),
    _markup("a web page", b"<svg", rb"\s[^>]{0,500}xmlns"),
)
_HEADS: Final = np.unique(np.array([mark.head for mark in _MARKS], np.uint32))
_PAIRS: Final = np.isin(np.arange(1 << 16, dtype=np.uint32) | _SMALL & 0xFFFF, _HEADS & 0xFFFF)
"""Whether a head may begin with two bytes, the first of which counts least: shape (65536,)."""
_COMMENT: Final = re.compile(rb"(\xff\xd8\xff[\xe0-\xfe]|RIFF)/\*", re.DOTALL)
"""The beginning of a picture that is also one of JavaScript: the length of its first part opens a comment."""
_CODE: Final = re.compile(rb"\*/\s{0,20}[=;(]")


def find_stowaway(content: bytes) -> str:
    """What travels in a photograph's file beside the photograph, for people; empty where nothing was found.

    Takes about 2 ms a megabyte, during which other threads go on: guests wait for their pages while others search.
    """
    if _COMMENT.match(content) and _CODE.search(content):
        return "a script"
    looks: Counter[int] = Counter()
    for place, head in _heads(content):
        looks[head] += 1
        for mark in _MARKS:
            if mark.head == head and (looks[head] > _MOST_LOOKS or mark.pattern.match(content, place)):
                return mark.name
    return ""


def _heads(content: bytes) -> Iterator[tuple[int, int]]:
    """Where marks may begin, and the head there."""
    whole = np.frombuffer(content, np.uint8)
    for start in range(0, len(content) - _HEAD + 1, _PIECE):
        piece = whole[start : start + _PIECE + _HEAD - 1]
        pairs = piece[:-1] | piece[1:].astype(np.uint16) << 8
        # Of bytes by chance one in a thousand begins like a head: the others are not looked at any more.
        places = np.flatnonzero(np.take(_PAIRS, pairs[: 2 - _HEAD]))
        heads = pairs[places] | pairs[places + 2].astype(np.uint32) << 16 | _SMALL
        found = np.isin(heads, _HEADS)
        yield from zip((start + places[found]).tolist(), heads[found].tolist(), strict=True)
