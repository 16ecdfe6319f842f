"""The real helper on pretended pins: `python -m edged.measure.door_puppet BOARD wild|tame SOCKET`.

gpiozero's own mock pins stand for the chip; each change of a level is told to the board (`DoorBoard`) before the call
that made it returns. Everything else is the helper as it runs on a device.
"""

from __future__ import annotations

import os
import random
import socket
import sys
import threading
import time
from typing import Any

import gpiozero
from gpiozero.pins.mock import MockFactory, MockPin

from edged.doors.order import boot_time
from edged.runtime import door_helper

_HOUR_S = 3600.0
_YEAR_S = 365 * 24 * _HOUR_S


class _ToldPin(MockPin):  # type: ignore[misc]  # gpiozero is untyped
    board: socket.socket

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        if value == "output":
            self._tell()

    def _change_state(self, value: Any) -> Any:
        is_new = super()._change_state(value)
        if is_new and self.function == "output":
            self._tell()
        return is_new

    def _tell(self) -> None:
        number = self.info.name.removeprefix("GPIO")
        self.board.send(f"{boot_time()!r} {number} {int(bool(self.state))}".encode())


def _follow_board(board: socket.socket, factory: Any) -> None:
    while packet := board.recv(64):
        number, level = packet.split()
        pin = factory.pin(f"GPIO{int(number)}")
        if level == b"1":
            pin.drive_high()
        else:
            pin.drive_low()


def _let_the_wall_clock_jump() -> None:
    chance = random.Random()  # noqa: S311  no secret
    right = time.time

    def wrong() -> float:
        return right() + chance.choice((-_YEAR_S, -_HOUR_S, -1.5, 1.5, _HOUR_S, _YEAR_S))

    time.time = wrong
    time.time_ns = lambda: int(wrong() * 1e9)


def main(path: str, clock: str, descriptor: int) -> int:
    """Serves as `door_helper.main` does."""
    if clock == "wild":
        _let_the_wall_clock_jump()
    board = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    board.connect(path)
    board.send(str(os.getpid()).encode())
    _ToldPin.board = board
    factory = MockFactory(pin_class=_ToldPin)
    gpiozero.Device.pin_factory = factory
    threading.Thread(target=_follow_board, args=(board, factory), daemon=True).start()
    return door_helper.main(descriptor)


if __name__ == "__main__":
    os._exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
