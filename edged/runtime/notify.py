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
        self._systemd.notify("\n".join(lines))

    def status(self, status: str) -> None:
        self._systemd.notify(f"STATUS={status}")

    def reloading(self) -> None:
        self._systemd.notify("RELOADING=1")

    def beginning_anew(self) -> None:
        """The process stays and starts again: to systemd that is a reload, for which the watchdog has to wait."""
        self._systemd.notify(f"RELOADING=1\nSTATUS=beginning anew\nWATCHDOG_USEC={_START_US}")

    def stopping(self) -> None:
        self._systemd.notify("STOPPING=1\nSTATUS=stopping")

    def alive(self) -> None:
        self._systemd.notify("WATCHDOG=1")
