"""A client of a hub or a device that costs as little as it can: it shares the machine with what it measures."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit
from uuid import uuid4

_TIMEOUT_S: Final = 60.0
_PIECE: Final = 65_536
_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """Attributes: size: bytes of all of it, with its head."""

    status: int
    body: bytes
    size: int


class HubClient:
    """One connection, kept open. Belongs to one thread.

    Args:
        url: https of a hub, or http of a device on the same machine.
        ca: the certificate a hub is trusted by.
        headers: sent with every request.
    """

    def __init__(self, url: str, ca: Path | None, headers: Sequence[str]) -> None:
        parts = urlsplit(url)
        self._head = "".join(f"{line}\r\n" for line in (f"Host: {parts.netloc}", *headers))
        raw = socket.create_connection((parts.hostname or "", parts.port or 443), timeout=_TIMEOUT_S)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket: socket.socket = raw
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=ca and str(ca))
            self._socket = context.wrap_socket(raw, server_hostname=parts.hostname)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> Answer:
        """Sends a request of `written` and reads the answer, which must say how long it is."""
        self._socket.sendall(request)
        got = b""
        while _END not in got:
            got += self._piece()
        head, _, body = got.partition(_END)
        lines = head.decode("latin-1").split("\r\n")
        length = next(int(line[15:]) for line in lines if line.lower().startswith("content-length:"))
        while len(body) < length:
            body += self._piece()
        return Answer(int(lines[0].split()[1]), body, len(head) + len(_END) + length)

    def ask_and_leave(self, request: bytes, size: int) -> bytes:
        """Sends a request, hangs up when so many bytes of the answer have come, and gives these."""
        self._socket.sendall(request)
        got = b""
        while len(got) < size:
            got += self._piece(size - len(got))
        self._socket.close()
        return got

    def written(self, method: str, path: str, body: bytes = b"", media_type: str = "application/json") -> bytes:
        """A request, ready to be sent as often as one likes."""
        head = (
            f"{method} {path} HTTP/1.1\r\n{self._head}Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _piece(self, most: int = _PIECE) -> bytes:
        piece = self._socket.recv(most)
        if not piece:
            raise ConnectionError("the other side hung up")
        return piece


def with_file(name: str, content: bytes, **fields: str) -> tuple[bytes, str]:
    """A multipart body with fields and one file, and its media type."""
    boundary = uuid4().hex
    part = f"--{boundary}\r\nContent-Disposition: form-data; name="
    texts = "".join(f'{part}"{field}"\r\n\r\n{text}\r\n' for field, text in fields.items())
    head = f'{texts}{part}"{name}"; filename="face.jpg"\r\n\r\n'
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came of several clients that each asked again as soon as they were answered.

    Attributes:
        clients: how many; seconds: how long.
        latencies: of every answer, seconds; wrong: answers with another status than was expected.
    """

    clients: int
    seconds: float
    latencies: tuple[float, ...]
    wrong: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """Seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def crowd(
    url: str, ca: Path, headers: Sequence[str], request: tuple[str, str, bytes, str], clients: int, seconds: float
) -> Crowd:
    """Asks the same for a while. Blocks until then.

    Args:
        request: as `HubClient.written` takes it.
    """
    latencies: list[float] = []
    wrong: list[int] = []
    end = time.perf_counter() + seconds

    def ask_again_and_again() -> None:
        with HubClient(url, ca, headers) as client:
            written = client.written(*request)
            while (began := time.perf_counter()) < end:
                status = client.ask(written).status
                latencies.append(time.perf_counter() - began)
                if status != 200:
                    wrong.append(status)

    threads = [threading.Thread(target=ask_again_and_again, daemon=True) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Crowd(clients, time.perf_counter() - began, tuple(latencies), len(wrong))
