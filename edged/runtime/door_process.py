"""The helper as a process: started, warmed up, ended."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from edged.domain.errors import Unavailable
from edged.doors.plan import WARM

_LETTING_GO_S: Final = 2.0
_SPARE_S: Final = 2.0
"""A spare that died has a successor only then: it may die of something that lasts."""


class DoorProcess:
    """One helper, which holds nothing before it has heard its plan. Belongs to one thread.

    Args:
        program: what to start; the number of its socket is added.

    Raises:
        Unavailable: it does not start.

    Attributes:
        line: our end of the line to it, non-blocking.
    """

    def __init__(self, program: Sequence[str]) -> None:
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [*program, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    # Ctrl-C on a terminal is for the daemon: it ends the helper in its own time.
                    start_new_session=True,
                )
            except OSError as error:
                self.line.close()
                raise Unavailable(f"it does not start: {error.strerror}") from error
        self.line.setblocking(False)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def warm(self) -> None:
        """Has it load what it will need, so that its plan takes no time."""
        self.line.send(WARM)

    def kill(self) -> None:
        """SIGKILL: it hangs."""
        self._process.kill()

    def close(self) -> str:
        """Closes the line, at which it lets go and ends, and waits for that; how it ended, in words."""
        self.line.close()
        try:
            code = self._process.wait(_LETTING_GO_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return "it hung and was killed"
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


class DoorCrew:
    """One helper after another, and one that stands by. Belongs to one thread; see `DoorProcess` for `program`."""

    def __init__(self, program: Sequence[str]) -> None:
        self._program = tuple(program)
        self._spare: DoorProcess | None = None
        self._next_spare = float("-inf")

    @property
    def spare(self) -> int | None:
        """The process id of the one that stands by."""
        return None if self._spare is None else self._spare.pid

    def next(self) -> DoorProcess:
        """The one that stands by; a new one where there is none that lives. Raises Unavailable."""
        spare, self._spare = self._spare, None
        if spare is not None:
            if spare.is_alive():
                return spare
            spare.close()
        return DoorProcess(self._program)

    def stand_by(self, now: float) -> None:
        """Has another stand by, where none does: to be called again and again. `now`: monotonic seconds."""
        if now < self._next_spare or (self._spare is not None and self._spare.is_alive()):
            return
        if self._spare is not None:
            self._next_spare = now + _SPARE_S
            self.close()
            return
        with suppress(Unavailable, OSError):
            self._spare = DoorProcess(self._program)
            self._spare.warm()

    def close(self) -> None:
        """Nobody stands by any longer."""
        if self._spare is not None:
            self._spare.close()
        self._spare = None
