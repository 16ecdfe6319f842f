"""Which document a daemon starts with: the owner's and what was pushed, else the last one that worked."""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from edged.config.document import DeviceSettings
from edged.config.kept import PUSHED, Kept, changing, read_pushed, write_pushed
from edged.config.layers import Loaded, fitted, last_good, load, owners
from edged.config.pushed import Pushed
from edged.domain.errors import ConfigInvalid, EdgedError, Problem, Unavailable

log = logging.getLogger(__name__)

_STANDARD: Final = 2
"""Files up to this are the process's input, output and errors."""


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

    What was pushed and is damaged on the disk is set aside: what worked last of it holds.

    A pushed change that wants a new start gets this one. One that was cut off before it had proven itself is taken
    back, and so is any where the disk does not let us note how far it has come.

    Args:
        path: the owner's file; None for the usual place.
        utc: seconds since the epoch.

    Raises:
        ConfigInvalid: it is invalid and none has worked yet. Final: the unit does not start again (exit code 78).
        Unavailable: it cannot be read.
    """
    try:
        _mend(owners(path)[0].device.state)
        loaded = load(path)
        state = loaded.document.device.state
        try:
            on_trial = _settle(state, utc)
        except Unavailable as error:
            log.error("a change on probation is left out: %s", error)  # noqa: TRY400  no bug of ours
            trial = read_pushed(state).trial
            former = loaded.pushed if trial is None else Pushed(trial.former)
            return Boot(fitted(loaded.file, former, loaded.source), path)
        return Boot(load(path), path, on_trial=on_trial)
    except ConfigInvalid as error:
        kept = last_good(_state())
        if kept is None:
            raise
        return Boot(kept, path, fault=error)


def give_up(boot: Boot, error: EdgedError, utc: float) -> NoReturn:
    """The daemon cannot start with the change on trial: takes it back, and begins anew without it."""
    state = boot.loaded.document.device.state
    with suppress(EdgedError), changing(state):  # where the disk is full, the next start goes back by itself
        write_pushed(state, read_pushed(state).reverted((Problem("", f"the daemon did not start: {error.what}"),), utc))
    begin_anew()


def begin_anew() -> NoReturn:
    """Starts this very command again in the place of this process: other files, threads and models, the same pid.

    A SIGHUP is ignored until the command heeds it again: the file is read anyway, and it would kill the process. Main
    thread only.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for descriptor in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if descriptor > _STANDARD:
            with suppress(OSError):  # the listing's own, gone by now
                # Python's are so already. A camera that OpenCV has opened would stay open, and be busy ever after.
                os.set_inheritable(descriptor, False)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  our own command, no shell


def _mend(state: Path) -> None:
    """Takes care that what was pushed can be read: nobody who edits the owner's file could do anything about it."""
    try:
        read_pushed(state)
    except ConfigInvalid as error:
        log.error("what was pushed is set aside: %s", error)  # noqa: TRY400  no bug of ours
        good = last_good(state)
        with suppress(OSError):
            (state / PUSHED).replace(state / f"{PUSHED}.damaged")
        write_pushed(state, Kept() if good is None else Kept(layers=dict(good.pushed.layers)))


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
