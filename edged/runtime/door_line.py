"""The line to the helper that holds the relays, contacts and buttons: keeps it alive, and is kept honest by it."""

from __future__ import annotations

import logging
import os
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from edged.config.document import Document
from edged.domain.door import Contact, DoorSignal, Signal
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Moment
from edged.doors.order import MAX_WORD_BYTES, Alive, Answer, Order, Pulse, Report, boot_time, encoded, word_of
from edged.runtime.clock import Clock
from edged.runtime.door_news import signals
from edged.runtime.door_plan import plan_of
from edged.runtime.door_process import DoorCrew, DoorProcess
from edged.runtime.stop import Stop

log = logging.getLogger(__name__)

ALIVE_EVERY_S: Final = 0.15
"""The helper is told so often that the daemon lives; it lets go after `door_helper.SILENT_S` without."""
PROGRAM: Final = (sys.executable, "-m", "edged.runtime.door_helper")
"""The helper; the number of its socket follows."""

_ANSWER_S: Final = 0.5
_MUTE_S: Final = 2.0
"""A helper that says nothing for so long hangs, and is killed: nobody else could switch off what it has switched on."""
_AGAIN_S: Final = (0.0, 0.25, 1.0, 2.0)
"""After one that had worked the next is started at once: on some boards a pin stays as it was until somebody takes it
again. After some that never did, less often."""
_SLEPT_S: Final = 0.05
_START_S: Final = 10.0
"""A helper that starts, on a machine that is busy, has longer than `_MUTE_S`."""
_NOTHING: Final = Report("", 0.0)


class DoorLine:
    """Keeps the helper process, passes orders to it and tells what doors say.

    The helper owns the hardware and times each pulse itself. It lets go within a second when this process dies, hangs
    or closes the line, and refuses what is stale or was there before, whatever this side thinks. Without doors there
    is no helper.

    A pulse while another one runs prolongs it where it would end later, and never shortens it. A held door stays so
    when a pulse ends. Nothing is remembered over a helper's death but which doors are held.

    Args:
        document: whose doors.
        heard: told what doors say, on the thread of `run`; must not block, for the helper is kept alive by that
            thread. At each start of the helper every door with a contact says OPENED or SHUT once, and every relay
            BACK or LOST. EXIT_PRESSED is only told: whoever hears it orders the pulse, `made` being `signal.at.mono`.
        clock: for the times of signals; decisions are judged by the kernel's own.
        program: what to start as the helper; the number of its socket is added.
    """

    def __init__(
        self,
        document: Document,
        heard: Callable[[DoorSignal], None],
        clock: Clock,
        *,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._heard = heard
        self._clock = clock
        self._crew = DoorCrew(program)
        self._plan = plan_of(document)
        self._renew = False
        self._has_spoken = False
        self._heard_at = 0.0
        self._line: socket.socket | None = None
        self._process: DoorProcess | None = None
        self._held: frozenset[str] = frozenset()
        self._reports: dict[str, Report] = {}
        self._waiting: dict[str, _Asked] = {}
        self._lock = threading.Lock()
        self._sleep = _offset()
        self._woke = float("-inf")
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.alive = clock.now()
        """When the thread of `run` last came round: proof of work for the watchdog."""

    def __del__(self) -> None:
        os.close(self._bell)

    @property
    def helper(self) -> int | None:
        """The helper's process id; None while there is none."""
        process = self._process
        return None if process is None else process.pid

    @property
    def spare(self) -> int | None:
        """The process id of the helper that stands by, where pins are switched; None while there is none."""
        return self._crew.spare

    def pulse(self, door: str, seconds: float, *, token: str, made: float) -> None:
        """Lets people through for so long. Any thread; returns when the helper has taken it, half a second at most.

        RELEASED follows when the relay has switched, LOST when it does not answer: then nobody was let through, and
        the order is not tried again.

        Args:
            seconds: up to `edged.doors.plan.MAX_PULSE_S`.
            token: of this one wish, as the decision's id; up to 64 characters. It never opens twice.
            made: monotonic seconds, when what the decision rests on was seen.

        Raises:
            Refused: `stale`, `repeated`, `no_door`, `too_long`.
            Unavailable: there is no helper at the moment, it does not answer, or the relay is known not to.
        """
        now = self._clock.now().mono
        if self._has_slept(now, made):
            raise Refused("stale", "the machine slept after the decision")
        order = Pulse(door, seconds, token, boot_time() - (now - made))
        report = self._reports.get(door)
        if report is not None and not report.reachable:
            raise Unavailable(f"the relay of the door {door} does not answer: {report.why}")
        asked = _Asked()
        with self._lock:
            if token in self._waiting:
                raise Refused("repeated", "this order is under way already")
            self._waiting[token] = asked
        try:
            self._say(order)
            if not asked.done.wait(_ANSWER_S) or asked.answer is None:
                raise Unavailable("the helper that holds the doors does not answer")
        finally:
            with self._lock:
                self._waiting.pop(token, None)
        if asked.answer.refused:
            raise Refused(asked.answer.refused, asked.answer.what)

    def hold(self, door: str, on: bool) -> None:
        """Has a door stand open from now on, or no longer. Any thread; returns at once, the helper hears it at once.

        It stays so over a helper's death, and not over this object's.
        """
        with self._lock:
            self._held = self._held | {door} if on else self._held - {door}
        os.eventfd_write(self._bell, 1)

    def reachable(self, door: str) -> bool:
        """Whether the helper is there and the door's relay answers it. Any thread."""
        return self._reports.get(door, _NOTHING).reachable

    def unlocked(self, door: str) -> bool:
        """Whether its relay lets people through, as far as the relay can know. Any thread."""
        return bool(self._reports.get(door, _NOTHING).released)

    def contact(self, door: str) -> Contact:
        """What the door contact says; NONE also while there is no helper. Any thread."""
        return Contact(self._reports.get(door, _NOTHING).contact)

    def configure(self, document: Document) -> None:
        """Other doors from now on; the helper begins anew if anything of the hardware changed. Any thread."""
        plan = plan_of(document)
        with self._lock:
            if plan == self._plan:
                return
            self._plan = plan
            self._held &= {door.name for door in plan.doors}
            self._renew = True
        os.eventfd_write(self._bell, 1)

    def run(self, stop: Stop) -> None:
        """Keeps the helper until `stop`, then has it let go of everything. Blocks."""
        failed = 0
        try:
            while not stop.is_set():
                if not self._plan.doors:
                    self._rest(stop, 1.0)
                    continue
                self._has_spoken = False
                lost = self._run_once(stop)
                if self._has_spoken or not lost:
                    failed = 0
                if stop.is_set() or not lost:
                    continue
                log.warning("the helper that holds the doors is gone (%s): another takes its place", lost)
                self._rest(stop, _AGAIN_S[min(failed, len(_AGAIN_S) - 1)])
                failed += 1
        finally:
            self._crew.close()

    def _run_once(self, stop: Stop) -> str:
        """One helper's life; why it ended, empty where it was ended by us."""
        try:
            process = self._process = self._crew.next()
        except Unavailable as error:
            return error.what
        self._renew = False
        try:
            process.line.send(self._plan.encoded())
            self._line = process.line
            self._serve(process, stop)
        except OSError as error:
            log.debug("the line to the helper broke: %s", error)
        finally:
            self._line = None
            ended = process.close()
            self._process = None
            self._lose(ended, quietly=stop.is_set())
        return "" if self._renew or stop.is_set() else ended

    def _serve(self, process: DoorProcess, stop: Stop) -> None:
        """Until the helper closes its end, or `stop`."""
        line = process.line
        keeps_level = any(door.relay.kind == "gpio" for door in self._plan.doors)
        poll = select.poll()
        poll.register(line, select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        told = float("-inf")
        self._heard_at = self._clock.now().mono + _START_S
        while not stop.is_set() and not self._renew:
            self.alive = now = self._clock.now()
            self._watch_sleep(now.mono)
            if now.mono - told >= ALIVE_EVERY_S or self._was_rung():
                told = now.mono
                with suppress(BlockingIOError):  # it hangs: its end of the line is full of what it has not read
                    line.send(encoded(Alive(boot_time(), self._held)))
            poll.poll(max(1, round((told + ALIVE_EVERY_S - now.mono) * 1000)))
            if not self._listen(line):
                return
            began, now = now.mono, self._clock.now()
            if now.mono - began > _MUTE_S:
                self._heard_at = now.mono  # it was this side that did not listen
            if now.mono - self._heard_at > _MUTE_S:
                log.error("the helper that holds the doors says nothing any more: it is killed")
                process.kill()
                return
            if self._has_spoken and keeps_level:
                self._crew.stand_by(now.mono)

    def _listen(self, line: socket.socket) -> bool:
        """Hears all there is; false when the helper has closed its end."""
        while True:
            try:
                packet = line.recv(MAX_WORD_BYTES + 1)
            except BlockingIOError:
                return True
            if not packet:
                return False
            self._heard_at = self._clock.now().mono
            try:
                word = word_of(packet)
            except Refused as refusal:
                log.warning("from the helper that holds the doors: %s", refusal)
                continue
            if isinstance(word, Answer):
                asked = self._waiting.get(word.token)
                if asked is not None:
                    asked.answer = word
                    asked.done.set()
            elif isinstance(word, Report):
                self._take(word)

    def _take(self, report: Report) -> None:
        self._has_spoken = True
        before = self._reports.get(report.door)
        if report.released is None and before is not None:
            report = replace(report, released=before.released)
        self._reports[report.door] = report
        for signal, detail in signals(before, report):
            self._heard(DoorSignal(report.door, signal, self._moment(report.at), detail))

    def _lose(self, why: str, *, quietly: bool) -> None:
        """The helper is gone, and with it every word of it. `quietly`: as it was told to."""
        at = self._clock.now()
        with self._lock:
            waiting = tuple(self._waiting.values())
        for asked in waiting:
            asked.done.set()
        for door, report in self._reports.items():
            # `released` stays as it was: whether the relay let go with the helper, the next one will say.
            self._reports[door] = replace(report, contact="none", exits=0, reachable=False, why=why)
            if report.reachable and not quietly:
                self._heard(DoorSignal(door, Signal.LOST, at, why))

    def _moment(self, boot: float) -> Moment:
        now = self._clock.now()
        age = max(0.0, boot_time() - boot)
        return Moment(now.mono - age, now.utc - age)

    def _say(self, order: Order) -> None:
        line = self._line
        try:
            if line is not None:
                line.send(encoded(order))
                return
        except OSError:
            pass
        raise Unavailable("there is no helper that holds the doors at the moment", "It is started again by itself.")

    def _has_slept(self, now: float, made: float) -> bool:
        """Whether the machine slept since: the monotonic clock stood still meanwhile."""
        self._watch_sleep(now)
        return made < self._woke

    def _watch_sleep(self, now: float) -> None:
        sleep = _offset()
        if abs(sleep - self._sleep) > _SLEPT_S:
            self._woke = now
        self._sleep = sleep

    def _was_rung(self) -> bool:
        try:
            os.eventfd_read(self._bell)
        except BlockingIOError:
            return False
        return True

    def _rest(self, stop: Stop, seconds: float) -> None:
        self.alive = self._clock.now()
        stop.wait(seconds)


class _Asked:
    """A pulse that waits for its answer."""

    __slots__ = ("answer", "done")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.answer: Answer | None = None


def _offset() -> float:
    """Seconds that this machine has slept since it was started."""
    return boot_time() - time.clock_gettime(time.CLOCK_MONOTONIC)
