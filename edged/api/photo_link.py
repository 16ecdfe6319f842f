"""Links to photographs: signed, and good for a while, so that a browser may fetch them without a key."""

from __future__ import annotations

import hashlib
import hmac
import math
from base64 import urlsafe_b64encode
from typing import Final

from edged.api.albums import PhotoKind

PREFIX: Final = "/edged/photos"
"""Where `edged.api.photos` answers."""

_PURPOSE: Final = b"edged photo link 1\n"
"""What else is signed with the same key one day can never be taken for a link."""


class PhotoLinks:
    """Signs links and checks them. Immutable, any thread, never blocks.

    Args:
        key: 32 random bytes, the same in every process of a centre.
    """

    def __init__(self, key: bytes) -> None:
        # Keying is half of the work of a signature, and a page of results has 64 of them: it is done once, and copied.
        self._keyed = hmac.new(key, _PURPOSE, hashlib.sha256)

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
        signature = self._signature(photo, kind, expires)
        return f"{base}{PREFIX}/{photo}/{kind.value}?expires={expires}&signature={signature}"

    def genuine(self, photo: str, kind: PhotoKind, expires: str, signature: str) -> bool:
        """Whether we signed this link; whether it is still good is another question, which `expires` answers then."""
        if not expires.isascii() or not expires.isdigit() or len(expires) > 12:
            return False
        return hmac.compare_digest(self._signature(photo, kind, int(expires)).encode(), signature.encode())

    def _signature(self, photo: str, kind: PhotoKind, expires: int) -> str:
        # A line each: none of the three can run into the next.
        code = self._keyed.copy()
        code.update(f"{photo}\n{kind.value}\n{expires}".encode())
        return urlsafe_b64encode(code.digest()).rstrip(b"=").decode()
