"""The file that remembers what was pushed, what became of it, and the change that is on probation."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edged.config.pushed import Pushed
from edged.config.store import read_kept, write_kept
from edged.config.tree import Tree
from edged.domain.errors import ConfigInvalid, Problem, Unavailable

PUSHED: Final = "desired.json"
_MOST_VERDICTS: Final = 24
"""More than a device has sources; those of groups that it has left make room, and the file stays below its bounds."""
_LOCK: Final = ".desired.lock"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Verdict(_Part):
    """What became of an order.

    Attributes:
        source: who gave it, see `edged.config.pushed`; empty: there was none yet.
        version: of it; None where it could not be read, or where it has none (the page).
        digest: of what it asked for, so that the same order is known again.
        at: UTC seconds since the epoch.
        overruled: paths that it sets and that a nearer source sets otherwise.
    """

    source: str = ""
    version: int | None = None
    token: str | None = None
    by: str = ""
    digest: str = ""
    status: Literal["none", "applying", "applied", "rejected", "reverted"] = "none"
    problems: tuple[Problem, ...] = ()
    overruled: tuple[str, ...] = ()
    at: float = 0.0


class Trial(_Part):
    """A change that holds and has not proven itself.

    Attributes:
        former: the layers that come back if it does not; followed: their versions.
        verdict: on the change, `applying`.
        stage: `running`: it was taken over by the running daemon; `leaving`: the daemon ends, to begin anew with it;
            `booting`: it has begun anew. A daemon that finds `running` or `booting` was cut off in the middle.
        touched: dotted paths that it changes.
        is_light: it changes only what the next frame is judged by; nothing is opened or started anew.
        well: cameras that gave pictures before.
        connected: whether there was a session with the broker before.
    """

    former: dict[str, Tree] = Field(repr=False)
    followed: dict[str, int]
    verdict: Verdict
    stage: Literal["running", "leaving", "booting"]
    touched: tuple[str, ...]
    is_light: bool = False
    well: tuple[str, ...] = ()
    connected: bool = False


class Kept(_Part):
    """All of it.

    Attributes:
        layers: see `Pushed`.
        followed: by source, the version that holds.
        verdicts: by source, what became of its newest order that could be read; the newest of all is the last.
        trial: the change on probation, if there is one.
    """

    layers: dict[str, Tree] = Field(default_factory=dict, repr=False)
    followed: dict[str, int] = Field(default_factory=dict)
    verdicts: dict[str, Verdict] = Field(default_factory=dict)
    trial: Trial | None = None

    @property
    def pushed(self) -> Pushed:
        return Pushed(self.layers)

    @property
    def newest(self) -> Verdict:
        """On the newest order, whatever the clock showed when it came."""
        return next(reversed(self.verdicts.values()), Verdict())

    def without(self, sources: Collection[str]) -> Kept:
        """Without what these have asked for, the change on probation too if it is theirs."""
        trial = self.trial
        if trial is not None:
            former, followed = _without(trial.former, sources), _without(trial.followed, sources)
            theirs = trial.verdict.source in sources
            trial = None if theirs else trial.model_copy(update={"former": former, "followed": followed})
        return Kept(
            layers=_without(self.layers, sources),
            followed=_without(self.followed, sources),
            verdicts=_without(self.verdicts, sources),
            trial=trial,
        )

    def among(self, sources: Collection[str]) -> Kept:
        """Without the versions of others, who have no say any more; what became of their orders is not forgotten."""
        followed = {source: version for source, version in self.followed.items() if source in sources}
        return self.model_copy(update={"followed": followed})

    def judged(self, verdict: Verdict) -> Kept:
        """With what became of an order, which is the newest by that."""
        others = list(_without(self.verdicts, (verdict.source,)).items())
        return self.model_copy(update={"verdicts": {**dict(others[1 - _MOST_VERDICTS :]), verdict.source: verdict}})

    def patched(self, source: str, patch: Mapping[str, Any]) -> Kept:
        """With a JSON merge patch of what a source has asked for, which holds however a change on probation ends."""
        trial = self.trial
        if trial is not None:
            former = Pushed(trial.former).patched(source, patch).layers
            trial = trial.model_copy(update={"former": dict(former)})
        return self.model_copy(update={"layers": dict(self.pushed.patched(source, patch).layers), "trial": trial})

    def with_trial(self, pushed: Pushed, trial: Trial) -> Kept:
        """With a change that has to prove itself."""
        verdict = trial.verdict
        version = {} if verdict.version is None else {verdict.source: verdict.version}
        changed = {"layers": dict(pushed.layers), "followed": {**self.followed, **version}, "trial": trial}
        return self.model_copy(update=changed).judged(verdict)

    def proven(self, at: float) -> Kept:
        """With the change on probation as what holds from now on; as it is where none is any more."""
        if self.trial is None:
            return self
        verdict = self.trial.verdict.model_copy(update={"status": "applied", "at": at})
        return self.model_copy(update={"trial": None}).judged(verdict)

    def reverted(self, problems: tuple[Problem, ...], at: float) -> Kept:
        """With what held before the change on probation, and the reason; as it is where none is any more."""
        trial = self.trial
        if trial is None:
            return self
        verdict = trial.verdict.model_copy(update={"status": "reverted", "problems": problems, "at": at})
        return Kept(layers=trial.former, followed=trial.followed, verdicts=self.verdicts).judged(verdict)


_T = TypeVar("_T")


def _without(by_source: Mapping[str, _T], sources: Collection[str]) -> dict[str, _T]:
    return {source: what for source, what in by_source.items() if source not in sources}


def order_digest(patch: Mapping[str, Any]) -> str:
    """Names what an order asks for."""
    return hashlib.sha256(json.dumps(patch, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read_pushed(state: Path) -> Kept:
    """What is remembered in a state directory; nothing where there is no file.

    Raises:
        ConfigInvalid: it is damaged.
        Unavailable: it cannot be read.
    """
    path = state / PUSHED
    tree = read_kept(path)
    try:
        return Kept.model_validate(tree or {})
    except ValidationError:
        raise ConfigInvalid((Problem("", "is damaged"),), str(path)) from None


def write_pushed(state: Path, kept: Kept) -> None:
    """Replaces what is remembered, in one step. Blocks until it is on the disk.

    Raises:
        Unavailable: the state directory cannot be written; what was there remains.
    """
    write_kept(state / PUSHED, kept.model_dump(mode="json"))


def push(state: Path, source: str, patch: Mapping[str, Any]) -> None:
    """Has a valid patch take effect at the next start, whatever else was pushed meanwhile. Blocks until it is on the
    disk.

    Raises:
        ConfigInvalid: what is remembered is damaged.
        Unavailable: the state directory cannot be written; what was there remains.
    """
    with changing(state):
        write_pushed(state, read_pushed(state).patched(source, patch))


@contextmanager
def changing(state: Path) -> Iterator[None]:
    """Nobody else who asks for it changes what is remembered, until the block ends: a command, say. Blocks for them.

    Raises:
        Unavailable: the state directory cannot be written.
    """
    try:
        descriptor = os.open(state / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Unavailable(f"{state} cannot be written: {error.strerror}", "Check the disk and the path.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
