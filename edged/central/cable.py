"""What goes through a connection: counted, held back to a bandwidth, and never waited for beyond a moment."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import httpcore

_PIECE: Final = 16 * 1024
"""Bytes at once where a bandwidth is set: an even flow, and little that is taken in advance."""


@dataclass(slots=True)
class Traffic:
    """What has gone through, without what encryption adds.

    Attributes:
        sent, received: bytes, heads of requests and answers included.
        requests: how many were made.
    """

    sent: int = 0
    received: int = 0
    requests: int = 0


class Allowance:
    """A bandwidth: what was taken too early is waited for.

    Args:
        bytes_s: so many bytes a second; 0: any.
        now: seconds of a clock that never goes back; sleep: waits so many seconds, or less.
    """

    def __init__(self, bytes_s: float, now: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._bytes_s = bytes_s
        self._now = now
        self._sleep = sleep
        self._saved = self._most = max(bytes_s, float(_PIECE))
        self._at = now()

    @property
    def piece(self) -> int | None:
        """So many bytes at once at most; None: any."""
        return _PIECE if self._bytes_s else None

    def spend(self, count: int) -> float:
        """Takes what has gone through, and waits where that was more than there was; the seconds it waited."""
        if not self._bytes_s:
            return 0.0
        now = self._now()
        self._saved = min(self._most, self._saved + (now - self._at) * self._bytes_s) - count
        self._at = now
        if self._saved >= 0:
            return 0.0
        self._sleep(-self._saved / self._bytes_s)
        return self._now() - now


class Cable(httpcore.NetworkBackend):
    """Connects, and is told for each request until when it may take.

    Args:
        now: seconds of a clock that never goes back.
    """

    def __init__(self, traffic: Traffic, allowance: Allowance, now: Callable[[], float]) -> None:
        self._backend = httpcore.SyncBackend()
        self._traffic = traffic
        self._allowance = allowance
        self._now = now
        self._until = now()

    def allow(self, seconds: float) -> None:
        """From now on so many seconds, those aside that are waited for the bandwidth."""
        self._until = self._now() + seconds

    def left(self, timeout: float | None) -> float:
        """What is left, `timeout` at most; raises httpcore.ReadTimeout where nothing is."""
        left = self._until - self._now()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)

    def received(self, count: int) -> None:
        self._traffic.received += count
        self._until += self._allowance.spend(count)

    def sent(self, count: int) -> None:
        self._traffic.sent += count
        self._until += self._allowance.spend(count)

    @property
    def piece(self) -> int | None:
        """See `Allowance.piece`."""
        return self._allowance.piece

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._backend.connect_tcp(host, port, self.left(timeout), local_address, socket_options)
        return _Strand(stream, self)


class _Strand(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, cable: Cable) -> None:
        self._stream = stream
        self._cable = cable

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        content = self._stream.read(min(max_bytes, self._cable.piece or max_bytes), self._cable.left(timeout))
        self._cable.received(len(content))
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        step = self._cable.piece or max(len(buffer), 1)
        for begin in range(0, len(buffer), step):
            piece = buffer[begin : begin + step]
            self._stream.write(piece, self._cable.left(timeout))
            self._cable.sent(len(piece))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Strand(self._stream.start_tls(ssl_context, server_hostname, self._cable.left(timeout)), self._cable)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
