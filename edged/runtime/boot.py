"""Which document a daemon starts with: the owner's and what was pushed, else the last one that worked."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from edged.config.document import DeviceSettings
from edged.config.kept import changing, read_pushed, write_pushed
from edged.config.layers import Loaded, last_good, load
from edged.domain.errors import ConfigInvalid, EdgedError, Problem


@dataclass(frozen=True, slots=True)
class Boot:
    """How the daemon starts.

    Attributes:
        loaded: the document to begin with.
        path: the owner's file, to be read again on reload; None for the usual place.
        fault: why the owner's file is not in force, if it is not.
        on_trial: this start is part of a pushed change; where it fails, `give_up`.
    """

    loaded: Loaded
    path: Path | None
    fault: ConfigInvalid | None = None
    on_trial: bool = False


def read_document(path: Path | None, utc: float) -> Boot:
    """Reads the document; where it is invalid, falls back to the last one that worked: a slip of the editor must not
    keep a door shut after the next power cut.

    A pushed change that wants a new start gets this one. One that was cut off before it had proven itself is taken
    back.

    Args:
        path: the owner's file; None for the usual place.
        utc: seconds since the epoch.

    Raises:
        ConfigInvalid: it is invalid and none has worked yet. Final: the unit does not start again (exit code 78).
        Unavailable: it cannot be read, or the state directory cannot be written.
    """
    try:
        loaded = load(path)
        on_trial = _settle(loaded.document.device.state, utc)
        return Boot(load(path), path, on_trial=on_trial)
    except ConfigInvalid as error:
        kept = last_good(_state())
        if kept is None:
            raise
        return Boot(kept, path, fault=error)


def give_up(boot: Boot, error: EdgedError, utc: float) -> NoReturn:
    """The daemon cannot start with the change on trial: takes it back, and begins anew without it."""
    state = boot.loaded.document.device.state
    with changing(state):
        kept = read_pushed(state)
        if kept.trial is not None:
            write_pushed(state, kept.reverted((Problem("", f"the daemon did not start: {error.what}"),), utc))
    begin_anew()


def begin_anew() -> NoReturn:
    """Starts this very command again in the place of this process: other files, threads and models, the same pid."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  our own command, no shell


def _settle(state: Path, utc: float) -> bool:
    """Whether this start is the one that a pushed change asked for; a change that was cut off is taken back."""
    trial = read_pushed(state).trial
    if trial is None:
        return False
    with changing(state):
        kept = read_pushed(state)
        if trial.stage == "leaving":
            write_pushed(state, kept.model_copy(update={"trial": trial.model_copy(update={"stage": "booting"})}))
            return True
        problem = Problem("", "the device was cut off before the change had proven itself")
        write_pushed(state, kept.reverted((problem,), utc))
        return False


def _state() -> Path:
    """Where the last good document lies, when no document can say: systemd's word, else the default."""
    named = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(named) if named else Path(DeviceSettings.model_fields["state"].default)
