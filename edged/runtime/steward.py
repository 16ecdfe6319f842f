"""Who changes the configuration while the daemon runs: takes orders, tries them, and takes them back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol, TypeVar

from edged.config.field import Cost
from edged.config.kept import Fault, Kept, Trial, Verdict, changing, order_digest, read_pushed, write_pushed
from edged.config.layers import Loaded, fitted
from edged.config.plan import Plan
from edged.config.propose import Accepted, Rejected, propose
from edged.config.pushed import PAGE, Pushed
from edged.domain.errors import ConfigInvalid, EdgedError, Problem, Refused
from edged.domain.frame import Moment
from edged.runtime.clock import Clock
from edged.runtime.errand import Errand
from edged.runtime.probation import Vitals, shortcomings
from edged.runtime.report import reported
from edged.wire.order import Desired, Order

log = logging.getLogger(__name__)

_T = TypeVar("_T", bound=Order)

_SETTLED_S: Final = 3.0
"""What a change opens or starts anew must work for so long; what only reads the next value, for a moment."""
_MOST_WAITING: Final = 64
"""Orders that wait for a change on probation; more are dropped, and come again with the next connection."""
_RESTARTS: Final = (Cost.MODELS, Cost.RESTART)


class Opened(Protocol):
    """See `edged.control.authority.Opened`."""

    @property
    def order(self) -> Desired: ...

    @property
    def by(self) -> str: ...


class Device(Protocol):
    """What the steward needs of the daemon. All of it is called on the main thread."""

    @property
    def loaded(self) -> Loaded:
        """The document in force."""

    def follow(self, loaded: Loaded) -> None:
        """Takes over another document, as far as that goes without a restart."""

    def vitals(self) -> Vitals:
        """How the device is now."""

    def begin_anew(self) -> None:
        """Ends in good order and starts again with what is kept; does not wait for it."""

    def prove(self, loaded: Loaded, plan: Plan) -> Errand[tuple[Problem, ...]]:
        """Has `edged.runtime.proof.prove` done on a thread of its own; returns at once."""


Authority = Callable[[bytes, str, float], Opened]
"""Opens an order for the configuration: its bytes, who it was sent to, and the time; see
`edged.control.authority.Authority.opened`."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    payload: bytes = field(repr=False)
    source: str
    to: str


@dataclass(frozen=True, slots=True)
class _Wish:
    """An order that was read and may be given."""

    patch: Mapping[str, Any] = field(repr=False)
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Proof:
    """A change that is being tried on the side."""

    wish: _Wish
    accepted: Accepted
    errand: Errand[tuple[Problem, ...]]


class Steward:
    """Follows orders over the configuration, one after another. `take` and `ask` may be called by any thread, all else
    belongs to the main thread.

    An order is refused with all its problems; or it is tried on the side, where something can be tried; then it holds, on
    probation, and is on the disk together with what it takes the place of. When what it touches works, it is kept; when it
    does not, or the device is cut off in between, the former comes back.

    Args:
        state: the state directory.
        device: the daemon.
        authority: opens orders.
        wake: told when `report` has changed, and that there is something to do; any thread.
    """

    def __init__(
        self, state: Path, device: Device, authority: Authority, *, clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._state = state
        self._device = device
        self._authority = authority
        self._clock = clock
        self._wake = wake
        self._kept = read_pushed(state)
        self._waiting: SimpleQueue[_Arrived] = SimpleQueue()
        self._wishes: SimpleQueue[Errand[Verdict]] = SimpleQueue()
        self._proof: _Proof | None = None
        self._since = clock.now().mono
        self._well_since: float | None = None
        self._verdict = self._kept.newest
        self.report = b""
        """What stands under `config/reported`; replaced as a whole. Any thread may read it."""

    @property
    def is_busy(self) -> bool:
        """Whether it wants to be called again soon."""
        return self._proof is not None or self._kept.trial is not None

    def take(self, payload: bytes, source: str, to: str) -> None:
        """An order came in over the network. Any thread; returns at once."""
        if self._waiting.qsize() < _MOST_WAITING:
            self._waiting.put(_Arrived(payload, source, to))
            self._wake()

    def ask(self, patch: Mapping[str, Any], by: str) -> Errand[Verdict]:
        """An order of the device's own page or of a command. Any thread; returns at once.

        Its verdict is `applying` where the change is on probation; `report` says what became of it.
        """
        errand = Errand(lambda: self._own(patch, by))
        self._wishes.put(errand)
        self._wake()
        return errand

    def begin(self) -> None:
        """Once, when the daemon is ready: a change that it started with is on probation from now on."""
        self._since = self._clock.now().mono
        trial = self._kept.trial
        if trial is not None and trial.stage != "booting":
            self._revert((Problem("", "the daemon did not start with this change"),), self._clock.now())
        self._tell()

    def refresh(self) -> None:
        """The document in force has changed otherwise: its owner edited the file, say."""
        self._tell()

    def round(self) -> None:
        """Does what is to be done now. Blocks for the disk only."""
        now = self._clock.now()
        try:
            if self._proof is not None:
                self._look_at_proof(self._proof, now)
            elif self._kept.trial is not None:
                self._look_at_trial(self._kept.trial, now)
            else:
                self._next(now)
        except EdgedError as error:  # the disk; it is tried again at the next round
            log.error("what became of an order cannot be kept: %s", error)

    def _next(self, now: Moment) -> None:
        try:
            self._wishes.get_nowait().do()
        except Empty:
            pass
        else:
            return
        try:
            arrived = self._waiting.get_nowait()
        except Empty:
            return
        self._kept = read_pushed(self._state)  # a command may have changed it
        wish = self._read(arrived, now)
        if wish is not None:
            self._decide(wish, now)

    def _own(self, patch: Mapping[str, Any], by: str) -> Verdict:
        now = self._clock.now()
        self._kept = read_pushed(self._state)
        verdict = Verdict(source=PAGE, by=by, digest=order_digest(patch), at=now.utc)
        self._decide(_Wish(patch, verdict), now)
        return self._verdict

    def _read(self, arrived: _Arrived, now: Moment) -> _Wish | None:
        """The order, where it may be given and is news; else it is answered."""
        verdict = Verdict(source=arrived.source, at=now.utc)
        try:
            opened = self._authority(arrived.payload, arrived.to, now.utc)
        except ConfigInvalid as error:
            self._answer(verdict, error.problems)
            return None
        except Refused as error:
            self._answer(verdict, (Problem("", error.what, error.reason, error.remedy),))
            return None
        order = opened.order
        verdict = verdict.model_copy(
            update={
                "version": order.version,
                "token": order.token,
                "by": opened.by,
                "digest": order_digest(order.patch),
            }
        )
        former = self._kept.verdicts.get(arrived.source)
        if former is not None and former.version is not None and order.version <= former.version:
            self._repeat(verdict, former)
            return None
        if not self._device.loaded.document.control.configure:
            problem = Problem("control.configure", "the device's owner lets nothing be configured from afar")
            self._answer(verdict, (problem,))
            return None
        return _Wish(order.patch, verdict)

    def _repeat(self, verdict: Verdict, former: Verdict) -> None:
        """An order that is not above the last one changes nothing; the very same is answered as it was."""
        if (verdict.version, verdict.digest) == (former.version, former.digest):
            self._verdict = former
            self._tell()
            return
        words = "another order had this version" if verdict.version == former.version else "is an older version"
        above = f"above {former.version}"
        self._answer(verdict, (Problem("version", words, str(verdict.version), above),))

    def _decide(self, wish: _Wish, now: Moment) -> None:
        answer = propose(self._current(), wish.patch, wish.verdict.source)
        if isinstance(answer, Rejected):
            self._reject(wish.verdict, answer.problems)
        elif answer.plan.costliest in _RESTARTS:
            self._proof = _Proof(wish, answer, self._device.prove(answer.loaded, answer.plan))
        else:
            self._put_on_trial(wish, answer, now)

    def _current(self) -> Loaded:
        """The document that an order changes: the one in force, with what a command has pushed since."""
        loaded = self._device.loaded
        return loaded if loaded.pushed.layers == self._kept.layers else self._with(self._kept.pushed)

    def _look_at_proof(self, proof: _Proof, now: Moment) -> None:
        if not proof.errand.is_done:
            return
        self._proof = None
        problems = proof.errand.result(0)
        if problems:
            self._reject(proof.wish.verdict, problems)
        else:
            self._put_on_trial(proof.wish, proof.accepted, now)

    def _put_on_trial(self, wish: _Wish, accepted: Accepted, now: Moment) -> None:
        plan = accepted.plan
        vitals = self._device.vitals()
        followed = {**self._kept.followed}
        if wish.verdict.version is not None:
            followed[wish.verdict.source] = wish.verdict.version
        verdict = wish.verdict.model_copy(update={"status": "applying", "overruled": accepted.overruled})
        trial = Trial(
            former={source: dict(layer) for source, layer in self._kept.layers.items()},
            followed=self._kept.followed,
            verdict=verdict,
            stage="leaving" if plan.costliest in _RESTARTS else "running",
            touched=plan.paths,
            is_light=plan.costliest is Cost.LIVE,
            well=tuple(name for name, state in vitals.cameras.items() if state == "online"),
            connected=bool(vitals.connected),
        )
        layers = {source: dict(layer) for source, layer in accepted.loaded.pushed.layers.items()}
        kept = Kept(layers=layers, followed=followed, verdicts={**self._kept.verdicts, verdict.source: verdict}, trial=trial)
        if not plan.paths:
            kept = kept.proven(now.utc)
        try:
            self._keep(kept)
        except EdgedError as error:
            self._answer(wish.verdict, (Problem("", error.what, allowed=error.remedy),))
            return
        if trial.stage == "leaving":
            log.info("begins anew with a change of %s", ", ".join(plan.paths))
            self._device.begin_anew()
        else:
            self._device.follow(accepted.loaded)
            self._since, self._well_since = self._clock.now().mono, None
        self._verdict = self._kept.newest if kept.trial is None else verdict
        self._tell()

    def _look_at_trial(self, trial: Trial, now: Moment) -> None:
        if trial.stage == "leaving":
            return
        problems = shortcomings(trial, self._device.vitals(), self._since)
        if problems:
            self._well_since = None
            if now.mono - self._since >= self._device.loaded.document.control.probation_s:
                self._revert(problems, now)
            return
        if self._well_since is None:
            self._well_since = now.mono
        if now.mono - self._well_since >= self._settling(trial):
            self._keep(self._kept.proven(now.utc))
            self._verdict = self._kept.newest
            log.info("the configuration has proven itself: %s", ", ".join(trial.touched))
            self._tell()

    def _settling(self, trial: Trial) -> float:
        """For how long all must work in one go."""
        return 0.0 if trial.is_light else min(_SETTLED_S, self._device.loaded.document.control.probation_s / 2)

    def _revert(self, problems: tuple[Problem, ...], now: Moment) -> None:
        trial = self._kept.trial
        assert trial is not None  # noqa: S101  only a change on probation is taken back
        log.warning("the configuration is taken back: %s", "; ".join(map(str, problems)))
        reverted = self._kept.reverted(problems, now.utc)
        if trial.stage == "running":
            self._device.follow(self._with(reverted.pushed))  # first: it must not wait for a disk that is full
        self._keep(reverted)
        self._verdict = reverted.newest
        if trial.stage != "running":
            self._device.begin_anew()
        self._tell()

    def _with(self, pushed: Pushed) -> Loaded:
        loaded = self._device.loaded
        return fitted(loaded.file, pushed, loaded.source)

    def _reject(self, verdict: Verdict, problems: tuple[Problem, ...]) -> None:
        """Refuses an order that was given by whoever may; it is remembered, so that it is answered the same again."""
        rejected = _rejected(verdict, problems)
        if verdict.version is not None:
            self._keep(self._kept.model_copy(update={"verdicts": {**self._kept.verdicts, verdict.source: rejected}}))
        self._answer(verdict, problems)

    def _answer(self, verdict: Verdict, problems: tuple[Problem, ...]) -> None:
        self._verdict = _rejected(verdict, problems)
        log.warning("an order is refused: %s", "; ".join(map(str, problems[:5])))
        self._tell()

    def _keep(self, kept: Kept) -> None:
        with changing(self._state):
            write_pushed(self._state, kept)
        self._kept = kept

    def _tell(self) -> None:
        self.report = reported(self._verdict, self._kept.followed, self._device.loaded).encoded()
        self._wake()


def _rejected(verdict: Verdict, problems: tuple[Problem, ...]) -> Verdict:
    return verdict.model_copy(update={"status": "rejected", "faults": tuple(Fault.of(item) for item in problems)})
