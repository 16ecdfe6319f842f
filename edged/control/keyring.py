"""Whose orders are followed: a folder with the public keys, one a file."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from edged.control.signer import Signer, is_weak
from edged.domain.errors import Refused, Unavailable

SUFFIX: Final = ".pem"
MOST_KEYS: Final = 64
_MOST_FILES: Final = 256
_MOST_BYTES: Final = 8 * 1024
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_WRITABLE: Final = stat.S_IWGRP | stat.S_IWOTH

_Stamp: TypeAlias = tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """What the folder holds.

    Attributes:
        signers: by key id.
        problems: what is wrong with the folder or with files in it, each a sentence that names the file. A file that
            something is wrong with is no key; the others hold.
    """

    signers: Mapping[str, Signer]
    problems: tuple[str, ...]


class Keyring(Mapping[str, Signer]):
    """The keys of the folder as it is now, by key id: a file that is put there or taken away counts from the next
    order on. Any thread; every look blocks for a listing of the folder, and for reading it where something changed.

    A folder that cannot be read, or that others may write, holds no keys: nobody's orders are followed then.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: tuple[_Stamp, Keys] | None = None

    @property
    def folder(self) -> Path:
        return self._folder

    def now(self) -> Keys:
        """What the folder holds now. Raises nothing: what is wrong is in `problems`."""
        try:
            stamp = _stamp(self._folder)
        except OSError as error:
            self._read = None
            return Keys({}, (f"the folder of keys {self._folder} cannot be read: {error.strerror}",))
        known = self._read
        if known is None or known[0] != stamp:
            # One assignment: whoever asks at the same time reads the folder once more, and finds the same.
            known = self._read = (stamp, _keys(self._folder))
        return known[1]

    def __getitem__(self, key: str) -> Signer:
        return self.now().signers[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.now().signers)

    def __len__(self) -> int:
        return len(self.now().signers)


def public_key(path: Path) -> bytes:
    """The 32 bytes of the Ed25519 key in a PEM file.

    Raises:
        Refused: `no_key`: there is none in it; `private_key`: there is more than should be; `weak_key`: anybody can
            sign for it.
        Unavailable: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}", "Check the path and who may read it") from error
    return _public(path, data)


def _public(path: Path, data: bytes) -> bytes:
    if b"PRIVATE KEY" in data:
        raise Refused(
            "private_key",
            f"{path} holds a private key, which belongs to whoever signs and to no device",
            "Take it away; what belongs here: openssl pkey -in THAT_FILE -pubout",
        )
    try:
        key = load_pem_public_key(data) if len(data) <= _MOST_BYTES else None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise Refused(
            "no_key", f"{path} holds no Ed25519 public key in PEM", "Make a pair with `edged control key create`"
        )
    raw = key.public_bytes_raw()
    if is_weak(raw):
        raise Refused("weak_key", f"anybody can sign for the key in {path}", "Make a new pair, and take this file away")
    return raw


def _stamp(folder: Path) -> _Stamp:
    """Differs when anything about the folder may differ. Also of times: `ctime` cannot be set back."""
    own = folder.stat()
    entries = []
    with os.scandir(folder) as listing:
        for entry in listing:
            found = entry.stat(follow_symlinks=False)
            entries.append((entry.name, *_of(found)))
            if len(entries) > _MOST_FILES:
                break
    return ((str(folder), *_of(own)), *sorted(entries))


def _of(found: os.stat_result) -> tuple[object, ...]:
    return (
        found.st_dev,
        found.st_ino,
        found.st_mode,
        found.st_uid,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
    )


def _keys(folder: Path) -> Keys:
    """Raises OSError no more than `now` may: between a listing and a look at it files may go."""
    try:
        own = folder.stat()
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        return Keys({}, (f"the folder of keys {folder} cannot be read: {error.strerror}",))
    if own.st_mode & _WRITABLE:
        return Keys({}, (f"others may put keys into the folder {folder}, so none of it counts: chmod go-w {folder}",))
    signers: dict[str, Signer] = {}
    problems: list[str] = []
    for name in names:
        if len(signers) >= MOST_KEYS:
            problems.append(f"{folder} has more than {MOST_KEYS} keys; {name} and what follows do not count")
            break
        try:
            signer = _signer(folder / name, own.st_uid)
        except (Refused, Unavailable) as error:
            problems.append(str(error))
            continue
        if signer.id in signers:
            problems.append(f"{folder / name} is the same key as {signers[signer.id].name}{SUFFIX}: remove one")
            continue
        signers[signer.id] = signer
    return Keys(signers, tuple(problems))


def _signer(path: Path, owner: int) -> Signer:
    if path.suffix != SUFFIX or not _NAME.fullmatch(path.stem):
        raise Refused(
            "bad_name",
            f"{path} is not taken for a key",
            f"Name it by whoever signs with it: letters, digits and ._@-, and {SUFFIX} at the end",
        )
    try:
        # Not a link, and not what would block: a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Refused("no_file", f"{path} is no plain file", "Put the key itself there")
            if found.st_mode & _WRITABLE or found.st_uid not in {owner, 0}:
                raise Refused(
                    "writable",
                    f"others than the folder's owner may write {path}, so it does not count",
                    f"chmod go-w {path}, and give it to the folder's owner or to root",
                )
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        words = "it is a link" if path.is_symlink() else error.strerror
        raise Unavailable(f"{path} cannot be read: {words}", "Check who may read it") from error
    return Signer(path.stem, _public(path, data))
