"""Who is to be forgotten, and the proof that they were: small files beside the database, not in it.

A departure is written before the person is deleted, so that neither a kill in the middle nor a backup put back brings
them back. It becomes a receipt when everything else is gone too.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from edged.domain.errors import Corrupt, Unavailable
from edged.vault.private_file import private_directory, private_file

_PENDING: Final = "departures"
_DONE: Final = "receipts"
_MOST_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody who is to be forgotten.

    Attributes:
        person: our id of theirs, which tells nothing to anybody else.
        key_digest: sha256 over `salt` and the customer's key, lower-case hex: whoever knows the key can check it.
        salt: 32 hexadecimal digits.
        requested: when, UTC seconds since the epoch.
        templates, crops: how many they had.
    """

    person: str
    key_digest: str
    salt: str
    requested: float
    templates: int
    crops: int

    @classmethod
    def of(cls, person: str, customer_person_id: str, requested: float, templates: int, crops: int) -> Self:
        salt = os.urandom(16).hex()
        return cls(person, digest_of_key(salt, customer_person_id), salt, requested, templates, crops)


def digest_of_key(salt: str, customer_person_id: str) -> str:
    """What stands in a departure and its receipt in place of the customer's key."""
    return hashlib.sha256(bytes.fromhex(salt) + customer_person_id.encode()).hexdigest()


class Departures:
    """The files. Any process may use them at any time: each file is written once, whole.

    Every method raises Unavailable where the disk does not let it.

    Args:
        state: the directory of the database.
    """

    def __init__(self, state: Path) -> None:
        self._pending = state / _PENDING
        self._done = state / _DONE

    def begin(self, departure: Departure) -> None:
        """Writes it down; on the disk when this returns."""
        self._write(self._pending / departure.person, asdict(departure))

    def cancel(self, person: str) -> None:
        """Takes it back: the person is not deleted after all."""
        with _translated(self._pending):
            (self._pending / person).unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time, to clean up; blocks while another does."""
        with _translated(self._pending):
            private_directory(self._pending)
            descriptor = os.open(self._pending, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)

    def settle(self, person: str, receipt: Mapping[str, Any]) -> None:
        """Everything is gone: the receipt takes the departure's place."""
        self._write(self._done / person, receipt)
        self.cancel(person)

    def pending(self) -> tuple[Departure, ...]:
        """Those who are not forgotten everywhere yet. A file that cannot be read counts as nothing but its name."""
        names = self._names(self._pending)
        return tuple(self._departure(name) for name in sorted(names))

    def receipt(self, person: str) -> Mapping[str, Any] | None:
        """The receipt of this person's id; None where there is none.

        Raises:
            Corrupt: it cannot be read.
        """
        path = self._done / person
        if not path.exists():
            return None
        document = _read(path)
        if document is None:
            raise Corrupt(f"the receipt {path} is damaged", "The deletion itself is not affected.")
        return document

    def receipts(self) -> Iterator[Mapping[str, Any]]:
        """All receipts that can be read, the oldest id first."""
        for name in sorted(self._names(self._done)):
            document = _read(self._done / name)
            if document is not None:
                yield document

    def knows(self, person: str) -> bool:
        """Whether somebody with this id must not come back."""
        with _translated(self._pending):
            return (self._pending / person).exists() or (self._done / person).exists()

    def everybody(self) -> frozenset[str]:
        """Ids of all who must not come back; a file each is looked for."""
        return frozenset(self._names(self._pending) | self._names(self._done))

    def _departure(self, name: str) -> Departure:
        document = _read(self._pending / name) or {}
        try:
            return Departure(**{**document, "person": name})
        except TypeError:
            return Departure(name, "", "", 0.0, 0, 0)

    def _names(self, folder: Path) -> set[str]:
        with _translated(folder):
            return (
                {path.name for path in folder.glob("*") if not path.name.startswith(".")} if folder.exists() else set()
            )

    def _write(self, path: Path, document: Mapping[str, Any]) -> None:
        with _translated(path):
            private_directory(path.parent)
            with private_file(path) as file:
                file.write(json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1).encode())


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}", "Check the disk and who may write there."
        ) from error
