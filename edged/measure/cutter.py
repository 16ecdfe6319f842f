"""A line between a device and its hub that is cut at random."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress
from typing import Final, Self
from urllib.parse import urlsplit

_PIECE: Final = 16_384
_LEAST: Final = 1000
"""Bytes; a handshake has three times as many."""


class Cutter:
    """Passes on what comes to a port of loopback, and cuts each connection after a random number of bytes.

    Args:
        url: where it passes it on to.
        most: it is cut within so many bytes, counted both ways; small numbers as likely as large ones.
        cuts: so many times; after that connections stay.

    Attributes:
        url: where it listens; cuts: how often it has cut; passed: bytes both ways, encryption included.
    """

    def __init__(self, url: str, most: int, cuts: int, *, seed: int) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname or "", parts.port or 443)
        self._most = most
        self._wanted = cuts
        self._chance = random.Random(seed)  # noqa: S311  moments, not secrets
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts = 0
        self.passed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _hang_up(self._listener)
        with self._lock:
            for end in self._open:
                _hang_up(end)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(self._to, timeout=5)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                self._join(near, far)

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        with self._lock:
            self._open |= {near, far}
            # Evenly over magnitudes: the handshake is cut, requests are, and long answers.
            left = [int(_LEAST * (self._most / _LEAST) ** self._chance.random()) if self.cuts < self._wanted else None]
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._pass_on, args=(one, other, left), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket, left: list[int | None]) -> None:
        with suppress(OSError):
            while piece := one.recv(_PIECE):
                with self._lock:
                    self.passed += len(piece)
                    allowed = left[0]
                    if allowed is not None:
                        left[0] = allowed - len(piece)
                if allowed is not None and len(piece) > allowed:
                    if allowed > 0:
                        other.sendall(piece[:allowed])
                    if allowed >= 0:
                        with self._lock:
                            self.cuts += 1
                    break
                other.sendall(piece)
        for end in (one, other):
            _hang_up(end)
        with self._lock:
            self._open -= {one, other}


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
