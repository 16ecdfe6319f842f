"""A machine of its own, with a real systemd as its first process and the disk of this one's /usr, read-only.

It has an empty /etc and /var, no network but its own loopback, and is gone when it stops: `systemd-nspawn --volatile`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

BOOT_S: Final = 60.0
COMMAND_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Machine:
    """One that runs; `leader` is its systemd, seen from here."""

    leader: int

    def run(self, *argv: str, **variables: str) -> str:
        """Runs a command as root in there, which must succeed; gives what it wrote on its standard output."""
        done = self._run(argv, variables)
        assert done.returncode == 0, f"{argv} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def refused(self, *argv: str, **variables: str) -> str:
        """Runs a command that must fail; gives all that it wrote."""
        done = self._run(argv, variables)
        assert done.returncode != 0, f"{argv} succeeded:\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def _run(self, argv: tuple[str, ...], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        known = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin", "HOME": "/root"} | variables
        inside = ["env", "-i", *(f"{name}={value}" for name, value in known.items()), *argv]
        return subprocess.run(
            ["nsenter", f"--target={self.leader}", "--all", "--root", "--wd", *inside],
            check=False,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
        )

    def write(self, path: str, text: str) -> None:
        self.run("sh", "-c", 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1"', "sh", path, text)

    def unit(self, name: str) -> str:
        """A property of edged.service."""
        return self.run("systemctl", "show", "edged", f"--property={name}", "--value")

    def wait_for(self, name: str, wanted: str, seconds: float = 60.0) -> None:
        """Waits until a property of edged.service has this value."""
        deadline = time.monotonic() + seconds
        while (got := self.unit(name)) != wanted:
            assert time.monotonic() < deadline, f"{name} is {got}, not {wanted}, after {seconds} s:\n{self.journal()}"
            time.sleep(0.1)

    def journal(self) -> str:
        return self.run("journalctl", "--unit=edged", "--output=cat", "--no-pager", "--lines=200")


@contextmanager
def booted(folder: Path, *binds: Path, named: Mapping[str, Path] = MappingProxyType({})) -> Iterator[Machine]:
    """Boots one.

    Args:
        binds: folders of this machine that it may read, at the same place; named: the same, at another place.
    """
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices.bind(str(folder / "notify"))
    # Without systemd on this machine there is nobody to register with and no scope to be put into.
    alone = [] if Path("/run/systemd/system").is_dir() else ["--keep-unit"]
    command = ["systemd-nspawn", "--quiet", "--boot", "--register=no", *alone, f"--machine=edged-{os.getpid()}"]
    command += ["--directory=/", "--volatile=yes", "--tmpfs=/usr/local/bin", "--private-network", "--console=pipe"]
    command += ["--notify-ready=yes", *(f"--bind-ro={bind}" for bind in binds)]
    command += [*(f"--bind-ro={bind}:{place}" for place, bind in named.items()), "systemd.unit=basic.target"]
    with (folder / "console").open("wb") as console:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")},
        )
        leader = 0
        try:
            with notices:
                leader = _wait_until_booted(notices, process, folder / "console")
            # nspawn and systemd go on saying what they do: to a socket that is full they would wait for ever.
            yield Machine(leader)
        finally:
            if leader:
                # With its first process the kernel ends all others of a machine.
                os.kill(leader, signal.SIGKILL)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


def _wait_until_booted(notices: socket.socket, process: subprocess.Popen[bytes], console: Path) -> int:
    leader = 0
    deadline = time.monotonic() + BOOT_S
    notices.settimeout(0.5)
    while time.monotonic() < deadline and process.poll() is None:
        try:
            lines = notices.recv(4096).decode().splitlines()
        except TimeoutError:
            continue
        for line in lines:
            key, _, value = line.partition("=")
            if key == "X_NSPAWN_LEADER_PID":
                leader = int(value)
            if key == "READY" and leader:
                return leader
    process.kill()
    raise AssertionError(f"no systemd within {BOOT_S} s:\n{console.read_text()}")
