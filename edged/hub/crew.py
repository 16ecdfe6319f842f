"""Several processes that answer on one socket, and the one that started them."""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO, Final

from edged.domain.errors import Unavailable

_log = logging.getLogger(__name__)

READY: Final = "READY"
"""What a process writes as its first line when it answers."""
_LOOK_EVERY_S: Final = 0.2
_END_S: Final = 15.0
"""After so long a process that was asked to end is killed."""


class Crew:
    """Starts processes and ends when one of them does: whoever supervises us starts all of them anew.

    Each holds the other end of a pipe to us, and ends when we are gone.

    Args:
        command: the program and its arguments, the same for all.
        count: how many.
        inherited: file descriptor that all of them get.
        first: more arguments, for one of them only.
    """

    def __init__(self, command: Sequence[str], count: int, inherited: int, *, first: Sequence[str] = ()) -> None:
        self._stop = threading.Event()
        self._members = [
            subprocess.Popen(
                [*command, *(() if number else first)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=(inherited,),
                text=True,
                process_group=0,  # a ^C at the terminal is for us; we tell them
            )
            for number in range(count)
        ]

    def wait_ready(self) -> None:
        """Blocks until all answer.

        Raises:
            Unavailable: one of them ended instead; its own words are on standard error.
        """
        for member in self._members:
            assert member.stdout is not None  # noqa: S101  a pipe was asked for
            if not member.stdout.readline().startswith(READY) and not self._stop.is_set():
                self.end()
                raise Unavailable("a process of the hub ended before it was ready", "Its own words are above")

    def watch(self) -> bool:
        """Blocks until `stop`, or until a process ends by itself; then ends all. Whether it was `stop`."""
        while not self._stop.wait(_LOOK_EVERY_S):
            gone = next((member for member in self._members if member.poll() is not None), None)
            if gone is not None:
                _log.error("process %d of the hub ended with %s; the others end, too", gone.pid, gone.returncode)
                break
        self.end()
        return self._stop.is_set()

    def stop(self) -> None:
        """Ends `watch`. Safe from a signal handler."""
        self._stop.set()

    def end(self) -> None:
        """Ends all processes; blocks until they are gone."""
        for member in self._members:
            member.terminate()
        end = time.monotonic() + _END_S
        for member in self._members:
            try:
                member.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                member.kill()
                member.wait()
            for pipe in (member.stdin, member.stdout):
                if pipe is not None:
                    pipe.close()


def when_orphaned(pipe: IO[str], act: Callable[[], None]) -> None:
    """Calls `act` when whoever started this process is gone; `pipe` is our end of what they hold. Does not block."""

    def wait() -> None:
        pipe.read()
        act()

    threading.Thread(target=wait, name="leader", daemon=True).start()
