"""Somebody whose orders are followed: a name, and the public key that tells theirs from others'."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edged.wire.order import SEAL

_PRIME: Final = 2**255 - 19
_ORDER_8: Final = 2707385501144840649318225287225658788936804267575313519463743609750303021910
_WEAK: Final = frozenset({0, 1, _PRIME - 1, _PRIME, _PRIME + 1, _ORDER_8, _PRIME - _ORDER_8})
"""The points of small order, by their y (RFC 8032, section 5.1): signatures that pass for theirs can be made without a
private key. Thirty-two zero bytes, which stand in for a key in many a template, are one of them."""


def key_id(public: bytes) -> str:
    """How a key is named in a signed order: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:16]


def is_weak(public: bytes) -> bool:
    """Whether anybody can sign for this key."""
    return int.from_bytes(public, "little") & (2**255 - 1) in _WEAK


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose orders are followed.

    Attributes:
        name: what people know them by.
        public: the 32 bytes of their Ed25519 key.
    """

    name: str
    public: bytes

    @property
    def id(self) -> str:
        """See `key_id`."""
        return key_id(self.public)

    def has_signed(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature is theirs, of this very order."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, SEAL + text)
        except InvalidSignature:
            return False
        return True
