"""The pictures in a multipart stream, as cameras send them (RFC 2046 section 5.1, read leniently)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_MAX_PART: Final = 16 * 1024 * 1024
_MAX_LINE: Final = 8192
_MAX_HEADERS: Final = 50


class Parts:
    """Takes a stream apart into its parts' bodies.

    Cameras disagree on the boundary that they announce, so the first line that begins with two dashes is taken for it.
    A part is as long as its Content-Length says; without one it ends where the next begins.

    Args:
        receive: blocks until some bytes are there, returns at most the number asked for, and none at the end.
    """

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._ahead = bytearray()
        self._boundary = b"--"

    def next_body(self) -> bytes:
        """The body of the next part. Blocks as `receive` does.

        Raises:
            EOFError: the stream ended.
            ValueError: a part or one of its headers is larger than any camera's, or not understood.
        """
        line = self._line()
        while not line.startswith(self._boundary):
            line = self._line()
        self._boundary = line
        length = self._length()
        return self._upto_boundary() if length is None else self._exactly(length)

    def _length(self) -> int | None:
        """Read a part's headers; what they say of its length."""
        length = None
        for _ in range(_MAX_HEADERS):
            name, _, value = self._line().partition(b":")
            if not name:
                return length
            if name.strip().lower() == b"content-length":
                length = int(value)
        raise ValueError("too many headers")

    def _line(self) -> bytes:
        """The next line, without the white space around it."""
        end = self._find(b"\n", _MAX_LINE)
        return self._exactly(end + 1).strip()

    def _upto_boundary(self) -> bytes:
        return self._exactly(self._find(b"\n" + self._boundary, _MAX_PART) + 1)

    def _find(self, wanted: bytes, most: int) -> int:
        """Where the wanted bytes begin, within the next `most`."""
        looked = 0
        while (at := self._ahead.find(wanted, looked, most)) < 0:
            if len(self._ahead) >= most:
                raise ValueError("a part or a line of it is too long")
            looked = max(0, len(self._ahead) - len(wanted))
            self._more()
        return at

    def _exactly(self, count: int) -> bytes:
        if not 0 <= count <= _MAX_PART:
            raise ValueError(f"a part of {count} bytes")
        while len(self._ahead) < count:
            self._more()
        taken = bytes(self._ahead[:count])
        del self._ahead[:count]
        return taken

    def _more(self) -> None:
        received = self._receive(65536)
        if not received:
            raise EOFError
        self._ahead += received
