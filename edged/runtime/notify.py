"""What systemd is told: ready, reloading, stopping, alive, and one line of status."""

from __future__ import annotations

import os
from typing import Final

from sdnotify import SystemdNotifier

_START_US: Final = 180_000_000
"""As long as the unit lets a start take."""


class Notifier:
    """Speaks to systemd through NOTIFY_SOCKET; silent where there is none. Never blocks for long."""

    def __init__(self) -> None:
        self._systemd = SystemdNotifier()
        if self._systemd.socket is not None:
            # A supervisor that does not read must not hold the daemon up: the next notice says the same again.
            self._systemd.socket.setblocking(False)

    @property
    def watchdog_s(self) -> float | None:
        """Seconds within which systemd wants a sign of life; None where it wants none."""
        microseconds = os.environ.get("WATCHDOG_USEC", "")
        for_us = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        return int(microseconds) / 1e6 if microseconds.isdigit() and for_us else None

    def ready(self, status: str) -> None:
        watchdog = self.watchdog_s
        lines = ["READY=1", f"STATUS={status}"]
        if watchdog is not None:
            lines.append(f"WATCHDOG_USEC={round(watchdog * 1e6)}")  # after `beginning_anew`, which asked for patience
        self._tell("\n".join(lines))

    def status(self, status: str) -> None:
        self._tell(f"STATUS={status}")

    def reloading(self) -> None:
        self._tell("RELOADING=1")

    def beginning_anew(self) -> None:
        """The process stays and starts again: to systemd that is a reload, for which the watchdog has to wait."""
        self._tell(f"RELOADING=1\nSTATUS=beginning anew\nWATCHDOG_USEC={_START_US}")

    def stopping(self) -> None:
        self._tell("STOPPING=1\nSTATUS=stopping")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def _tell(self, text: str) -> None:
        # sdnotify writes Latin-1, and swallows that a text has more letters than those: in a camera's address the
        # secret part is an ellipsis, and READY=1 was never sent.
        self._systemd.notify(text.encode().decode("latin-1"))
