"""MJPEG cameras of several makes, one a path, for the tests."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

import cv2

from tests.cameras.pictures import coloured

USER: Final = "admin"
PASSWORD: Final = "p@ss:wörd"


def jpeg(number: int) -> bytes:
    """A grey picture whose brightness tells its number."""
    return bytes(cv2.imencode(".jpg", coloured((number * 20,) * 3))[1])


class MjpegHandler(BaseHTTPRequestHandler):
    """Answers like a camera. The path says which."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""

    def do_GET(self) -> None:
        cameras: dict[str, Callable[[], None]] = {
            "/plain": self._plain,
            "/chunked": self._chunked,
            "/lengthless": self._lengthless,
            "/stalls": self._stalls,
            "/bomb": self._bomb,
            "/endless": self._endless,
            "/one.jpg": self._still,
            "/basic": lambda: self._guarded('Basic realm="camera"', self._knows_basic),
            "/digest": lambda: self._guarded('Digest realm="camera", nonce="n0nce", qop="auth"', self._knows_digest),
            "/moved": lambda: self._refuse(302),
            "/busy": lambda: self._refuse(503),
        }
        camera = cameras.get(self.path.partition("?")[0], lambda: self._refuse(404))
        try:
            camera()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _begin(self, **headers: str) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _part(self, picture: bytes) -> bytes:
        return b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(picture), picture)

    def _plain(self) -> None:
        self._begin()
        for number in range(1, 6):
            self.wfile.write(self._part(jpeg(number)))

    def _chunked(self) -> None:
        """As the web server of the ESP32 does, in pieces that respect no frame."""
        self._begin(Transfer_Encoding="chunked")
        stream = b"".join(self._part(jpeg(number)) for number in range(1, 6))
        for at in range(0, len(stream), 700):
            piece = stream[at : at + 700]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _lengthless(self) -> None:
        self._begin()
        for number in range(1, 6):
            self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg(number) + b"\r\n")
        self.wfile.write(b"--frame--\r\n")

    def _stalls(self) -> None:
        """One picture and half of another; then the line is open, and silent."""
        self._begin()
        self.wfile.write(self._part(jpeg(1)) + self._part(jpeg(2))[:200])
        self.rfile.read(1)  # returns when the other side has closed

    def _bomb(self) -> None:
        """A JPEG whose header claims 65,000 × 65,000 pixels."""
        picture = bytearray(jpeg(1))
        at = picture.index(b"\xff\xc0")
        picture[at + 5 : at + 9] = (65000).to_bytes(2, "big") * 2
        self._begin()
        self.wfile.write(self._part(bytes(picture)))

    def _endless(self) -> None:
        """A picture that says it has 4 GB."""
        self._begin()
        self.wfile.write(b"--frame\r\nContent-Length: 4294967296\r\n\r\n" + bytes(1000))

    def _still(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.end_headers()
        self.wfile.write(jpeg(1))

    def _guarded(self, challenge: str, knows: Callable[[str], bool]) -> None:
        if knows(self.headers.get("Authorization", "")):
            self._plain()
        else:
            self._refuse(401, challenge)

    def _knows_basic(self, answer: str) -> bool:
        return answer == "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    def _knows_digest(self, answer: str) -> bool:
        """Worked out here a second time, straight from RFC 2617's formula."""
        told = dict(item.split("=", 1) for item in answer.removeprefix("Digest ").split(", ") if "=" in item)
        told = {name: value.strip('"') for name, value in told.items()}
        if told.keys() < {"username", "response", "cnonce", "nc"}:
            return False

        def md5(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        one, two = md5(f"{USER}:camera:{PASSWORD}"), md5(f"GET:{self.path}")
        return told["response"] == md5(f"{one}:n0nce:{told['nc']}:{told['cnonce']}:auth:{two}")

    def _refuse(self, status: int, challenge: str = "") -> None:
        self.close_connection = True
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.end_headers()
