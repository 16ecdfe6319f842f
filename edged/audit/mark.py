"""Marks that only the holder of the device's secret can make: what is forged has none."""

from __future__ import annotations

import hmac
from typing import Final

MARK_BYTES: Final = 32


class Marker:
    """Marks what belongs to one chain (HMAC-SHA-256, RFC 2104). Any thread.

    Args:
        secret: the device's, for this purpose (`Vault.secret_for`).
        chain: id of the chain; a mark of one chain fits no other.
    """

    __slots__ = ("_chain", "_secret")

    def __init__(self, secret: bytes, chain: str) -> None:
        self._secret = secret
        self._chain = chain.encode("utf-8", "surrogatepass")

    def entry(self, number: int, hash_: bytes) -> bytes:
        """The mark of an entry in its place."""
        return self._of(b"entry", b"%d" % number, hash_)

    def anchor(self, number: int, hash_: bytes) -> bytes:
        """The mark of the last entry that was removed because of its age."""
        return self._of(b"anchor", b"%d" % number, hash_)

    def head(self, number: int, hash_: bytes, anchor: int) -> bytes:
        """The mark of the newest entry."""
        return self._of(b"head", b"%d %d" % (number, anchor), hash_)

    def _of(self, kind: bytes, place: bytes, hash_: bytes) -> bytes:
        return hmac.digest(self._secret, b"\n".join((kind, self._chain, place, hash_)), "sha256")


def is_same(one: object, other: bytes) -> bool:
    """Whether a mark that was read is the one that was made, in a time that tells nothing of where they differ."""
    return isinstance(one, bytes) and hmac.compare_digest(one, other)
