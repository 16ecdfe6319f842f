"""What goes wrong around a relay, again and again: whether anybody gets in by it, and how long the relay stays on."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edged.config.document import BrokerSettings, Document
from edged.domain.errors import Unavailable
from edged.domain.passage import FRESH_S
from edged.domain.progress import Progress
from edged.doors.order import Pulse, boot_time, encoded
from edged.measure.door_board import GONE, DoorBoard
from edged.measure.door_holder import DoorHolder
from edged.measure.door_wire import DoorWire, new_token
from edged.measure.listener import Listener
from edged.mqtt.notice import Received
from edged.mqtt.session import Session
from edged.runtime.door_plan import plan_of
from edged.runtime.mosquitto import Mosquitto

LIMIT_S: Final = 1.0
"""A relay that is on for longer after a death is an opening that nobody wanted."""
_PIN: Final = 17
_LONG_S: Final = 30.0
_SHORT_S: Final = 0.2
_LATE_S: Final = 0.3
"""A pulse may end so much later than it says: the machine has other work."""
_PATIENCE_S: Final = 10.0
_WARM_S: Final = 1.0
"""The helper that stands by takes less to get ready."""
_TOPIC: Final = "shed/relay"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault.

    Attributes:
        what: goes wrong; times: how often it was tried.
        unwanted: how often a door was open that should not have been.
        longest_s: the relay was on for so long after the fault, at most; None where there is no such time.
    """

    what: str
    times: int
    unwanted: int
    longest_s: float | None


@dataclass(frozen=True, slots=True)
class DoorFaults:
    """All of them. `helper_kb`: resident memory of a helper of pins, of a helper of a relay on a broker."""

    faults: tuple[Fault, ...]
    helper_kb: tuple[int, int]

    @property
    def is_good(self) -> bool:
        return not any(fault.unwanted for fault in self.faults)


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of one try."""

    unwanted: bool
    on_s: float | None = None


def try_faults(folder: Path, times: int, chance: random.Random, progress: Progress) -> DoorFaults:
    """Tries each kind so often, against real helper processes with pretended pins, or with a relay on a real broker.

    Blocks for half an hour with 100 times.

    Raises:
        Unavailable, Unsupported: Mosquitto or a helper does not start.
    """
    with DoorBoard(_made(folder / "tame")) as board, DoorBoard(_made(folder / "wild"), wild=True) as wild:
        site = _Pins(board, chance)
        other = _Pins(wild, chance)
        with Mosquitto(_made(folder / "broker")) as broker:
            relay = _Broker(broker)
            kinds: tuple[tuple[str, Callable[[int], list[_Tried]]], ...] = (
                ("SIGKILL of the daemon in a pulse", site.kill_daemon),
                ("SIGSTOP of the daemon in a pulse (it hangs)", site.hang_daemon),
                ("SIGKILL of the helper in a pulse", site.kill_helper),
                ("the same order twice", site.order_twice),
                ("an order replayed: later, dated anew, to the next helper", site.replay),
                ("a stale order, or one from the future", site.order_late),
                ("the wall clock jumps by hours and years", other.jump),
                ("relay on a broker: SIGKILL of the helper in a pulse", relay.kill_helper),
                ("relay on a broker: SIGKILL of the daemon in a pulse", relay.kill_daemon),
                ("relay on a broker: a retained ON was left for it", relay.leave_retained),
            )
            faults = []
            for number, (what, attempt) in enumerate(kinds):
                progress(what, number / len(kinds))
                faults.append(_fault(what, attempt(times)))
            return DoorFaults(tuple(faults), (site.memory_kb(), relay.memory_kb()))


def _fault(what: str, tried: list[_Tried]) -> Fault:
    known = [each.on_s for each in tried if each.on_s is not None]
    longest = round(max(known), 3) if known else None
    return Fault(what, len(tried), sum(each.unwanted for each in tried), longest)


class _Pins:
    """Faults around a pin, with everything that was ever driven there as the witness."""

    def __init__(self, board: DoorBoard, chance: random.Random) -> None:
        self._board = board
        self._chance = chance
        self._tree = {"access": {"doors": {"front": {"relay": {"kind": "gpio", "pin": _PIN}}}}}
        self._plan = plan_of(_document(self._tree))

    def memory_kb(self) -> int:
        with DoorWire(self._plan, self._board.program) as wire:
            wire.wait_reachable()
            return _resident_kb(wire.process.pid)

    def kill_daemon(self, times: int) -> list[_Tried]:
        tried = []
        for _ in range(times):
            with DoorHolder(self._tree, self._board.program) as daemon:
                self._open(daemon)
                at = boot_time()
                daemon.process.kill()
                off = self._off_after(at)
                self._await(lambda: any(driven.pin == GONE for driven in self._board.driven))
            tried.append(_Tried(off > LIMIT_S or self._rises(after=at + off), off))
        return tried

    def hang_daemon(self, times: int) -> list[_Tried]:
        tried = []
        with DoorHolder(self._tree, self._board.program) as daemon:
            for _ in range(times):
                self._open(daemon)
                at = boot_time()
                daemon.process.send_signal(signal.SIGSTOP)
                off = self._off_after(at)
                daemon.process.send_signal(signal.SIGCONT)
                time.sleep(_LATE_S)
                tried.append(_Tried(off > LIMIT_S or self._rises(after=at + off), off))
        return tried

    def kill_helper(self, times: int) -> list[_Tried]:
        """As on a board that keeps the level: the time is until the one that stands by has driven the pin low."""
        tried = []
        with DoorHolder(self._tree, self._board.program) as daemon:
            for _ in range(times):
                self._open(daemon)
                while not daemon.spare:
                    time.sleep(0.05)
                time.sleep(_WARM_S)
                helper = daemon.helper
                at = boot_time()
                os.kill(helper, signal.SIGKILL)
                off = self._off_after(at)
                daemon.wait_reachable("front")
                tried.append(_Tried(off > LIMIT_S or self._rises(after=at + off), off))
        return tried

    def order_twice(self, times: int) -> list[_Tried]:
        tried = []
        with DoorWire(self._plan, self._board.program) as wire:
            wire.wait_reachable()
            for _ in range(times):
                self._board.forget()
                at = boot_time()
                order = encoded(Pulse("front", _SHORT_S, new_token(), at))
                answers = [wire.say(order), wire.say(order)]
                time.sleep(_SHORT_S + _LATE_S)
                tried.append(_Tried(answers != ["", "repeated"] or not self._was_open_once(at)))
        return tried

    def replay(self, times: int) -> list[_Tried]:
        tried: list[_Tried] = []
        while len(tried) < times:
            with DoorWire(self._plan, self._board.program) as wire:
                wire.wait_reachable()
                self._board.forget()
                token = new_token()
                order = encoded(Pulse("front", _SHORT_S, token, boot_time()))
                if wire.say(order):
                    raise Unavailable("the helper did not take a good order")
                self._await(lambda: any(driven.level for driven in self._board.driven))
                self._await(lambda: not self._board.level(_PIN))
                anew = encoded(Pulse("front", _SHORT_S, token, boot_time()))
                tried += [self._nothing_by(wire, packet) for packet in (order, anew)]
            fresh = encoded(Pulse("front", _SHORT_S, new_token(), boot_time()))
            with DoorWire(self._plan, self._board.program) as wire:
                wire.wait_reachable()
                # As if it had been carried out by the helper before: this one cannot know, so its age decides.
                tried.append(self._nothing_by(wire, fresh))
        return tried[:times]

    def order_late(self, times: int) -> list[_Tried]:
        tried = []
        with DoorWire(self._plan, self._board.program) as wire:
            wire.wait_reachable()
            for _ in range(times):
                off = self._chance.choice((1, -1)) * self._chance.uniform(FRESH_S + 0.001, 100.0)
                tried.append(self._nothing_by(wire, encoded(Pulse("front", _SHORT_S, new_token(), boot_time() - off))))
        return tried

    def jump(self, times: int) -> list[_Tried]:
        tried = []
        with DoorWire(self._plan, self._board.program) as wire:
            wire.wait_reachable()
            for number in range(times):
                if number % 2:
                    stale = encoded(Pulse("front", _SHORT_S, new_token(), boot_time() - FRESH_S - 0.01))
                    tried.append(self._nothing_by(wire, stale))
                    continue
                self._board.forget()
                at = boot_time()
                answer = wire.say(encoded(Pulse("front", _SHORT_S, new_token(), at)))
                time.sleep(_SHORT_S + _LATE_S)
                tried.append(_Tried(bool(answer) or not self._was_open_once(at)))
        return tried

    def _open(self, daemon: DoorHolder) -> None:
        daemon.wait_reachable("front")
        deadline = time.monotonic() + _PATIENCE_S
        self._board.forget()
        # A machine that is busy may hold up the daemon for so long that the helper lets go.
        while not self._board.level(_PIN):
            if time.monotonic() > deadline:
                raise Unavailable("the helper takes no order")
            if not daemon.pulse("front", _LONG_S, new_token()):
                self._board.wait_for(lambda: self._board.level(_PIN), 1.0)
        time.sleep(self._chance.uniform(0.0, 0.3))

    def _off_after(self, at: float) -> float:
        """Seconds until the pin was driven low; what the kernel does when a process is gone does not count."""

        def low() -> list[float]:
            pins = (driven for driven in self._board.driven if driven.pin == _PIN)
            return [driven.at for driven in pins if not driven.level and driven.at >= at]

        if not self._board.wait_for(lambda: bool(low()), _PATIENCE_S):
            return _PATIENCE_S
        return low()[0] - at

    def _rises(self, after: float = 0.0) -> bool:
        return any(driven.level and driven.at > after for driven in self._board.driven)

    def _nothing_by(self, wire: DoorWire, packet: bytes) -> _Tried:
        self._board.forget()
        answer = wire.say(packet)
        time.sleep(0.05)
        return _Tried(not answer or self._rises())

    def _was_open_once(self, at: float) -> bool:
        pins = [driven for driven in self._board.driven if driven.pin == _PIN]
        return [driven.level for driven in pins] == [True, False] and pins[1].at <= at + _SHORT_S + _LATE_S

    def _await(self, what: Callable[[], bool]) -> None:
        if not self._board.wait_for(what, _PATIENCE_S):
            raise Unavailable("a helper did not do what it was told")


class _Broker:
    """Faults around a relay on a broker, with a relay that listens there as the witness."""

    def __init__(self, broker: Mosquitto) -> None:
        self._broker = broker
        relay = {"kind": "mqtt", "topic": _TOPIC}
        mqtt = {"host": "127.0.0.1", "port": broker.port}
        self._tree: dict[str, Any] = {"mqtt": mqtt, "access": {"doors": {"front": {"relay": relay}}}}
        self._plan = plan_of(_document(self._tree))

    def memory_kb(self) -> int:
        with DoorWire(self._plan) as wire:
            wire.wait_reachable()
            return _resident_kb(wire.process.pid)

    def kill_helper(self, times: int) -> list[_Tried]:
        return [self._kill(lambda daemon: os.kill(daemon.helper, signal.SIGKILL)) for _ in range(times)]

    def kill_daemon(self, times: int) -> list[_Tried]:
        return [self._kill(lambda daemon: daemon.process.kill()) for _ in range(times)]

    def leave_retained(self, times: int) -> list[_Tried]:
        tried = []
        for _ in range(times):
            session = Session(BrokerSettings(enabled=True, host="127.0.0.1", port=self._broker.port), new_token())
            session.connect(_PATIENCE_S)
            session.publish(_TOPIC, b"ON", qos=1, retain=True)
            session.close()
            with DoorWire(self._plan) as wire:
                wire.wait_reachable()
                if wire.say(encoded(Pulse("front", _SHORT_S, new_token(), boot_time()))):
                    raise Unavailable("the helper did not take a good order")
                time.sleep(1.2)  # it looks at what has come in once a second
            with closing(Listener(self._broker.port, _TOPIC)) as relay:
                relay.connect()
                relay.collect(0.1)
                tried.append(_Tried(bool(relay.received)))
        return tried

    def _kill(self, kill: Callable[[DoorHolder], None]) -> _Tried:
        with closing(Listener(self._broker.port, _TOPIC)) as relay, DoorHolder(self._tree) as daemon:
            daemon.wait_reachable("front")
            relay.connect()
            if daemon.pulse("front", _LONG_S, new_token()):
                raise Unavailable("the helper did not take a good order")
            relay.until(b"ON")
            at = time.monotonic()
            kill(daemon)
            relay.listen(lambda notice: isinstance(notice, Received) and notice.payload == b"OFF", _PATIENCE_S)
            off = time.monotonic() - at
            relay.collect(0.3)
            after = [message.payload for message in relay.received].count(b"ON") != 1
            return _Tried(off > LIMIT_S or after or any(message.retained for message in relay.received), off)


def _document(tree: dict[str, Any]) -> Document:
    return Document.model_validate_json(json.dumps(tree))


def _resident_kb(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
