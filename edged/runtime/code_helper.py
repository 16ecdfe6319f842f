"""The helper that reads QR codes, a process of its own: `python -m edged.runtime.code_helper SOCKET`.

Whoever stands at a door decides what its camera sees, and OpenCV's decoder corrupts the heap at some pictures. Here
that ends nothing but this process, which holds no door, no key and no person.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Final

import numpy as np

from edged.vision.qr import LONG_SIDE, MOST, QrReader

HEAD: Final = struct.Struct("<II")
"""Before a picture: its height and width. One byte a pixel follows."""
LENGTH: Final = struct.Struct("<H")
"""Before an answer: how many bytes of UTF-8 follow."""
MOST_BYTES: Final = 4 * MOST
"""An answer's."""


def received(line: socket.socket, size: int) -> bytes:
    """Exactly so many bytes; raises EOFError where the other end goes away before."""
    data = bytearray()
    while len(data) < size:
        piece = line.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def main(descriptor: int) -> None:
    """Reads codes until the daemon goes away."""
    reader = QrReader()
    with socket.socket(fileno=descriptor) as line:
        try:
            while True:
                height, width = HEAD.unpack(received(line, HEAD.size))
                if max(height, width) > LONG_SIDE:
                    return
                grey = np.frombuffer(received(line, height * width), np.uint8).reshape(height, width)
                text = reader.read(grey).encode()
                line.sendall(LENGTH.pack(len(text)) + text)
        except (EOFError, OSError):
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
