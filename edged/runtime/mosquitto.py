"""A real broker for trying out, measuring and testing: Debian's Mosquitto on a free loopback port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from edged.domain.errors import Unavailable, Unsupported

_START_S: Final = 15.0
_OPEN_TO_ALL: Final = ("allow_anonymous true",)


class Mosquitto:
    """A broker that can be started, killed and started again on the same port, with what it had stored.

    Persistent as docs/mqtt.md recommends: it writes its store once a second at the latest.

    Args:
        folder: for its configuration, its store and its log.
        listener: lines of mosquitto.conf(5) that stand behind the `listener` line: who may come in, and how.
    """

    def __init__(self, folder: Path, listener: Sequence[str] = _OPEN_TO_ALL) -> None:
        self.folder = folder
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._lines: Sequence[str] | None = self._of_our_own(listener)
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def of_file(cls, folder: Path, config: Path, port: int) -> Self:
        """One that somebody else has set up.

        Args:
            folder: for what it says on its standard output.
            config: its configuration, which is left as it is.
            port: where that lets it listen on loopback.
        """
        broker = cls(folder)
        broker.port, broker._config, broker._lines = port, config, None
        return broker

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the broker and waits until it listens.

        Raises:
            Unsupported: Mosquitto is not installed.
            Unavailable: it does not start; the end of its log is in the message.
        """
        program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise Unsupported("Mosquitto is not installed", "apt-get install mosquitto")
        if self._lines is not None:
            self._config.write_text("\n".join(self._lines) + "\n")
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(self._config)], stdout=log, stderr=log)
        self._wait_until_it_listens(self._process)

    def stop(self) -> None:
        """Ends it in order; it writes its store first."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP: connections stand, nothing is answered, until it is thawed, killed or stopped."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was frozen."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.send_signal(signal.SIGCONT)  # it may be frozen
            self._process.wait(_START_S)
            self._process = None

    def _of_our_own(self, listener: Sequence[str]) -> list[str]:
        return [
            # As root, Mosquitto becomes another user, who could not write here.
            *(["user root"] if os.geteuid() == 0 else []),
            "persistence true",
            f"persistence_location {self.folder}/",
            "autosave_on_changes true",
            "autosave_interval 1",
            "max_queued_messages 100000",
            f"listener {self.port} 127.0.0.1",
            *listener,
        ]

    def _wait_until_it_listens(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.kill()
        log = (self.folder / "mosquitto.log").read_text(errors="replace").splitlines()[-5:]
        raise Unavailable("Mosquitto does not start: " + " | ".join(log))


def free_port() -> int:
    """A loopback port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
