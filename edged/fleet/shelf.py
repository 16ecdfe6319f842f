"""Roll-outs on the disk of whoever rolls them out, each in a file of its own that nobody else may read."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.fleet.rollout import Rollout
from edged.vault.private_file import private_directory, private_file

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,40}", re.ASCII)
_FORM: Final = TypeAdapter(Rollout)


class Shelf:
    """A folder of roll-outs. Blocks on the disk.

    Args:
        folder: made where it is missing; what lies in it may hold secrets, since a change may.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, rollout: Rollout) -> None:
        """Writes a roll-out down; it is on the disk then.

        Raises:
            Unavailable: the disk does not let us; what was kept before remains.
        """
        path = self._path(rollout.id)
        try:
            private_directory(self._folder)
            with private_file(path) as file:
                file.write(_FORM.dump_json(rollout, exclude={"entered", "well"}))
        except OSError as error:
            raise _unavailable(path, error, "written") from error

    def take(self, rollout_id: str) -> Rollout:
        """A roll-out that was kept.

        Raises:
            Refused: `unknown_rollout`.
            Corrupt: its file is damaged.
            Unavailable: it cannot be read.
        """
        if not _ID.fullmatch(rollout_id):
            raise _unknown(rollout_id)
        path = self._path(rollout_id)
        try:
            return _FORM.validate_json(path.read_bytes())
        except FileNotFoundError:
            raise _unknown(rollout_id) from None
        except OSError as error:
            raise _unavailable(path, error, "read") from error
        except ValidationError as error:
            raise Corrupt(
                f"{path} is damaged", "Look at `edged fleet list` for what devices follow, and push what is right"
            ) from error

    def ids(self) -> list[str]:
        """Of all that were kept, the newest first."""
        return sorted((path.stem for path in self._folder.glob("*.json") if _ID.fullmatch(path.stem)), reverse=True)

    @contextmanager
    def held(self, rollout_id: str) -> Iterator[None]:
        """Nobody else moves this roll-out until the block ends.

        Raises:
            Unavailable: somebody does, or the disk does not let us.
        """
        path = self._folder / f".{rollout_id}.lock"
        try:
            private_directory(self._folder)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _unavailable(path, error, "written") from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Unavailable(
                    f"the roll-out {rollout_id} is being moved by another process", "Wait for it, or end it with Ctrl-C"
                ) from None
            yield
        finally:
            os.close(descriptor)

    def _path(self, rollout_id: str) -> Path:
        return self._folder / f"{rollout_id}.json"


def _unknown(rollout_id: str) -> Refused:
    return Refused("unknown_rollout", f"there is no roll-out {rollout_id[:60]!r} here", "See `edged fleet history`")


def _unavailable(path: Path, error: OSError, doing: str) -> Unavailable:
    return Unavailable(f"{path} cannot be {doing}: {error.strerror}", "Check the disk and the path")
