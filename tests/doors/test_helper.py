"""The real helper process on pretended pins: what opens, and what ends in which death."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from edged.config.document import Document
from edged.domain.door import Contact, DoorSignal, Signal
from edged.domain.errors import Refused, Unavailable
from edged.measure.door_board import GONE, DoorBoard, Driven
from edged.measure.door_holder import DoorHolder
from edged.measure.listener import Listener
from edged.mqtt.notice import Received
from edged.runtime import door_line
from edged.runtime.clock import SystemClock
from edged.runtime.door_line import PROGRAM, DoorLine
from edged.runtime.mosquitto import Mosquitto
from edged.runtime.stop import Stop

RELAY: Final = 17
CONTACT: Final = 27
BUTTON: Final = 22
TAMPER: Final = 23
LONG: Final = 30.0
"""A pulse that ends by itself long after a test has failed."""


def document(**door: Any) -> dict[str, Any]:
    relay = {"kind": "gpio", "pin": RELAY}
    pins = {"contact": {"pin": CONTACT}, "exit_button": {"pin": BUTTON}, "tamper": {"pin": TAMPER}}
    return {"access": {"doors": {"front": {"relay": relay, **pins, **door}}}}


@pytest.fixture
def board(tmp_path: Path) -> Iterator[DoorBoard]:
    with DoorBoard(tmp_path) as made:
        yield made


class Daemon:
    """A door line on a thread of this process."""

    def __init__(self, tree: dict[str, Any], board: DoorBoard) -> None:
        self.heard: list[DoorSignal] = []
        self._board = board
        self.line = DoorLine(
            Document.model_validate_json(json.dumps(tree)),
            self.heard.append,
            SystemClock(),
            program=board.program,
        )

    def signals(self) -> list[Signal]:
        return [heard.signal for heard in self.heard]

    def wait_for(self, said: Signal, times: int = 1) -> None:
        assert self._board.wait_for(lambda: self.signals().count(said) >= times), self.signals()

    def pulse(self, seconds: float, token: str, age: float = 0.0) -> None:
        self.line.pulse("front", seconds, token=token, made=time.monotonic() - age)


@contextmanager
def running(tree: dict[str, Any], board: DoorBoard) -> Iterator[Daemon]:
    daemon, stop = Daemon(tree, board), Stop()
    thread = threading.Thread(target=daemon.line.run, args=(stop,))
    thread.start()
    try:
        daemon.wait_for(Signal.BACK)
        yield daemon
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def high(board: DoorBoard) -> list[Driven]:
    return [driven for driven in board.driven if driven.level]


def last_of(board: DoorBoard) -> Driven:
    return [driven for driven in board.driven if driven.pin == RELAY][-1]


def ended_by_the_helper(board: DoorBoard) -> bool:
    """The pin was driven low, and not only left alone."""
    last = [driven for driven in board.driven if driven.pin == RELAY]
    return bool(last) and not last[-1].level


def test_a_pulse_opens_for_as_long_as_it_says_and_once(board: DoorBoard) -> None:
    with running(document(), board) as daemon:
        daemon.pulse(0.3, "one")
        daemon.wait_for(Signal.SECURED)
        on, off = (driven.at for driven in board.driven if driven.pin == RELAY and driven.at > board.driven[0].at)
        assert 0.25 <= off - on < 3.0
        with pytest.raises(Refused, match="carried out"):
            daemon.pulse(0.3, "one")
        assert daemon.signals()[-2:] == [Signal.RELEASED, Signal.SECURED]
        assert len(high(board)) == 1


@pytest.mark.parametrize(
    ("age", "seconds", "reason"), [(1.1, 1.0, "stale"), (-1.0, 1.0, "stale"), (0.0, 61.0, "too_long")]
)
def test_an_order_that_cannot_be_meant_opens_nothing(board: DoorBoard, age: float, seconds: float, reason: str) -> None:
    with running(document(), board) as daemon:
        with pytest.raises(Refused) as caught:
            daemon.pulse(seconds, "one", age)
        assert caught.value.reason == reason
        with pytest.raises(Refused):
            daemon.line.pulse("back", 1.0, token="two", made=time.monotonic())
        assert not high(board)


def test_a_door_that_is_held_stays_open_when_a_pulse_ends_and_after_a_helper_has_died(board: DoorBoard) -> None:
    with running(document(), board) as daemon:
        daemon.line.hold("front", on=True)
        daemon.wait_for(Signal.RELEASED)
        daemon.pulse(0.2, "one")
        time.sleep(0.3)
        assert board.level(RELAY)
        assert daemon.line.helper
        os.kill(daemon.line.helper, signal.SIGKILL)
        daemon.wait_for(Signal.BACK, 2)
        assert board.wait_for(lambda: board.level(RELAY))
        daemon.line.hold("front", on=False)
        assert board.wait_for(lambda: not board.level(RELAY))


def test_contacts_and_buttons_are_told_and_open_nothing_by_themselves(board: DoorBoard) -> None:
    with running(document(), board) as daemon:
        assert daemon.line.contact("front") is Contact.OPEN
        for pin in (CONTACT, TAMPER, BUTTON):
            board.drive(pin, high=False)
        for said in (Signal.SHUT, Signal.RESTORED, Signal.EXIT_PRESSED):
            daemon.wait_for(said)
        board.drive(BUTTON, high=True)
        board.drive(CONTACT, high=True)
        daemon.wait_for(Signal.OPENED, 2)
        assert daemon.signals().count(Signal.EXIT_PRESSED) == 1
        pressed = next(heard for heard in daemon.heard if heard.signal is Signal.EXIT_PRESSED)
        assert abs(pressed.at.mono - time.monotonic()) < 10
        assert not high(board)


def test_what_bounces_is_not_believed(board: DoorBoard) -> None:
    tree = document(exit_button={"pin": BUTTON, "debounce_ms": 300})
    with running(tree, board) as daemon:
        for _ in range(20):
            board.drive(BUTTON, high=False)
            board.drive(BUTTON, high=True)
        board.drive(CONTACT, high=False)
        daemon.wait_for(Signal.SHUT)
        time.sleep(0.4)
        assert Signal.EXIT_PRESSED not in daemon.signals()


def test_a_helper_that_is_killed_in_a_pulse_has_a_successor_that_begins_with_off(board: DoorBoard) -> None:
    with running(document(), board) as daemon:
        daemon.pulse(LONG, "one")
        daemon.wait_for(Signal.RELEASED)
        assert daemon.line.helper
        os.kill(daemon.line.helper, signal.SIGKILL)
        daemon.wait_for(Signal.SECURED)
        relay = {Signal.BACK, Signal.RELEASED, Signal.LOST, Signal.SECURED}
        told = [said for said in daemon.signals() if said in relay]
        assert told == [Signal.BACK, Signal.RELEASED, Signal.LOST, Signal.BACK, Signal.SECURED]
        assert board.wait_for(lambda: last_of(board).process == daemon.line.helper)
        assert not last_of(board).level
        with pytest.raises(Refused, match="the decision is"):
            daemon.pulse(LONG, "one", 0.9)


def test_a_helper_that_hangs_is_noticed_by_whoever_wants_to_open(board: DoorBoard) -> None:
    with running(document(), board) as daemon:
        helper = daemon.line.helper
        assert helper
        os.kill(helper, signal.SIGSTOP)
        try:
            with pytest.raises(Unavailable, match="does not answer"):
                daemon.pulse(LONG, "one")
            time.sleep(0.6)
        finally:
            os.kill(helper, signal.SIGCONT)
        time.sleep(0.3)
        daemon.pulse(0.2, "two")
        daemon.wait_for(Signal.SECURED)
        assert len(high(board)) == 1, "the order that waited was stale when it was read"


def test_a_helper_that_hangs_in_a_pulse_is_killed_and_replaced(board: DoorBoard) -> None:
    with running(document(), board) as daemon:
        daemon.pulse(LONG, "one")
        daemon.wait_for(Signal.RELEASED)
        helper = daemon.line.helper
        assert helper
        os.kill(helper, signal.SIGSTOP)
        daemon.wait_for(Signal.SECURED)
        assert daemon.line.helper != helper
        assert not Path(f"/proc/{helper}").exists()
        assert board.wait_for(lambda: not board.level(RELAY))


def test_another_helper_stands_by_and_takes_over_without_being_started(board: DoorBoard) -> None:
    with running(document(), board) as daemon:
        assert board.wait_for(lambda: daemon.line.spare is not None)
        spare = daemon.line.spare
        assert daemon.line.helper
        os.kill(daemon.line.helper, signal.SIGKILL)
        daemon.wait_for(Signal.BACK, 2)
        assert daemon.line.helper == spare
        assert board.wait_for(lambda: daemon.line.spare not in {None, spare})
        another = daemon.line.spare
        daemon.pulse(0.2, "one")
        daemon.wait_for(Signal.SECURED)
    for process in (spare, another):
        assert not Path(f"/proc/{process}").exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("what", ["pulse", "hold"])
def test_a_daemon_that_is_killed_or_hangs_leaves_no_door_open(board: DoorBoard, how: signal.Signals, what: str) -> None:
    with DoorHolder(document(), board.program) as daemon:
        daemon.wait_reachable("front")
        if what == "pulse":
            assert daemon.pulse("front", LONG, "one") == ""
        else:
            daemon.hold("front", on=True)
        assert board.wait_for(lambda: board.level(RELAY))
        daemon.process.send_signal(how)
        assert board.wait_for(lambda: ended_by_the_helper(board)), board.driven
        if how is signal.SIGKILL:
            assert board.wait_for(lambda: any(driven.pin == GONE for driven in board.driven))
            assert ended_by_the_helper(board)
            return
        daemon.process.send_signal(signal.SIGCONT)
        if what == "pulse":
            time.sleep(0.5)
            assert ended_by_the_helper(board), "what it had let go does not come back"
        else:
            assert board.wait_for(lambda: board.level(RELAY)), "who holds it open is back"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGABRT])
def test_the_helper_lets_go_when_systemd_ends_the_service(board: DoorBoard, how: signal.Signals) -> None:
    with running(document(), board) as daemon:
        daemon.pulse(LONG, "one")
        daemon.wait_for(Signal.RELEASED)
        assert daemon.line.helper
        os.kill(daemon.line.helper, how)
        assert board.wait_for(lambda: any(driven.pin == GONE for driven in board.driven))
        assert not last_of(board).level


def test_a_daemon_that_stops_in_good_order_leaves_no_helper_and_no_open_door(board: DoorBoard) -> None:
    with running(document(), board) as daemon:
        daemon.pulse(LONG, "one")
        daemon.wait_for(Signal.RELEASED)
        helper = daemon.line.helper
    assert helper
    assert not Path(f"/proc/{helper}").exists()
    assert ended_by_the_helper(board)
    assert daemon.line.helper is None


def test_a_door_that_fails_open_is_kept_locked_by_current(board: DoorBoard) -> None:
    with running(document(fail="safe"), board) as daemon:
        assert board.wait_for(lambda: board.level(RELAY))
        assert not daemon.line.unlocked("front")
        daemon.pulse(0.3, "one")
        daemon.wait_for(Signal.RELEASED)
        assert board.wait_for(lambda: not board.level(RELAY))
        daemon.wait_for(Signal.SECURED)
        assert board.wait_for(lambda: board.level(RELAY))
    assert ended_by_the_helper(board)


def test_a_door_that_fails_open_stays_locked_while_the_daemon_hangs_and_opens_when_it_dies(board: DoorBoard) -> None:
    with DoorHolder(document(fail="safe"), board.program) as daemon:
        daemon.wait_reachable("front")
        daemon.process.send_signal(signal.SIGSTOP)
        time.sleep(1.0)
        assert board.level(RELAY)
        daemon.process.kill()
        assert board.wait_for(lambda: ended_by_the_helper(board))


def test_a_wall_clock_that_jumps_opens_nothing_and_keeps_nothing_open(tmp_path: Path) -> None:
    with DoorBoard(tmp_path, wild=True) as board, running(document(), board) as daemon:
        daemon.pulse(0.3, "one")
        daemon.wait_for(Signal.SECURED)
        with pytest.raises(Refused):
            daemon.pulse(0.3, "two", 1.1)
        assert len(high(board)) == 1


def test_other_hardware_is_taken_up_and_the_old_pin_let_go(board: DoorBoard) -> None:
    with running(document(), board) as daemon:
        daemon.line.hold("front", on=True)
        daemon.wait_for(Signal.RELEASED)
        helper = daemon.line.helper
        tree = document(relay={"kind": "gpio", "pin": 5})
        daemon.line.configure(Document.model_validate_json(json.dumps(tree)))
        assert board.wait_for(lambda: board.level(5))
        assert not last_of(board).level
        assert daemon.line.helper != helper


def test_a_helper_that_cannot_be_started_is_no_end(tmp_path: Path, board: DoorBoard) -> None:
    heard: list[DoorSignal] = []
    line = DoorLine(
        Document.model_validate_json(json.dumps(document())),
        heard.append,
        SystemClock(),
        program=(str(tmp_path / "nothing"),),
    )
    stop = Stop()
    thread = threading.Thread(target=line.run, args=(stop,))
    thread.start()
    with pytest.raises(Unavailable, match="no helper"):
        line.pulse("front", 1.0, token="one", made=time.monotonic())
    assert not line.reachable("front")
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_decision_from_before_the_machine_slept_is_stale(board: DoorBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The monotonic clock stands still meanwhile, so it would look fresh."""
    with running(document(), board) as daemon:
        made = time.monotonic()
        monkeypatch.setattr(door_line, "_offset", lambda: 1e6)
        with pytest.raises(Refused, match="slept"):
            daemon.line.pulse("front", LONG, token="one", made=made)
        daemon.pulse(0.2, "two")
        daemon.wait_for(Signal.SECURED)
        assert len(high(board)) == 1


def test_the_helper_is_small(board: DoorBoard) -> None:
    """Pins only: no configuration, no picture, no broker."""
    with running(document(), board) as daemon:
        status = Path(f"/proc/{daemon.line.helper}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        assert resident < 40_000
        maps = Path(f"/proc/{daemon.line.helper}/maps").read_text()
        assert not [word for word in ("numpy", "pydantic", "cv2", "onnxruntime") if word in maps]


def mqtt(broker: Mosquitto) -> dict[str, Any]:
    relay = {"kind": "mqtt", "topic": "shed/relay", "on_payload": "ON {seconds}"}
    return {"mqtt": {"host": "127.0.0.1", "port": broker.port}, "access": {"doors": {"front": {"relay": relay}}}}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_relay_on_the_broker_is_switched_off_when_the_helper_dies(
    broker: Mosquitto, board: DoorBoard, how: signal.Signals
) -> None:
    with closing(Listener(broker.port, "shed/relay")) as listener:
        listener.connect()
        with DoorHolder(mqtt(broker)) as daemon:
            daemon.wait_reachable("front")
            assert daemon.pulse("front", LONG, "one") == ""
            listener.until(b"ON 30")
            helper = daemon.helper
            daemon.process.send_signal(signal.SIGSTOP)  # so that no other helper says it
            os.kill(helper, how)
            listener.listen(lambda notice: isinstance(notice, Received) and notice.payload == b"OFF")
        assert not [message for message in listener.received if message.retained]


def test_a_relay_whose_broker_is_away_is_lost_and_back_and_never_opens_late(
    broker: Mosquitto, board: DoorBoard
) -> None:
    tree = mqtt(broker)
    board.program = PROGRAM
    with closing(Listener(broker.port, "shed/relay")) as listener, running(tree, board) as daemon:
        broker.stop()
        daemon.wait_for(Signal.LOST)
        with pytest.raises(Unavailable, match="front"):
            daemon.pulse(LONG, "one")
        broker.start()
        listener.connect()
        daemon.wait_for(Signal.BACK, 2)
        daemon.pulse(0.2, "two")
        daemon.wait_for(Signal.SECURED)
        listener.collect(0.2)
        assert [message.payload for message in listener.received if message.payload != b"OFF"] == [b"ON 1"]


def test_without_the_library_of_pins_the_door_is_lost_and_says_why(
    tmp_path: Path, board: DoorBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gpiozero.py").write_text("raise ImportError('no such library')\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    board.program = PROGRAM
    daemon, stop = Daemon(document(), board), Stop()
    thread = threading.Thread(target=daemon.line.run, args=(stop,))
    thread.start()
    daemon.wait_for(Signal.LOST)
    helper = daemon.line.helper
    assert "gpiozero" in daemon.heard[0].detail
    time.sleep(0.3)
    assert daemon.line.helper == helper, "it is no reason to die"
    stop.set()
    thread.join(10)
