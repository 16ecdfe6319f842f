"""Which picture format bytes are in, by the bytes alone: what clients say about it is often wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

SNIFFED_BYTES: Final = 12
"""So many from the beginning are enough."""

_KINDS: Final[tuple[tuple[str, Callable[[bytes], bool]], ...]] = (
    ("jpeg", lambda head: head.startswith(b"\xff\xd8\xff")),
    ("png", lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    ("webp", lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP"),
)


def photo_kind(content: bytes | bytearray) -> str:
    """`jpeg`, `png`, `webp`, or `""` where it is none of these; whether it is whole nobody has looked."""
    head = bytes(content[:SNIFFED_BYTES])
    return next((kind for kind, fits in _KINDS if fits(head)), "")
