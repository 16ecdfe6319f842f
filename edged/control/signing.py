"""The administrator's side: a pair of keys, and orders signed with it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from edged.config.tree import flaws
from edged.control.authority import formed
from edged.control.signer import key_id
from edged.domain.errors import Refused, Unavailable
from edged.wire.order import MAX_ORDER_BYTES, SEAL, Order, Sealed

_MOST_BYTES: Final = 8 * 1024


def make_pair(private: Path, public: Path) -> str:
    """Makes a new pair of keys, writes both into new files, and returns the key id; blocks until they are on the disk.

    Args:
        private: PEM (PKCS 8) of mode 0600.
        public: PEM, for the devices; mode 0644.

    Raises:
        Refused: `exists`: one of the files is there already; neither is touched.
        Unavailable: the disk does not let us.
    """
    for path in (private, public):
        if path.exists() or path.is_symlink():
            raise _exists(path)
    key = Ed25519PrivateKey.generate()
    half = key.public_key()
    _write(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write(public, half.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
    return key_id(half.public_bytes_raw())


def load_private(path: Path, password: bytes | None = None) -> Ed25519PrivateKey:
    """The private key in a PEM file.

    Raises:
        Refused: `key_exposed`: others may read the file; `password_needed`: it has one, and `password` is None;
            `bad_password`: another; `no_key`: it holds no Ed25519 private key.
        Unavailable: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}", "Check the path and who may read it") from error
    if stat.S_ISREG(mode) and mode & 0o077:
        raise Refused("key_exposed", f"others than you may read the private key {path}", f"chmod 600 {path}")
    try:
        key = load_pem_private_key(data, password) if len(data) <= _MOST_BYTES else None
    except TypeError:  # a password too many, or one too few
        if password is not None:
            return load_private(path)
        raise Refused("password_needed", f"the private key {path} has a password") from None
    except (ValueError, UnsupportedAlgorithm):
        if password is not None:
            raise Refused("bad_password", f"that is not the password of {path}") from None
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(
            "no_key", f"{path} holds no Ed25519 private key in PEM", "Make a pair with `edged control key create`"
        )
    return key


def sealed(order: Order, kind: str, to: str, key: Ed25519PrivateKey) -> bytes:
    """The order as a signed message, for the topic that `to` and `kind` name.

    Args:
        order: its `to` and `order` may be empty; `expires` must be there.
        kind: `config` or `request/<command>`.
        to: a device's name, or `_group/` and a group's.

    Raises:
        Refused: `no_expiry`; `other_target` or `other_order`: it says something else; `not_json`: it holds what JSON
            cannot say; `too_large`: devices would refuse it unread.
        ConfigInvalid: `kind` or `to` is none.
    """
    if order.expires is None:
        raise Refused("no_expiry", "a signed order says until when it holds", "Give it `expires`")
    if order.to not in {"", to}:
        raise Refused("other_target", f"the order is for {order.to!r}, not for {to!r}")
    if order.order not in {"", kind}:
        raise Refused("other_order", f"the order is {order.order!r}, not {kind!r}")
    said = formed({**order.model_dump(), "to": to, "order": kind}, type(order))
    return seal(_text(said), key)


def seal(text: str, key: Ed25519PrivateKey) -> bytes:
    """A message with this very text, signed; whether it is an order is not looked at.

    Raises:
        Refused: `too_large`.
    """
    public = key.public_key().public_bytes_raw()
    message = Sealed(signed=text, key=key_id(public), signature=key.sign(SEAL + text.encode()).hex()).encoded()
    if len(message) > MAX_ORDER_BYTES:
        raise Refused(
            "too_large", f"the signed order has {len(message)} bytes", f"{MAX_ORDER_BYTES} are allowed; ask for less"
        )
    return message


def _text(order: Order) -> str:
    document = order.model_dump(mode="json", exclude_defaults=True)
    if next(flaws(document), None) is not None:
        raise Refused("not_json", "the order holds a control character, or is nested too deeply")
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:
        raise Refused("not_json", "the order holds a number that is not finite") from None


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        # The name is taken before anything is in it: what is there already is never replaced.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}", "Check the disk and the path") from error


def _exists(path: Path) -> Refused:
    return Refused("exists", f"{path} is there already", "Take another name: a key is never replaced")
