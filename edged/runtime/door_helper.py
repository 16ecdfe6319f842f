"""The helper that holds the doors, a process of its own: `python -m edged.runtime.door_helper SOCKET`.

It owns relays, contacts and buttons, so that they are let go when the daemon dies in whatever way. It imports little:
it shall be there in a moment, and small. What it hears on its socket is in `edged.doors.order`; the first packet is
the plan (`edged.doors.plan`).
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from edged.domain.errors import EdgedError, Refused
from edged.doors.latch import Latch
from edged.doors.order import MAX_WORD_BYTES, Alive, Answer, Here, Pulse, Report, Word, boot_time, encoded, order_of
from edged.doors.order_guard import OrderGuard
from edged.doors.plan import MAX_PLAN_BYTES, WARM, DoorPlan, Plan
from edged.runtime.door_pins import DoorPins
from edged.runtime.door_relays import load_drivers, open_contact, open_relay, take_chip, uses_gpio
from edged.runtime.door_switch import DoorSwitch, SwitchState

SILENT_S: Final = 0.6
"""A daemon that is silent for longer hangs: everything is let go."""
_GONE_S: Final = 15.0
"""One that is silent for longer does not come back, or another process holds its end of the line."""
_ROUND_S: Final = 0.1
_PIN_S: Final = 0.25
"""Pins are looked at so often, besides whenever one changes."""
_CHIP_S: Final = 5.0
_PLAN_S: Final = 5.0
_END_S: Final = 0.8
_BUG: Final = 70
_MOST_ORDERS: Final = 64


class DoorHelper:
    """Serves one daemon until that goes away.

    Args:
        line: to the daemon; non-blocking.
        plan: the doors.
        parent: the daemon's process id.
    """

    def __init__(self, line: socket.socket, plan: Plan, parent: int) -> None:
        self._line = line
        self._parent = parent
        self._fresh_s = plan.fresh_s
        self._guard = OrderGuard((door.name for door in plan.doors), plan.fresh_s, began=boot_time())
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._has_pins = any(uses_gpio(door) for door in plan.doors)
        self._next_chip = float("-inf")
        self._doors = {door.name: _Door(door, self.ring, self._die) for door in plan.doors}
        self._heard = boot_time()
        self._has_let_go = False
        self._ends = False
        self._code = 0

    def ring(self) -> None:
        """There is something to look at. Any thread, or a signal handler."""
        os.eventfd_write(self._bell, 1)

    def end(self) -> None:
        """Lets go of everything and ends. Any thread, or a signal handler."""
        self._ends = True
        self.ring()

    def serve(self) -> int:
        """Blocks until the end; the exit code."""
        self._open_chip()
        for door in self._doors.values():
            door.switch.start()
        poll = select.poll()
        poll.register(self._line, select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        while not self._ends:
            poll.poll(round(self._patience() * 1000) + 1)
            with suppress(BlockingIOError):
                os.eventfd_read(self._bell)
            self._listen()
            self._watch_daemon()
            self._look_at_pins()
            self._report()
        self._finish()
        return self._code

    def _patience(self) -> float:
        now = boot_time()
        due = [door.pins.due for door in self._doors.values()]
        return max(0.0, min([_ROUND_S, *(at - now for at in due if at is not None)]))

    def _listen(self) -> None:
        for _ in range(_MOST_ORDERS):
            try:
                packet = self._line.recv(MAX_WORD_BYTES + 1)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                self._ends = True
                return
            try:
                order = order_of(packet)
            except Refused as refusal:
                _say(str(refusal))
                continue
            if isinstance(order, Alive):
                self._heed(order)
            else:
                self._pulse(order)

    def _heed(self, alive: Alive) -> None:
        self._say(Here())
        now = boot_time()
        if not now - SILENT_S < alive.at <= now + SILENT_S:
            return  # said before it hung
        self._heard = max(self._heard, min(now, alive.at))
        for name, door in self._doors.items():
            door.switch.change(Latch.held_open if name in alive.held else Latch.released)

    def _pulse(self, pulse: Pulse) -> None:
        now = boot_time()
        try:
            self._guard.admit(pulse, now)
        except Refused as refusal:
            self._say(Answer(pulse.token, refusal.reason, refusal.what))
            return
        self._heard = max(self._heard, pulse.made)
        if now - self._heard > SILENT_S:
            self._say(Answer(pulse.token, "stale", "the daemon had been silent, and everything was let go"))
            return
        begin_by = pulse.made + self._fresh_s
        self._doors[pulse.door].switch.change(lambda latch: latch.pulsed(now, pulse.seconds, begin_by))
        self._say(Answer(pulse.token))

    def _watch_daemon(self) -> None:
        silent = boot_time() - self._heard
        if silent > _GONE_S or os.getppid() != self._parent:
            self._ends = True
        if silent <= SILENT_S:
            if self._has_let_go:
                _say("the daemon is back")
                for door in self._doors.values():
                    door.told = None
            self._has_let_go = False
            return
        if not self._has_let_go:
            _say(f"the daemon is silent for {silent:.2f} s: letting go")
        self._has_let_go = True
        for door in self._doors.values():
            door.switch.change(Latch.let_go)

    def _look_at_pins(self) -> None:
        now = boot_time()
        if not self._has_pins:
            return
        self._open_chip()
        for door in self._doors.values():
            door.pins.look(now)

    def _open_chip(self) -> None:
        """Again and again where it cannot be had: the relays and pins say so meanwhile."""
        if not self._has_pins or boot_time() < self._next_chip:
            return
        self._next_chip = boot_time() + _CHIP_S
        try:
            take_chip()
        except EdgedError as error:
            _say(str(error))
        else:
            self._next_chip = float("inf")

    def _report(self) -> None:
        for door in self._doors.values():
            report = door.report()
            if report is not None and report != door.told and self._say(replace(report, at=boot_time())):
                door.told = report

    def _say(self, word: Word) -> bool:
        """False: the daemon does not listen; nothing is kept for it."""
        try:
            self._line.send(encoded(word))
        except OSError:
            return False
        return True

    def _finish(self) -> None:
        deadline = boot_time() + _END_S
        for door in self._doors.values():
            door.switch.end()
        for door in self._doors.values():
            door.switch.join(deadline - boot_time())

    def _die(self) -> None:
        self._code = _BUG
        self.end()


class _Door:
    """What the helper has of one door; `told`: what the daemon was told last."""

    def __init__(self, plan: DoorPlan, ring: Callable[[], None], die: Callable[[], None]) -> None:
        self._name = plan.name
        self._state: SwitchState | None = None
        self._ring = ring
        self.told: Report | None = None
        self.pins = DoorPins(plan, lambda pin: open_contact(pin, ring))
        self.switch = DoorSwitch(lambda: open_relay(plan.relay), plan.fail, self._changed, die)

    def report(self) -> Report | None:
        """None as long as nobody knows whether the relay can be reached."""
        state, pins = self._state, self.pins
        if state is None:
            return None
        return Report(
            self._name,
            0.0,
            contact=pins.contact,
            tampered=pins.is_tampered,
            exits=pins.exits,
            released=state.released,
            reachable=state.reachable and not pins.why,
            why=(state.why or pins.why)[:400],
        )

    def _changed(self, state: SwitchState) -> None:
        self._state = state
        self._ring()


def _say(text: str) -> None:
    """Into the journal."""
    print(f"door helper: {text}", file=sys.stderr, flush=True)  # noqa: T201


def _first_word(line: socket.socket) -> bytes:
    """The plan. A spare is told to get ready first, and then has all the time until it is needed."""
    line.settimeout(_PLAN_S)
    word = line.recv(MAX_PLAN_BYTES + 1)
    if word != WARM:
        return word
    with suppress(EdgedError):
        load_drivers()
    line.settimeout(None)
    return line.recv(MAX_PLAN_BYTES + 1)


def main(descriptor: int) -> int:
    """Serves whoever holds the other end of this socket; the exit code."""
    with socket.socket(fileno=descriptor) as line:
        try:
            word = _first_word(line)
            if not word:
                return 0  # nobody needed it
            plan = Plan.decoded(word)
        except (OSError, Refused) as error:
            _say(f"no plan came: {error}")
            return 1
        line.setblocking(False)
        helper = DoorHelper(line, plan, os.getppid())
        # systemd sends TERM to the whole service, and ABRT where its watchdog ends it. HUP and INT are the daemon's.
        for number in (signal.SIGTERM, signal.SIGABRT):
            signal.signal(number, lambda *_: helper.end())
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        return helper.serve()


if __name__ == "__main__":
    code = main(int(sys.argv[1]))
    sys.stderr.flush()
    # A thread that still waits for a relay that hangs is not waited for.
    os._exit(code)
