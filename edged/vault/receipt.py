"""Signed statements: what a device did, so that others can check that it was this device and nothing was changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def sign(statement: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The statement with the device's public key and its signature (Ed25519, RFC 8032), both in hexadecimal digits.

    What is signed is the statement as JSON in ASCII, its keys sorted, without spaces, `public_key` among them.
    """
    signed = {**statement, "public_key": key.public_key().public_bytes_raw().hex()}
    return {**signed, "signature": key.sign(_canonical(signed)).hex()}


def is_genuine(receipt: Mapping[str, Any]) -> bool:
    """Whether nothing in it was changed since its device signed it. Which device that is, its `public_key` says."""
    signed = {name: value for name, value in receipt.items() if name != "signature"}
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(receipt["public_key"])))
        public.verify(bytes.fromhex(str(receipt["signature"])), _canonical(signed))
    except (KeyError, ValueError, InvalidSignature):
        return False
    return True


def _canonical(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
