"""A board of pretended pins in a real helper process, seen from outside: when each pin was driven, and by hand."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from edged.doors.order import boot_time

GONE = -1
"""As a pin: the process that held the pins is gone, and the kernel has freed them all."""


@dataclass(frozen=True, slots=True)
class Driven:
    """A pin was driven.

    Attributes:
        at: by CLOCK_BOOTTIME; process: who drove it; pin: its number, or GONE; level: high or low.
    """

    at: float
    process: int
    pin: int
    level: bool


class DoorBoard:
    """Where helpers whose pins are pretended report every change of a level, and are told what contacts show.

    The level of a pin is known to have ended with its process: `Driven(pin=GONE)` is what the kernel does on a board
    that frees a line to an input. What happens on one that keeps the level is seen by leaving GONE out.

    Args:
        folder: for its socket.
        wild: the wall clock of the helpers is moved by hours and years with each look at it.
    """

    def __init__(self, folder: Path, *, wild: bool = False) -> None:
        self._path = folder / "board"
        self.program: tuple[str, ...] = (
            sys.executable,
            "-m",
            "edged.measure.door_puppet",
            str(self._path),
            "wild" if wild else "tame",
        )
        """What `DoorLine` is to start as its helper."""
        self._is_changed = threading.Condition()
        self._driven: deque[Driven] = deque()
        self._levels: dict[int, bool] = {}
        self._lines: list[socket.socket] = []
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def __enter__(self) -> Self:
        self._door.bind(str(self._path))
        self._door.listen(8)
        threading.Thread(target=self._accept, name="board", daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._door.close()
        self._path.unlink(missing_ok=True)
        for line in self._lines:
            line.close()

    @property
    def driven(self) -> tuple[Driven, ...]:
        """Everything since `forget`, in order."""
        with self._is_changed:
            return tuple(self._driven)

    def forget(self) -> None:
        """Begins anew; levels stay."""
        with self._is_changed:
            self._driven.clear()

    def level(self, pin: int) -> bool:
        """Whether it is driven high now."""
        with self._is_changed:
            return self._levels.get(pin, False)

    def wait_for(self, what: Callable[[], bool], seconds: float = 10.0) -> bool:
        """Waits until something is so, looking whenever a pin changes; false: it did not become so."""
        deadline = time.monotonic() + seconds
        while not what():
            if time.monotonic() > deadline:
                return False
            with self._is_changed:
                self._is_changed.wait(0.01)
        return True

    def drive(self, pin: int, *, high: bool) -> None:
        """A contact at a pin changes, for the helper there is now."""
        for line in tuple(self._lines):
            try:
                line.send(f"{pin} {int(high)}".encode())
            except OSError:
                self._lines.remove(line)

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            self._lines.append(line)
            threading.Thread(target=self._listen, args=(line,), name="board-line", daemon=True).start()

    def _listen(self, line: socket.socket) -> None:
        process = int(line.recv(64) or b"0")
        while True:
            try:
                packet = line.recv(256)
            except OSError:
                packet = b""
            if not packet:
                self._note(Driven(boot_time(), process, GONE, level=False))
                return
            at, pin, level = packet.split()
            self._note(Driven(float(at), process, int(pin), level=level == b"1"))

    def _note(self, driven: Driven) -> None:
        with self._is_changed:
            self._driven.append(driven)
            if driven.pin == GONE:
                self._levels.clear()
            else:
                self._levels[driven.pin] = driven.level
            self._is_changed.notify_all()


def is_stopped(process: int) -> bool:
    """Whether it stands still by SIGSTOP."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "T"
