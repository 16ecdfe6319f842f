"""The aligned faces of enrolled photographs, kept for models to come; sealed with their person's key."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edged.domain.errors import Corrupt, Unavailable
from edged.domain.frame import Image
from edged.vault.private_file import private_directory, private_file
from edged.vault.seal import Seal

_JPEG: Final = (
    cv2.IMWRITE_JPEG_QUALITY,
    95,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
)
"""About 11 kB. A template made of it has a cosine of 0.999 to the photograph's with a float model and 0.989 with an
eight-bit one (LFW), which answers to the change of a single grey level with 0.997."""
_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_MOST_BYTES: Final = 2**20


def encode_keepsake(crop: Image) -> bytes:
    """A keepsake as the file that is kept of it: a JPEG."""
    return cv2.imencode(".jpg", crop, _JPEG)[1].tobytes()


class Keepsakes:
    """A folder for each person, a file for each photograph, named by its hash.

    One thread writes; any may read.

    Args:
        folder: of all of them; made when the first is kept, readable by the owner only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, person: str, key: Seal, photo_hash: str, crop: Image | bytes) -> None:
        """Keeps one, an image or its JPEG, whole or not at all; what is there already stays.

        Raises:
            Unavailable: the disk is full or not writable.
        """
        path = self._path(person, photo_hash)
        if path.exists():
            return
        encoded = crop if isinstance(crop, bytes) else encode_keepsake(crop)
        try:
            private_directory(path.parent)
            with private_file(path, durable=False) as file:
                file.write(key.seal(encoded, _context(person, photo_hash)))
        except OSError as error:
            raise Unavailable(
                f"the face could not be kept in {self._folder}: {error.strerror}",
                "Free space on that disk, or set privacy.keep_crops to false.",
            ) from error

    def load(self, person: str, key: Seal, photo_hash: str) -> Image | None:
        """The face of one photograph, BGR; None where none is kept.

        Raises:
            Corrupt: the file was changed, or is another's.
            Unavailable: it cannot be read.
        """
        encoded = self.load_encoded(person, key, photo_hash)
        if encoded is None:
            return None
        image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise Corrupt(f"the kept face {self._path(person, photo_hash)} is damaged", "Enrol the photograph again.")
        return np.asarray(image, np.uint8)

    def load_encoded(self, person: str, key: Seal, photo_hash: str) -> bytes | None:
        """The JPEG of a face; as `load` else."""
        path = self._path(person, photo_hash)
        try:
            with path.open("rb") as file:
                sealed = file.read(_MOST_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror}", "Check who may read it.") from error
        return key.open(sealed, _context(person, photo_hash))

    def forget_one(self, person: str, photo_hash: str) -> None:
        """Removes the face of one photograph, if there is one. Raises OSError."""
        self._path(person, photo_hash).unlink(missing_ok=True)

    def hashes(self, person: str) -> frozenset[str]:
        """Of the photographs of this person whose faces are kept."""
        return frozenset(path.name for path in self._place(person).glob("*") if not path.name.startswith("."))

    def forget(self, person: str) -> int:
        """Removes what is kept of a person; returns how many faces that was."""
        count = len(self.hashes(person))
        shutil.rmtree(self._place(person), ignore_errors=True)
        return count

    def forget_all_but(self, people: Collection[str], *, older_than: float) -> int:
        """Removes what belongs to nobody of these, as an enrolment that was cut off leaves it; returns how many faces.

        Args:
            people: ids.
            older_than: UTC seconds since the epoch; what was written later may belong to somebody in a moment.
        """
        strays = [place for place in self._places() if place.name not in people]
        return sum(self.forget(place.name) for place in strays if place.stat().st_mtime < older_than)

    def _places(self) -> Iterator[Path]:
        return self._folder.glob("*/*") if self._folder.exists() else iter(())

    def _place(self, person: str) -> Path:
        if not _SAFE_NAME.fullmatch(person):
            raise ValueError(f"not a person's id: {person!r}")
        return self._folder / person[-2:] / person

    def _path(self, person: str, photo_hash: str) -> Path:
        return self._place(person) / photo_hash


def _context(person: str, photo_hash: str) -> bytes:
    return b"face of %s in %s" % (person.encode(), photo_hash.encode())
