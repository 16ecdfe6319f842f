"""Links to a guest's photographs: whoever has one is that guest, until it is over."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from typing import Final

from edged.photos.album import PhotoEvent

PREFIX: Final = "/g"
_PURPOSE: Final = b"edged guest link 1\n"
"""What else is signed with the same key can never be taken for a link."""
_MAC_BYTES: Final = 16
_TOKEN: Final = re.compile(r"([0-9a-z]{1,8})\.([A-Za-z0-9_-]{22})", re.ASCII)
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class GuestPass:
    """A guest's link. `url`: whole, as a phone can open it; `end`: when it is over, UTC seconds since the epoch."""

    url: str
    end: float


class GuestLinks:
    """Signs links and checks them. Immutable, any thread, never blocks.

    What a link leads to is told by its request id, which clients choose and may choose badly; what nobody can guess is
    the signature, 128 bits of HMAC-SHA256 over event, request id and end.

    Args:
        key: 32 random bytes, the same as long as links are to hold.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def path(self, event: str, request_id: str, expires: float) -> str:
        """The address without what it begins with: `/g/<request_id>?t=<token>`, short enough for a coarse QR code.

        Args:
            event: id of the event; request_id: of the search.
            expires: UTC seconds since the epoch.
        """
        end = int(expires)
        return f"{PREFIX}/{request_id}?t={_in_36(end)}.{self._signature(event, request_id, end)}"

    def made_for(self, event: PhotoEvent, request_id: str, base: str, *, now: float, life_s: float) -> GuestPass:
        """A link that is over after its life, or with the event where that is sooner.

        Args:
            request_id: of the search.
            base: what addresses begin with, without a slash at the end.
            now: UTC seconds since the epoch.
        """
        expires = event.plan.terms.expires
        end = float(int(now + life_s if expires is None else min(now + life_s, expires)))
        return GuestPass(base + self.path(event.id, request_id, end), end)

    def end_of(self, event: str, request_id: str, token: str) -> int | None:
        """When a link is over, UTC seconds since the epoch; None where it is none of ours, or another search's."""
        read = _TOKEN.fullmatch(token)
        if read is None:
            return None
        end = int(read[1], 36)
        genuine = hmac.compare_digest(self._signature(event, request_id, end).encode(), read[2].encode())
        return end if genuine else None

    def _signature(self, event: str, request_id: str, end: int) -> str:
        signed = b"%b%b\n%b\n%d" % (_PURPOSE, event.encode(), request_id.encode(), end)
        mac = hmac.digest(self._key, signed, "sha256")[:_MAC_BYTES]
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _in_36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
