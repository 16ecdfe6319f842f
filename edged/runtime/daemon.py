"""The daemon's life: starting, ready, stopping; the signals that it heeds, and the document that it follows."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Final

from edged import __version__
from edged.audit.act import Act
from edged.audit.chain import DEVICE
from edged.config.field import Cost
from edged.config.layers import Loaded, keep_good
from edged.config.plan import Plan, plan
from edged.domain.errors import ConfigInvalid, EdgedError, Problem, Unavailable
from edged.runtime import journal
from edged.runtime.alarm import Alarm
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.crew import Crew
from edged.runtime.errand import Errand
from edged.runtime.eye import Eye, EyeState
from edged.runtime.eyes import Eyes
from edged.runtime.judge import Standing
from edged.runtime.notify import Notifier
from edged.runtime.parts import Parts
from edged.runtime.probation import Vitals
from edged.runtime.proof import prove
from edged.runtime.rounds import STALE_S
from edged.runtime.steward import Steward
from edged.runtime.stop import Stop
from edged.runtime.wish import Opens
from edged.wire.device import LifeState

log = logging.getLogger(__name__)

_ROUND_S: Final = 0.5
_BUSY_ROUND_S: Final = 0.05
"""While a change is being tried or is on probation."""
_PROBATION_S: Final = 10.0
"""A document under which the daemon has run for so long is kept as the last good one."""


class Daemon:
    """Runs until a signal, a bug, or the end of every camera that can end.

    Args:
        loaded: the document in force.
        reload: reads the document's layers again; raises ConfigInvalid with every problem.
        opens: opens orders over the configuration, if they may be followed.
        until_ended: also end, in good order, when every camera is a file or folder that has been shown to its end.
    """

    def __init__(
        self,
        parts: Parts,
        loaded: Loaded,
        *,
        reload: Callable[[], Loaded],
        opens: Opens,
        clock: Clock,
        conditions: Conditions,
        stop: Stop,
        alarm: Alarm,
        until_ended: bool = False,
    ) -> None:
        self._parts = parts
        self._loaded = loaded
        self._reload_document = reload
        self._clock = clock
        self._conditions = conditions
        self._until_ended = until_ended
        self._notifier = Notifier()
        self._stop = stop
        self._alarm = alarm
        self._reload_wanted = False
        self._is_to_begin_anew = False
        self._is_told_to_end = False
        self._proven_at = float("inf")
        self._eyes = Eyes(parts.make_eye)
        self._crew = Crew(parts, alarm)
        self.life = LifeState.STARTING
        self.steward = Steward(
            loaded.document.device.state, self, opens, clock=clock, wake=self._wake, noting=parts.auditor
        )
        self.alive = clock.now()
        """When the main thread last came round."""

    @property
    def eyes(self) -> Mapping[str, Eye]:
        """The cameras in use; replaced as a whole when the document changes."""
        return self._eyes.now

    @property
    def loaded(self) -> Loaded:
        """The document in force."""
        return self._loaded

    @property
    def guests_port(self) -> int:
        """Where guests' pages are; 0 where they are not."""
        guests = self._parts.photos.guests
        return guests.port if guests else 0

    @property
    def anew(self) -> bool:
        """Whether it ends in order to begin anew. A signal to end counts more, whichever came first."""
        return self._is_to_begin_anew and not self._is_told_to_end

    def vitals(self) -> Vitals:
        """How the device is now."""
        now = self._clock.now()
        parts = self._parts
        return Vitals(
            cameras=self._eyes.states(now),
            connected=parts.talker.connected if parts.talker else None,
            rounds={"judge": parts.judge.alive.mono, "keeper": parts.keeper.alive.mono},
            conditions={item.name: item.what for item in self._conditions.current()},
        )

    def begin_anew(self) -> None:
        """Ends in good order; `anew` tells whoever called `run` to start the daemon again. Any thread."""
        self._is_to_begin_anew = True
        self._stop.set()

    def prove(self, loaded: Loaded, plan: Plan) -> Errand[tuple[Problem, ...]]:
        """Has a change tried on a thread of its own, beside what is in use; returns at once."""
        former = self._loaded.document
        errand = Errand(lambda: prove(former, loaded.document, plan))
        self._crew.send("proof", errand.do)
        return errand

    def run(self) -> int:
        """Serves until told to stop; returns the exit code. Blocks; call it on the main thread."""
        self._listen_to_signals()
        self._parts.auditor.note(Act.START, by=DEVICE, about={"edged": __version__, "config": self._loaded.digest})
        self._crew.start()
        self._eyes.open(self._loaded.document.cameras)
        self.life = LifeState.READY
        self._notifier.ready(self._status())
        log.info("ready: %s", self._status())
        self._proven_at = self._clock.now().mono + _PROBATION_S
        self.steward.begin()
        while not self._stop.wait(_BUSY_ROUND_S if self.steward.is_busy else _ROUND_S):
            self._round()
        self.life = LifeState.STOPPING
        if self.anew:
            self._notifier.beginning_anew()
        else:
            self._notifier.stopping()
        self._shut_down()
        if self.anew:  # from here on they end the process by themselves: nobody would look whether they came
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        return 1 if self._alarm.rung else 0

    def heed(self, loaded: Loaded, fault: EdgedError | None) -> None:
        """Names what of the configuration is not in force, and why."""
        if fault is not None:
            what = f"{len(fault.problems)} problem(s)" if isinstance(fault, ConfigInvalid) else fault.what
            log.error("the configuration is not in force: %s", fault)
            self._conditions.begin(
                "config", Unavailable(f"the configuration file is not in force: {what}", "edged config validate")
            )
        elif loaded.set_aside:
            self._conditions.begin(
                "config",
                Unavailable(
                    f"{len(loaded.set_aside)} pushed setting(s) no longer fit the configuration file and are set aside",
                    "edged config show",
                ),
            )
        else:
            self._conditions.end("config")

    def _wake(self) -> None:
        """There is something to do, or to tell. Any thread."""
        self._stop.nudge()
        if self._parts.talker:
            self._parts.talker.wake()

    def _listen_to_signals(self) -> None:
        def stop(number: int, _frame: FrameType | None) -> None:
            if self._is_told_to_end:
                os._exit(128 + number)  # the second signal means now
            self._is_told_to_end = True
            self._stop.set()

        def reload(_number: int, _frame: FrameType | None) -> None:
            self._reload_wanted = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGHUP, reload)

    def _round(self) -> None:
        now = self._clock.now()
        self._eyes.watch(now)
        if self._reload_wanted:
            self._reload_wanted = False
            self._reload()
        self.steward.round()
        self.alive = self._clock.now()
        if stuck := self._parts.rounds.stuck():
            log.critical("no progress for %.0f s: %s", STALE_S, ", ".join(stuck))
        else:
            self._notifier.alive()
        self._notifier.status(self._status())
        if now.mono >= self._proven_at and not self.steward.is_busy:
            self._proven_at = float("inf")
            self._keep_good()
        states = self._eyes.states(now).values()
        if self._until_ended and states and all(state is EyeState.ENDED for state in states):
            self._stop.set()

    def _keep_good(self) -> None:
        """The document has proven itself: the next start falls back on it when the file is broken by then."""
        try:
            keep_good(self._loaded)
        except EdgedError as error:
            self._conditions.begin("config.kept", error)

    def _status(self) -> str:
        now = self._clock.now()
        states = self._eyes.states(now).values()
        parts = [f"{self.life}", f"cameras {list(states).count(EyeState.ONLINE)}/{len(states)}"]
        parts += [f"{item.name}: {item.what}" for item in self._conditions.current()]
        return "; ".join(parts)

    def _reload(self) -> None:
        """Reads the document again; an invalid one changes nothing and is named."""
        self._notifier.reloading()
        try:
            loaded = self._reload_document()
        except EdgedError as error:
            self.heed(self._loaded, error)
        else:
            self.heed(loaded, None)
            self._note_reload(loaded)
            self.follow(loaded)
            self.steward.refresh()
        self._notifier.ready(self._status())

    def _note_reload(self, loaded: Loaded) -> None:
        paths = plan(self._loaded.document, loaded.document).paths
        if paths:
            about = {"change": "taken_over", "source": "file", "config": loaded.digest, "paths": " ".join(paths)}
            self._parts.auditor.note(Act.CONFIG, by="file", about=about)

    def follow(self, loaded: Loaded) -> None:
        """Takes over another document. Touches only what changed: a threshold does not restart a camera."""
        changes = plan(self._loaded.document, loaded.document)
        if changes.costliest in {Cost.RESTART, Cost.MODELS}:
            self._conditions.begin(
                "restart_required",
                Unavailable("a changed setting takes effect at the next start", "systemctl restart edged"),
            )
        self._loaded = loaded
        self._parts.judge.standing = Standing.of(loaded.document, loaded.digest)
        self._parts.keeper.configure(loaded.document)
        self._parts.upkeep.document = loaded.document
        self._parts.gatehouse.line.configure(loaded.document)
        journal.set_level(loaded.document.log.level)
        self._eyes.follow(changes, loaded.document.cameras)
        self._proven_at = self._clock.now().mono + _PROBATION_S
        if self._parts.talker and "control.groups" in changes.changes:
            self._parts.talker.listen_anew()
        log.info("configuration %s taken over: %s", loaded.digest, ", ".join(changes.paths) or "nothing changed")

    def _shut_down(self) -> None:
        """In stages, each with its deadline: no new frames, then the crew, then whoever hangs in a camera's driver."""
        log.info("stopping")

        def farewell() -> None:
            self._parts.auditor.note(Act.STOP, by=DEVICE, about={"anew": self.anew, "by_bug": self._alarm.rung})

        self._eyes.stop()
        self._crew.end(farewell)
        # A process that begins anew keeps its children: a camera's program is to end before.
        self._eyes.join(1.0 if self.anew else 0.05)
