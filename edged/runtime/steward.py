"""Who changes the configuration while the daemon runs: takes orders, tries them, and takes them back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from edged.audit.act import Act
from edged.audit.noting import UNNOTED, Noting
from edged.config.field import Cost
from edged.config.kept import Kept, Trial, Verdict, order_digest
from edged.config.layers import Loaded, fitted
from edged.config.propose import Accepted, Rejected, propose
from edged.config.pushed import PAGE, Pushed
from edged.domain.errors import EdgedError, Problem
from edged.runtime.clock import Clock
from edged.runtime.configurable import Configurable
from edged.runtime.errand import Errand
from edged.runtime.order_tray import OrderTray
from edged.runtime.probation import sections, shortcomings
from edged.runtime.remembered import Remembered
from edged.runtime.report import reported
from edged.runtime.wish import Arrived, Opens, Wish, read, rejected, waits_for_the_clock

log = logging.getLogger(__name__)

_SETTLED_S: Final = 3.0
"""What a change opens or starts anew must work for so long."""
_RESTARTS: Final = (Cost.MODELS, Cost.RESTART)


@dataclass(frozen=True, slots=True)
class _Proof:
    """A change that is being tried on the side."""

    wish: Wish
    accepted: Accepted
    errand: Errand[tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class _Return:
    """A change that is taken back, and on the disk it is not yet; `anew`: the daemon begins anew by that."""

    problems: tuple[Problem, ...]
    utc: float
    anew: bool


class Steward:
    """Follows orders over the configuration, one after another. `take` and `ask` may be called by any thread, all else
    belongs to the main thread.

    An order is refused with all its problems; or it is tried on the side, where something can be tried; then it holds,
    on probation, and is on the disk together with what it takes the place of. When what it touches works, it is kept;
    when it does not, or the device is cut off in between, the former comes back.

    Args:
        state: the state directory.
        device: the daemon.
        opens: opens orders, if they may be followed.
        noting: is told of every change that is taken over, kept or taken back.
        wake: told when `report` has changed, and when there is something to do; any thread.
    """

    def __init__(
        self,
        state: Path,
        device: Configurable,
        opens: Opens,
        *,
        clock: Clock,
        wake: Callable[[], None],
        noting: Noting = UNNOTED,
    ) -> None:
        self._device = device
        self._opens = opens
        self._clock = clock
        self._wake = wake
        self._noting = noting
        self._memory = Remembered(state, lambda: device.loaded.pushed.layers)
        self._tray = OrderTray()
        self._own: SimpleQueue[Errand[Verdict]] = SimpleQueue()
        self._proof: _Proof | None = None
        self._since = clock.now().mono
        self._well_since: float | None = None
        self._has_proven_itself = False
        trial = self._kept.trial
        self._withholds = trial is not None and trial.stage == "booting" and "mqtt" in sections(trial.touched)
        """Until it has proven itself, and not again on the way back: this process speaks to no other broker."""
        self._return: _Return | None = None
        self._verdict = self._kept.newest
        self.report = reported(self._verdict, self._kept.followed, device.loaded).encoded()
        """What stands under `config/reported`; replaced as a whole. Any thread may read it."""

    @property
    def _kept(self) -> Kept:
        return self._memory.kept

    @property
    def is_busy(self) -> bool:
        """Whether a change is being tried or is on probation: `round` is to be called often."""
        return self._proof is not None or self._kept.trial is not None

    @property
    def holds_events(self) -> bool:
        """Whether the broker itself is on probation: what it takes may be gone with it, so it is given no events yet.
        Any thread.
        """
        return self._withholds

    def take(self, payload: bytes, source: str, to: str, retained: bool = False) -> None:
        """An order came in over the network, or stood there already. Any thread; returns at once."""
        if self._tray.put(Arrived(payload, source, to, retained)):
            self._wake()

    def ask(self, patch: Mapping[str, Any], by: str) -> Errand[Verdict]:
        """An order of the device's own page, or of a command. Any thread; returns at once.

        The verdict says `applying` where the change is on probation then; `report` says what became of it.
        """
        errand = Errand(lambda: self._follow_own(patch, by))
        self._own.put(errand)
        self._wake()
        return errand

    def begin(self) -> None:
        """Once, when the daemon is ready: a change that it started with is on probation from now on."""
        self._since = self._clock.now().mono
        trial = self._kept.trial
        layers = self._device.loaded.pushed.layers
        if trial is not None and (trial.stage != "booting" or layers != self._kept.layers):
            problems = (Problem("", "the daemon did not start with this change"),)
            self._withholds = self._withholds and layers == self._kept.layers
            self._take_back(problems, anew=layers != trial.former)
            self.round()
        elif trial is None and self._kept.newest.status == "applying":
            self._reject(self._kept.newest, (Problem("", "the device ended while it was trying this change"),))
        self._tell()

    def refresh(self) -> None:
        """The document in force has changed without an order: its owner edited the file."""
        self._tell()

    def round(self) -> None:
        """Does what is to be done now. Blocks for the disk only."""
        try:
            if self._return is not None:
                self._go_back(self._return)
            elif self._proof is not None:
                self._look_at_proof(self._proof)
            elif self._kept.trial is not None:
                self._look_at_trial(self._kept.trial)
            else:
                self._next()
        except EdgedError as error:  # the disk; it is tried again at the next round
            self._memory.complain(error)

    def _next(self) -> None:
        try:
            self._own.get_nowait().do()
        except Empty:
            pass
        else:
            return
        arrived = self._tray.next(self._clock.now().utc)
        if arrived is None:
            return
        try:
            self._memory.read()  # a command may have changed it
        except EdgedError:
            self._tray.put_back(arrived)
            raise
        may_configure = self._device.loaded.document.control.configure
        read_so = read(arrived, self._kept, self._opens, self._clock.now().utc, may_configure=may_configure)
        if read_so is None:
            return
        if isinstance(read_so, Verdict):
            self._answer(read_so)
            if waits_for_the_clock(read_so):
                self._tray.put_by(arrived)
        else:
            self._decide(read_so)

    def _follow_own(self, patch: Mapping[str, Any], by: str) -> Verdict:
        self._memory.read()
        self._decide(Wish(patch, Verdict(source=PAGE, by=by, digest=order_digest(patch), at=self._clock.now().utc)))
        return self._verdict

    def _decide(self, wish: Wish) -> None:
        answer = propose(self._current(), wish.patch, wish.verdict.source)
        if isinstance(answer, Rejected):
            self._reject(wish.verdict, answer.problems)
        elif answer.plan.costliest in _RESTARTS:
            self._prove(wish, answer)
        else:
            self._put_on_trial(wish, answer)

    def _prove(self, wish: Wish, accepted: Accepted) -> None:
        """Has it tried on the side. That it is, is on the disk: what ends the process by that is not tried again."""
        verdict = wish.verdict.model_copy(update={"status": "applying"})
        try:
            self._memory.change(lambda kept: kept.judged(verdict))
        except EdgedError as error:
            self._answer(rejected(wish.verdict, (Problem("", error.what, allowed=error.remedy),)))
            return
        self._proof = _Proof(wish, accepted, self._device.prove(accepted.loaded, accepted.plan))
        self._verdict = verdict
        self._tell()

    def _look_at_proof(self, proof: _Proof) -> None:
        if not proof.errand.is_done:
            return
        self._memory.read()  # a command may have changed it, or its owner the file
        self._proof = None
        problems, wish = proof.errand.result(0), proof.wish
        if problems:
            self._reject(wish.verdict, problems)
            return
        answer = propose(self._current(), wish.patch, wish.verdict.source)
        if isinstance(answer, Accepted) and answer.document == proof.accepted.document:
            self._put_on_trial(wish, answer)
        else:
            self._decide(wish)

    def _put_on_trial(self, wish: Wish, accepted: Accepted) -> None:
        """From here on the change holds, and comes to nothing unless it proves itself."""
        plan, vitals = accepted.plan, self._device.vitals()
        verdict = wish.verdict.model_copy(update={"status": "applying", "overruled": accepted.overruled})
        trial = Trial(
            former=self._kept.layers,
            followed=self._kept.followed,
            verdict=verdict,
            stage="leaving" if plan.costliest in _RESTARTS else "running",
            touched=plan.paths,
            is_light=plan.costliest is Cost.LIVE,
            well=tuple(name for name, state in vitals.cameras.items() if state == "online"),
            connected=bool(vitals.connected),
        )
        pushed = accepted.loaded.pushed
        kept = self._kept.among(pushed.order(accepted.loaded.file)).with_trial(pushed, trial)
        if not plan.paths:
            kept = kept.proven(verdict.at)
        try:
            self._memory.write(kept)
        except EdgedError as error:
            self._answer(rejected(wish.verdict, (Problem("", error.what, allowed=error.remedy),)))
            return
        self._note("taken_over", trial, accepted.loaded.digest)
        if trial.stage == "leaving":
            log.info("beginning anew with another %s", ", ".join(plan.paths))
            self._device.begin_anew()
        else:
            self._device.follow(accepted.loaded)
            self._since, self._well_since, self._has_proven_itself = self._clock.now().mono, None, False
        self._verdict = kept.verdicts[verdict.source]
        self._tell()

    def _look_at_trial(self, trial: Trial) -> None:
        if trial.stage == "leaving":
            return
        now = self._clock.now()
        if not self._has_proven_itself:
            problems = shortcomings(trial, self._device.vitals(), self._since)
            if problems:
                self._well_since = None
                if now.mono - self._since >= self._patience_s:
                    self._revert(trial, problems)
                return
            if self._well_since is None:
                self._well_since = now.mono
            if now.mono - self._well_since < (0.0 if trial.is_light else min(_SETTLED_S, self._patience_s / 2)):
                return
            self._has_proven_itself, self._withholds = True, False
        self._memory.change(lambda kept: kept.proven(now.utc))
        self._verdict = self._kept.newest
        self._note("kept", trial, self._device.loaded.digest)
        log.info("the configuration has proven itself: %s", ", ".join(trial.touched))
        self._tell()

    @property
    def _patience_s(self) -> float:
        return self._device.loaded.document.control.probation_s

    def _revert(self, trial: Trial, problems: tuple[Problem, ...]) -> None:
        log.warning("the configuration is taken back: %s", "; ".join(map(str, problems)))
        if trial.stage == "running":
            self._device.follow(self._with(Pushed(trial.former)))  # first: it must not wait for a disk that is full
        self._take_back(problems, anew=trial.stage != "running")
        self.round()
        if self._return is not None and self._return.anew:
            self._device.begin_anew()  # the next start goes back without the disk

    def _take_back(self, problems: tuple[Problem, ...], *, anew: bool) -> None:
        self._return = _Return(problems, self._clock.now().utc, anew)
        if self._kept.trial is not None:
            self._note("taken_back", self._kept.trial, self._device.loaded.digest)
        self._verdict = self._kept.reverted(problems, self._return.utc).newest
        self._tell()

    def _go_back(self, back: _Return) -> None:
        self._memory.change(lambda kept: kept.reverted(back.problems, back.utc))
        self._return = None
        self._verdict = self._kept.newest
        self._tell()
        if back.anew:
            self._device.begin_anew()

    def _current(self) -> Loaded:
        """The document that an order changes: the one in force, with what a command has pushed since."""
        loaded = self._device.loaded
        return loaded if loaded.pushed.layers == self._kept.layers else self._with(self._kept.pushed)

    def _with(self, pushed: Pushed) -> Loaded:
        loaded = self._device.loaded
        return fitted(loaded.file, pushed, loaded.source)

    def _reject(self, order: Verdict, problems: tuple[Problem, ...]) -> None:
        """Refuses an order of somebody who may give it. It is remembered, so that the same is answered the same."""
        verdict = rejected(order, problems)
        self._answer(verdict)
        try:
            self._memory.change(lambda kept: kept.judged(verdict))
        except EdgedError as error:
            self._memory.complain(error)

    def _note(self, what: str, trial: Trial, digest: str) -> None:
        """Which settings, never what they are; nothing where it changes none."""
        if not trial.touched:
            return
        verdict = trial.verdict
        about = {"change": what, "source": verdict.source, "version": verdict.version, "config": digest}
        self._noting.note(Act.CONFIG, by=_who(verdict), about={**about, "paths": " ".join(trial.touched)})

    def _answer(self, verdict: Verdict) -> None:
        """Nothing has changed."""
        if verdict.problems:
            log.warning("an order over the configuration: %s", "; ".join(map(str, verdict.problems[:5])))
        self._verdict = verdict
        self._tell()

    def _tell(self) -> None:
        self.report = reported(self._verdict, self._kept.followed, self._device.loaded).encoded()
        self._wake()


def _who(verdict: Verdict) -> str:
    """Who gave an order, for the audit log."""
    if ":" in verdict.by:
        return verdict.by
    return f"{PAGE if verdict.source == PAGE else 'mqtt'}:{verdict.by or 'unsigned'}"
