"""What an import has done so far, so that the same command goes on where it was stopped."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Final, Self

from edged.domain.errors import Unavailable
from edged.recognition.finding import PersonFinding

_FOLDER: Final = "imports"


class ImportJournal:
    """A file with a line for each person whose turn is over. It holds names and reasons, nothing of a face.

    A line counts only for the very same photographs and terms: each has a digest of both. A line that a kill cut short
    is passed over, and its person has another turn, which changes nothing: enrolling twice is enrolling once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8")
        except OSError as error:
            raise _not_written(path, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise Unavailable("this source is being imported already", "Wait until that is through.") from error
        self._done = _read(path)

    @classmethod
    def open(cls, state: Path, source: Path) -> Self:
        """The journal of importing `source`: begun, or gone on with.

        Raises:
            Unavailable: it cannot be written, or another process is importing that source.
        """
        folder = state / _FOLDER
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise _not_written(folder, error) from error
        return cls(folder / (hashlib.sha256(os.fsencode(source.absolute())).hexdigest()[:32] + ".jsonl"))

    def mentions(self, key: str) -> bool:
        """Whether there is a line about this person, for whatever photographs."""
        return key in self._done

    def finding(self, key: str, digest: str) -> PersonFinding | None:
        """What came of a person, if it was for the same photographs and terms."""
        known, finding = self._done.get(key, ("", None))
        return finding if known == digest else None

    def add(self, digest: str, finding: PersonFinding) -> None:
        """Notes that a person's turn is over.

        Raises:
            Unavailable: the disk is full or failing.
        """
        try:
            self._file.write(json.dumps({"digest": digest, "finding": finding.document()}) + "\n")
            self._file.flush()
        except OSError as error:
            raise _not_written(self._path, error) from error

    def finish(self) -> None:
        """Everything is done: removes the file."""
        self._path.unlink(missing_ok=True)
        self._file.close()

    def close(self) -> None:
        """Keeps the file for the next time."""
        self._file.close()


def _read(path: Path) -> dict[str, tuple[str, PersonFinding]]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _not_written(path, error) from error
    done: dict[str, tuple[str, PersonFinding]] = {}
    for line in lines:
        try:
            document = json.loads(line)
            finding = PersonFinding.of_document(document["finding"])
            done[finding.key] = (str(document["digest"]), finding)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return done


def _not_written(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"the import's journal {path} cannot be written: {error.strerror}",
        "Free space on that disk, or run as the service's user: sudo -u edged edged …",
    )
