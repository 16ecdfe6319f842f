"""Authenticated encryption of small values and of files."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edged.domain.errors import Corrupt

KEY_BYTES: Final = 32
OVERHEAD: Final = 1 + 12 + 16
"""Bytes that sealing adds: the format's number, the nonce, the tag."""

_FORMAT: Final = b"\x01"
_NONCE_BYTES: Final = 12


class Seal:
    """One key's AES-256-GCM (NIST SP 800-38D), with a random nonce for each value. Any thread.

    A key may seal 2³² values before two nonces are likely to meet (SP 800-38D, 8.3): more than any gallery has.

    Args:
        key: 32 random bytes.
    """

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """The value, readable and changeable only with the key.

        Args:
            plain: the value.
            context: where it belongs (whose it is, which file); it opens nowhere else.
        """
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The value again.

        Raises:
            Corrupt: it was changed, belongs elsewhere, or was sealed with another key.
        """
        if len(sealed) < OVERHEAD or sealed[:1] != _FORMAT:
            raise Corrupt("a sealed value is not in a known format")
        try:
            return self._cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], context)
        except InvalidTag:
            raise Corrupt("a sealed value was changed, moved, or sealed with another key") from None


def new_key() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)
