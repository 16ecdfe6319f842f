"""The device's key, and what follows from it."""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edged.domain.errors import Corrupt, Unavailable
from edged.vault.private_file import private_file
from edged.vault.seal import KEY_BYTES, Seal, new_key

CREDENTIAL: Final = "edged.key"
"""Name of the systemd credential that holds the key (`LoadCredentialEncrypted=edged.key:…`)."""
SERVICE_CREDENTIAL: Final = Path("/run/credentials/edged.service") / CREDENTIAL
"""Where systemd keeps it while the service runs; root and the service's user may read it."""
KEY_FILE: Final = "key"
"""Where the key lies when nobody says otherwise: in the state directory."""
MARK_FILE: Final = "key.mark"
"""In the state directory: tells the right key from a wrong one, and nothing else about it."""


class Vault:
    """Everything that needs the device's key asks here; the key itself leaves for nobody. Any thread.

    Each purpose has a key of its own, derived by HKDF (RFC 5869), so that a value sealed for one opens for no other.

    Attributes:
        source: where the key was read; None where it was given.
    """

    def __init__(self, key: bytes, source: Path | None = None) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._key = key
        self.source = source

    @classmethod
    def open(cls, state: Path, key_file: Path | None = None, *, environment: Mapping[str, str] = os.environ) -> Self:
        """The vault of a state directory.

        The key is the systemd credential `edged.key` where the service has one, else the content of `key_file`, else
        the file `key` in the state directory. Commands that are run beside the service find its credential where
        systemd keeps it. A directory that is new gets a new key.

        Args:
            state: the state directory; must be there.
            key_file: where the configuration says the key lies; never made.
            environment: has CREDENTIALS_DIRECTORY where systemd gives credentials.

        Raises:
            Unavailable: the key is missing, cannot be read or made, or is not the one this directory was sealed with.
            Corrupt: the file does not hold a key.
        """
        source = _place(state, key_file, environment)
        vault = cls(_read(source), source)
        vault._check(state / MARK_FILE)
        return vault

    def seal_for(self, purpose: str) -> Seal:
        """The seal of one purpose (`people`, `shots`, `index`)."""
        return Seal(self._derived(f"seal {purpose}"))

    def signing_key(self) -> Ed25519PrivateKey:
        """What this device signs its receipts with (RFC 8032); the same as long as its key is."""
        return Ed25519PrivateKey.from_private_bytes(self._derived("sign receipts"))

    def secret_for(self, purpose: str) -> bytes:
        """32 bytes for keyed digests of one purpose."""
        return self._derived(f"digest {purpose}")

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"edged " + purpose.encode()).derive(self._key)

    def _check(self, mark: Path) -> None:
        """Compares with the mark that the first opening left, or leaves it."""
        own = self._derived("mark").hex().encode()
        if not mark.exists():
            _write(mark, own)
        try:
            known = mark.read_bytes()
        except OSError as error:
            raise _unreadable(mark, error) from error
        if not hmac.compare_digest(known, own):
            raise Unavailable(
                f"the device's key is not the one that {mark.parent} was sealed with",
                "Bring the former key back. Without it the faces are lost: move the directory away and enrol anew.",
            )


def _place(state: Path, key_file: Path | None, environment: Mapping[str, str]) -> Path:
    """Where the key lies; made there if there never was one."""
    own = state / KEY_FILE
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    if credentials and (Path(credentials) / CREDENTIAL).exists():
        return Path(credentials) / CREDENTIAL
    if key_file is not None or own.exists():
        return key_file or own
    if not (state / MARK_FILE).exists():
        _write(own, new_key().hex().encode())
        return own
    if SERVICE_CREDENTIAL.exists():
        return SERVICE_CREDENTIAL
    raise Unavailable(
        f"the device's key is missing: {state} was sealed with one that is not here",
        "Where systemd holds it, start the service first; else bring the key back.",
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            text = file.read(2 * KEY_BYTES + 2)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Corrupt(f"{path} holds no key", f"It must hold {2 * KEY_BYTES} hexadecimal digits: openssl rand -hex 32.")
    return key


def _write(path: Path, content: bytes) -> None:
    try:
        with private_file(path, replace=False) as file:  # two processes may start at once
            file.write(content)
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}", "Check the disk and who may write there."
        ) from error


def _unreadable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"the device's key cannot be read: {path}: {error.strerror}",
        "Run as the service's user: sudo -u edged edged …; or bring the medium that holds the key.",
    )
