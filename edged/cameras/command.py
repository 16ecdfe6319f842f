"""Raw frames from another program: rpicam-vid, gst-launch-1.0, ffmpeg. What hangs in it can be killed."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import cv2
import numpy as np

from edged.cameras.address import public_text
from edged.cameras.capture import Clock
from edged.cameras.view import view
from edged.config.cameras import CommandCamera
from edged.domain.errors import Unavailable
from edged.domain.frame import Image

_CONVERSIONS: Final = {
    "rgb24": cv2.COLOR_RGB2BGR,
    "gray8": cv2.COLOR_GRAY2BGR,
    "yuv420p": cv2.COLOR_YUV2BGR_I420,
    "nv12": cv2.COLOR_YUV2BGR_NV12,
}
_HALVED: Final = frozenset({"yuv420p", "nv12"})
"""Formats that keep colour at half the size in both directions."""
_PIPE_BYTES: Final = 1024 * 1024
"""As much as Linux lets anybody ask for: a frame then takes few turns instead of hundreds."""
_SAID_BYTES: Final = 2000
_SAID_LETTERS: Final = 300
_GRACE_S: Final = 0.7
"""For the program to put its camera away (nvargus-daemon hangs if its client is killed outright)."""
_REAP_S: Final = 0.3


class CommandCapture:
    """A program in a process group of its own, whose standard output is frames and nothing else.

    What it says on standard error is read along and its end kept, for the message when it fails.
    """

    def __init__(self, settings: CommandCamera, program: subprocess.Popen[bytes], clock: Clock) -> None:
        self._settings = settings
        self._program = program
        self._clock = clock
        self._output, self._errors = _opened(program.stdout), _opened(program.stderr)
        self._frame = np.empty(_shape(settings), np.uint8)
        self._said = b""
        self._poll = select.poll()
        for pipe in (self._output, self._errors):
            os.set_blocking(pipe.fileno(), False)
            self._poll.register(pipe, select.POLLIN)
        with suppress(OSError):
            fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def grab(self) -> None:
        self.read_frame(self._settings.stall_s)

    def read_frame(self, limit_s: float) -> None:
        """Read one whole frame within so many seconds."""
        room = self._frame.data.cast("B")
        until = self._clock() + limit_s
        while room:
            left_s = until - self._clock()
            if left_s <= 0:
                raise self._silent(limit_s)
            ready = {number for number, _ in self._poll.poll(left_s * 1000)}
            if self._errors.fileno() in ready and not self._listen():
                self._poll.unregister(self._errors)
            if self._output.fileno() in ready:
                count = os.readv(self._output.fileno(), [room])
                if not count:
                    raise self._ended(whole=room.nbytes == self._frame.nbytes)
                room = room[count:]

    def retrieve(self) -> Image:
        if self._settings.pixels == "bgr24":
            return view(self._frame.copy(), self._settings)
        image = cv2.cvtColor(self._frame, _CONVERSIONS[self._settings.pixels])
        return view(np.asarray(image, dtype=np.uint8), self._settings)

    def close(self) -> None:
        """Ask the program to stop; after 0.7 s kill it. What it left running in its group is killed too."""
        if self._errors.closed:
            return
        self._output.close()  # stuck in writing a frame, it could not heed the signal
        if self._program.poll() is None:
            self._signal(signal.SIGTERM)
            self._await_exit(_GRACE_S)
        self._signal(signal.SIGKILL)
        self._await_exit(_REAP_S)
        self._listen()
        self._errors.close()

    def interrupt(self) -> None:
        if self._program.returncode is None:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._program.pid, number)

    def _await_exit(self, limit_s: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._program.wait(limit_s)

    def _listen(self) -> bool:
        """Take what there is on standard error, at most what a pipe holds; whether there was anything."""
        try:
            heard = os.read(self._errors.fileno(), 65536)
        except BlockingIOError:
            return False
        self._said += heard
        if len(self._said) > _SAID_BYTES:  # cut between words: half an address could not be recognised as one
            self._said = self._said[-_SAID_BYTES:].partition(b" ")[2]
        return bool(heard)

    def _silent(self, limit_s: float) -> Unavailable:
        self.close()
        what = f"`{self._name()}` wrote no whole frame within {limit_s:g} s{self._last_words()}"
        return Unavailable(what, "Run the command by hand to see what holds it up.")

    def _ended(self, *, whole: bool) -> Unavailable:
        """Why there are no more frames; `whole` where none has been cut short."""
        self._await_exit(_GRACE_S)
        self.close()
        remedy = "Run the command by hand to see what ails it."
        match self._program.returncode:
            case None:
                how = "shut its standard output"
            case 0 if not whole:
                how, remedy = (
                    "ended in the middle of a frame",
                    "Check that width, height and pixels are what it writes.",
                )
            case code if code < 0:
                how = f"was killed by signal {-code}"
            case code:
                how = f"ended with exit code {code}"
        return Unavailable(f"`{self._name()}` {how}{self._last_words()}", remedy)

    def _name(self) -> str:
        """The program alone: its arguments may hold a password."""
        return Path(self._settings.argv[0]).name

    def _last_words(self) -> str:
        text = public_text(self._said.decode(errors="replace"))
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        words = "".join(letter for letter in " / ".join(lines[-3:]) if letter.isprintable())
        return f"; it said: {words[-_SAID_LETTERS:]}" if words else ""


def open_command(settings: CommandCamera, *, clock: Clock) -> CommandCapture:
    """Start the program and wait for its first frame, which is let go: it only shows that the program works.

    Raises:
        Unavailable: the program is missing, fails, or writes no frame within `open_timeout_s`.
    """
    if settings.pixels in _HALVED and (settings.width % 2 or settings.height % 2):
        raise Unavailable(
            f"{settings.pixels} has no frames of {settings.width}×{settings.height}", "Use an even width and height."
        )
    try:
        program = subprocess.Popen(
            settings.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "an argument holds a zero byte"
        raise Unavailable(
            f"`{Path(settings.argv[0]).name}` cannot be started ({reason})", "Install it, or correct the path in argv."
        ) from None
    capture = CommandCapture(settings, program, clock)
    capture.read_frame(settings.open_timeout_s)
    return capture


def _shape(settings: CommandCamera) -> tuple[int, ...]:
    """The array in which one frame lies as the program writes it."""
    if settings.pixels in _HALVED:
        return settings.height * 3 // 2, settings.width
    if settings.pixels == "gray8":
        return settings.height, settings.width
    return settings.height, settings.width, 3


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the program was started without pipes")
    return pipe
