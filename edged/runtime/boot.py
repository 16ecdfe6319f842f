"""Which document a daemon starts with: the owner's, else the last one that worked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from edged.config.document import DeviceSettings
from edged.config.layers import Loaded, last_good, load
from edged.domain.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class Boot:
    """How the daemon starts.

    Attributes:
        loaded: the document to begin with.
        path: the owner's file, to be read again on reload; None for the usual place.
        fault: why the owner's file is not in force, if it is not.
    """

    loaded: Loaded
    path: Path | None
    fault: ConfigInvalid | None = None


def read_document(path: Path | None) -> Boot:
    """Reads the document; where it is invalid, falls back to the last one that worked: a slip of the editor must not
    keep a door shut after the next power cut.

    Raises:
        ConfigInvalid: it is invalid and none has worked yet. Final: the unit does not start again (exit code 78).
        Unavailable: it cannot be read.
    """
    try:
        return Boot(load(path), path)
    except ConfigInvalid as error:
        kept = last_good(_state())
        if kept is None:
            raise
        return Boot(kept, path, fault=error)


def _state() -> Path:
    """Where the last good document lies, when no document can say: systemd's word, else the default."""
    named = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(named) if named else Path(DeviceSettings.model_fields["state"].default)
