"""The daemon's end of the line to a real helper, in the hands of whoever would misuse it."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from edged.domain.errors import Unavailable
from edged.doors.order import MAX_WORD_BYTES, Alive, Answer, Report, Word, boot_time, encoded, word_of
from edged.doors.plan import Plan
from edged.runtime.door_line import ALIVE_EVERY_S, PROGRAM

_PATIENCE_S = 30.0


class DoorWire:
    """A helper, and whatever is sent to it.

    Args:
        plan: its doors.
        program: the helper; none: the real one.
    """

    def __init__(self, plan: Plan, program: Sequence[str] = PROGRAM) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [*program, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
        self._line = ours
        self._line.settimeout(_PATIENCE_S)
        self._line.send(plan.encoded())
        self._ends = threading.Event()
        threading.Thread(target=self._live, name="alive", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._ends.set()
        self._line.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_reachable(self) -> None:
        """Blocks until the first door's relay answers. Raises Unavailable: it does not."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            word = self._hear()
            if isinstance(word, Report) and word.reachable:
                return
        raise Unavailable("the relay does not answer")

    def say(self, packet: bytes) -> str:
        """Sends an order as it is; the reason of the refusal, empty where it was taken."""
        self._line.send(packet)
        while True:
            word = self._hear()
            if isinstance(word, Answer):
                return word.refused

    def _hear(self) -> Word:
        packet = self._line.recv(MAX_WORD_BYTES + 1)
        if not packet:
            raise Unavailable("the helper is gone")
        return word_of(packet)

    def _live(self) -> None:
        while not self._ends.wait(ALIVE_EVERY_S):
            with suppress(OSError):
                self._line.send(encoded(Alive(boot_time())))


def new_token() -> str:
    """Of one order."""
    return os.urandom(8).hex()
