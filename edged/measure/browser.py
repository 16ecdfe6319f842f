"""A real Chromium without a window, driven over the pipe of its DevTools protocol."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any, Final

from edged.domain.errors import Unavailable, Unsupported

_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_PATIENCE_S: Final = 15.0


class Browser:
    """One browser process. Commands go to it and answers come back as JSON, each ended by a zero byte.

    Args:
        profile: an empty folder, for what it keeps.

    Raises:
        Unsupported: Chromium is not installed.
    """

    def __init__(self, profile: Path) -> None:
        program = shutil.which("chromium")
        if program is None:
            raise Unsupported(
                "pages are looked at in Chromium, which is not installed", "sudo apt-get install chromium"
            )
        its_input, self._to = os.pipe()
        self._from, its_output = os.pipe()
        log = os.open(profile / "log", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC)
        self.pid = os.posix_spawn(
            program,
            [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            os.environ,
            # The pipe's ends must be descriptors 3 and 4 in the browser; duplicates far above are in nobody's way.
            file_actions=[
                (os.POSIX_SPAWN_DUP2, its_input, 63),
                (os.POSIX_SPAWN_DUP2, its_output, 64),
                (os.POSIX_SPAWN_DUP2, 63, 3),
                (os.POSIX_SPAWN_DUP2, 64, 4),
                (os.POSIX_SPAWN_DUP2, log, 1),
                (os.POSIX_SPAWN_DUP2, log, 2),
                (os.POSIX_SPAWN_CLOSE, 63),
                (os.POSIX_SPAWN_CLOSE, 64),
            ],
            setpgroup=0,
        )
        for descriptor in (its_input, its_output, log):
            os.close(descriptor)
        os.set_blocking(self._from, False)
        self._rest = b""
        self._count = 0
        self.heard: list[dict[str, Any]] = []
        """Events of the protocol, in the order they came."""

    def ask(self, method: str, session: str = "", /, **parameters: Any) -> dict[str, Any]:
        """Sends a command and waits for its answer.

        Raises:
            Unavailable: there is none within 15 seconds, or it is an error.
        """
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            for answer in self._incoming():
                if answer.get("id") == self._count:
                    if "error" in answer:
                        raise Unavailable(f"Chromium did not do {method}: {answer['error']}")
                    return dict(answer["result"])
                self.heard.append(answer)
        raise Unavailable(f"Chromium did not answer {method}")

    def listen(self) -> None:
        """Takes in what came meanwhile."""
        self.heard.extend(self._incoming())

    def close(self) -> None:
        """Ends it and all its children."""
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._to)
        os.close(self._from)

    def _incoming(self) -> list[dict[str, Any]]:
        try:
            self._rest += os.read(self._from, 1 << 20)
        except BlockingIOError:
            time.sleep(0.005)
        *whole, self._rest = self._rest.split(b"\0")
        return [json.loads(message) for message in whole]
