"""Links to photographs: signed, and good for a while, so that a browser may fetch them without a key."""

from __future__ import annotations

import hmac
import math
from functools import lru_cache
from typing import Final

from edged.photos.photo import PhotoKind

PREFIX: Final = "/edged/photos"
"""Where `edged.api.photos` answers."""

_PURPOSE: Final = b"edged photo link 1\n"
"""What else is signed with the same key one day can never be taken for a link."""

_REMEMBERED: Final = 8192
"""Signatures: some 2 MB."""


class PhotoLinks:
    """Signs links and checks them. Immutable, any thread, never blocks.

    Args:
        key: 32 random bytes, the same in every process of a centre.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        # A page of results has 64 links, and whoever looks at it again within the hour gets the same ones.
        self._remembered = lru_cache(_REMEMBERED)(self._signature)

    def link(self, photo: str, kind: PhotoKind, *, base: str, now: float, life_s: int, step_s: int = 1) -> str:
        """An address for one file of one photograph.

        Args:
            base: what it begins with, without a slash at the end.
            now: UTC seconds since the epoch.
            life_s: good for at least so many seconds.
            step_s: it ends on a multiple of these, so that whoever asks again soon gets the same link, and a browser
                finds the picture in its cache; good for so much longer at most.
        """
        expires = math.ceil((now + life_s) / step_s) * step_s
        signature = self._remembered(photo, kind, expires)
        return f"{base}{PREFIX}/{photo}/{kind.value}?expires={expires}&signature={signature}"

    def genuine(self, photo: str, kind: PhotoKind, expires: str, signature: str) -> bool:
        """Whether we signed this link; whether it is still good is another question, which `expires` answers then."""
        if not expires.isascii() or not expires.isdigit() or len(expires) > 12:
            return False
        return hmac.compare_digest(self._signature(photo, kind, int(expires)).encode(), signature.encode())

    def _signature(self, photo: str, kind: PhotoKind, expires: int) -> str:
        # A line each: none of the three can run into the next.
        return hmac.digest(
            self._key, b"%b%b\n%b\n%d" % (_PURPOSE, photo.encode(), kind.value.encode(), expires), "sha256"
        ).hex()
