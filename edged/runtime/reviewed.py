"""Which unknown visits somebody has dealt with."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Final

from edged.domain.errors import Unavailable

_MOST: Final = 20_000
"""Ids kept; they begin with the time, so that the oldest go, long after their pictures."""


class Reviewed:
    """A JSON file with a list of event ids. It is a convenience: a damaged one counts as empty.

    Args:
        path: need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def ids(self) -> frozenset[str]:
        """The events that were dealt with. Blocks for one small file."""
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return frozenset()
        return frozenset(item for item in found if isinstance(item, str)) if isinstance(found, list) else frozenset()

    def add(self, event_ids: Collection[str]) -> None:
        """These are dealt with. On the disk, whole, when this returns.

        Raises:
            Unavailable: the disk does not let us.
        """
        self._write(self.ids() | frozenset(event_ids))

    def remove(self, event_ids: Collection[str]) -> None:
        """These are to be looked at again; see `add`."""
        self._write(self.ids() - frozenset(event_ids))

    def _write(self, event_ids: frozenset[str]) -> None:
        text = json.dumps(sorted(event_ids)[-_MOST:], indent=0)
        try:
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except OSError as error:
            raise Unavailable(
                f"cannot write {self._path}: {error.strerror}", f"Free some space under {self._path.parent}"
            ) from error
