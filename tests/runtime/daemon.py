"""A real daemon in a process of its own, with the socket that systemd would listen on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_S = 60.0


@dataclass
class RunningDaemon:
    process: subprocess.Popen[bytes]
    config: Path
    log: Path
    socket: socket.socket
    notices: list[str] = field(default_factory=list)

    def wait_for(self, word: str, seconds: float = START_S) -> str:
        """The next notice to systemd that begins with this word."""
        deadline = time.monotonic() + seconds
        while True:
            for index, notice in enumerate(self.notices):
                if notice.startswith(word):
                    del self.notices[: index + 1]
                    return notice
            left = deadline - time.monotonic()
            assert left > 0, f"no {word} within {seconds} s; the log:\n{self.log.read_text()}"
            self.socket.settimeout(min(left, 0.2))
            try:
                self.notices += self.socket.recv(4096).decode().splitlines()
            except TimeoutError:
                assert self.process.poll() is None, f"the daemon ended; the log:\n{self.log.read_text()}"

    def ready(self) -> None:
        self.wait_for("READY=1")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def change(self, **settings: Any) -> None:
        document = json.loads(self.config.read_text())
        self.config.write_text(json.dumps(document | settings))


@contextmanager
def running(
    folder: Path, models: Path, *, watchdog_s: float = 0, journal: bool = False, **settings: Any
) -> Iterator[RunningDaemon]:
    """Starts `edged run` with a document of these settings; kills it at the end if it is still there.

    Args:
        watchdog_s: within which systemd would want a sign of life; journal: whether its log were systemd's journal.
    """
    config = folder / "edged.yaml"
    document = {
        "device": {"name": "testbed", "state": str(folder / "state")},
        "models": {"directory": str(models)},
        "mqtt": {"enabled": False},
        "http": {"enabled": False},
    }
    config.write_text(json.dumps(document | settings))
    address = folder / "notify"
    log = folder / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener, log.open("wb") as output:
        listener.bind(str(address))
        environment = {**os.environ, "NOTIFY_SOCKET": str(address)}
        environment.pop("WATCHDOG_PID", None)
        if journal:
            status = os.fstat(output.fileno())
            environment["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"
        if watchdog_s:
            environment["WATCHDOG_USEC"] = str(int(watchdog_s * 1e6))
        process = subprocess.Popen(
            [sys.executable, "-m", "edged", "run", "--config", str(config)], stderr=output, env=environment
        )
        try:
            yield RunningDaemon(process, config, log, listener)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
