"""Made-up names that somebody gave to visits of strangers, to know them again by."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from edged.domain.errors import Refused, Unavailable
from edged.vault.private_file import private_file

LONGEST: Final = 40


class Pseudonyms:
    """A small file: which visit has which name, since when. It holds nothing of a face, and never leaves the device.

    Each call reads the file: the command line and the page may both use it.

    Args:
        path: made with the first name.
        keep_s: forget those that were given longer ago: the visits are gone by then.
    """

    def __init__(self, path: Path, keep_s: float) -> None:
        self._path = path
        self._keep_s = keep_s

    def names(self) -> Mapping[str, str]:
        """The name of each visit that has one, the last given last; none where the file is missing or damaged."""
        return {visit: name for visit, (name, _at) in self._read().items()}

    def give(self, visits: Iterable[str], name: str, now: float) -> str:
        """Gives visits a name, in the place of one that they have; returns it as it is kept. On the disk then.

        Args:
            now: UTC seconds since the epoch.

        Raises:
            Refused: `bad_name`: it is empty, longer than 40 characters, or has invisible ones.
            Unavailable: the disk is full or not writable.
        """
        name = clean_pseudonym(name)
        kept = {visit: given for visit, given in self._read().items() if now - given[1] < self._keep_s}
        for visit in visits:
            kept.pop(visit, None)
            kept[visit] = (name, now)
        self._write(kept)
        return name

    def take_back(self, visits: Collection[str]) -> None:
        """They have no name any more. On the disk when it returns.

        Raises:
            Unavailable: the disk is full or not writable.
        """
        self._write({visit: given for visit, given in self._read().items() if visit not in visits})

    def _write(self, kept: Mapping[str, tuple[str, float]]) -> None:
        try:
            with private_file(self._path) as file:
                file.write(json.dumps({"names": kept}, ensure_ascii=False).encode())
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be written: {error.strerror}",
                "Free space on that disk, or run as the service's user: sudo -u edged edged …",
            ) from error

    def _read(self) -> dict[str, tuple[str, float]]:
        try:
            names: Any = json.loads(self._path.read_bytes())["names"]
            return {str(visit): (str(name), float(at)) for visit, (name, at) in names.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}


def clean_pseudonym(name: str) -> str:
    """The name as it may be kept.

    Raises:
        Refused: `bad_name`.
    """
    clean = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 0 < len(clean) <= LONGEST or not clean.isprintable():
        raise Refused("bad_name", f"a made-up name has 1 to {LONGEST} letters", "Choose another one")
    return clean
