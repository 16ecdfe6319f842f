"""QR codes that are held up to a camera, read in a process of their own, which may die without harm."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from edged.domain.frame import Image, Moment
from edged.domain.passage import FRESH_S
from edged.runtime.code_helper import HEAD, LENGTH, MOST_BYTES, received
from edged.vision.qr import MOST, fitted

_PATIENCE_S: Final = 0.3
"""So long one picture is waited for; what comes later is taken at the next one."""
_HANGS_S: Final = 10.0
"""A process that does not answer for so long, its start included, is ended."""
_AGAIN_S: Final = 1.0
"""Between two starts at least."""

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HeldCode:
    """A code that somebody held up.

    Attributes:
        text: what it says; at: when the picture was taken in which it was.
    """

    text: str
    at: Moment


class Codes(Protocol):
    """Reads QR codes that are held up to a camera; one thread's."""

    def read(self, image: Image, at: Moment, now: Moment) -> HeldCode | None:
        """See `CodeReader.read`."""

    def close(self) -> None:
        """Lets go of what it reads with."""


class CodeReader:
    """Reads one code a picture. Belongs to one thread; starts its process with the first picture."""

    def __init__(self) -> None:
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: Moment | None = None
        """When the picture was taken that the process has before it."""
        self._started = float("-inf")

    @property
    def pid(self) -> int | None:
        """Of the process; None where there is none."""
        return None if self._process is None else self._process.pid

    def read(self, image: Image, at: Moment, now: Moment) -> HeldCode | None:
        """A code that was before the camera within the last second, in this picture or the one before.

        Blocks for some tenths of a second at most. Never raises: a process that is gone is started anew.

        Args:
            image: BGR.
            at: when it was taken.
            now: what time it is.
        """
        try:
            line = self._line or self._start(now)
            if line is None:
                return None
            if self._asked is None:
                grey = fitted(image)
                line.sendall(HEAD.pack(*grey.shape[:2]) + grey.tobytes())
                self._asked = at
            return self._answer(line, self._asked, now)
        except (OSError, EOFError):
            self._end("it is gone")
            return None

    def close(self) -> None:
        """Ends the process."""
        self._end("")

    def _answer(self, line: socket.socket, asked: Moment, now: Moment) -> HeldCode | None:
        try:
            (size,) = LENGTH.unpack(received(line, LENGTH.size))
            if size > MOST_BYTES:
                raise EOFError
            text = received(line, size).decode(errors="replace")
        except TimeoutError:
            if now.mono - asked.mono > _HANGS_S:
                self._end("it hangs")
            return None
        self._asked = None
        is_one = 0 < len(text) <= MOST and now.mono - asked.mono <= FRESH_S
        return HeldCode(text, asked) if is_one else None

    def _start(self, now: Moment) -> socket.socket | None:
        if now.mono - self._started < _AGAIN_S:
            return None
        self._started = now.mono
        ours, theirs = socket.socketpair()
        with theirs:
            program = [sys.executable, "-m", "edged.runtime.code_helper", str(theirs.fileno())]
            try:
                self._process = subprocess.Popen(
                    program,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C on a terminal is for the daemon
                )
            except OSError:
                ours.close()
                raise
        ours.settimeout(_PATIENCE_S)
        self._line, self._asked = ours, None
        return ours

    def _end(self, why: str) -> None:
        line, process = self._line, self._process
        self._line = self._process = self._asked = None
        if line is not None:
            line.close()
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            code = process.wait()
            if why:
                log.warning("the reader of QR codes is started anew: %s (exit code %d)", why, code)
