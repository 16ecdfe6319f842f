"""Network cameras that speak RTSP, read by OpenCV's FFmpeg."""

from __future__ import annotations

import os
import socket
import ssl
from typing import Final
from urllib.parse import SplitResult

import cv2
import numpy as np

from edged.cameras.address import parsed, public_url
from edged.cameras.capture import Clock
from edged.cameras.credentials import Credentials
from edged.cameras.ffmpeg import open_ffmpeg
from edged.cameras.reach import unreachable, unwelcome
from edged.cameras.view import view
from edged.config.cameras import RtspCamera
from edged.domain.errors import Unavailable
from edged.domain.frame import Image

_PORTS: Final = {"rtsp": 554, "rtsps": 322}
_OPTIONS: Final = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
"""OpenCV takes FFmpeg's options from this environment variable alone, so for the whole process, and reads it as it
opens. Both values below therefore allow both transports and differ only in which is tried first: if two cameras are
opened at the same instant and one gets the other's value, it still connects, over its second choice. `fpsprobesize`
keeps FFmpeg from watching the stream for its frame rate first: it opens in 0.6 s instead of 2 s."""
_TRANSPORTS: Final = {"tcp": "rtsp_flags;prefer_tcp|fpsprobesize;0", "udp": "rtsp_transport;udp+tcp|fpsprobesize;0"}
os.environ.setdefault(_OPTIONS, _TRANSPORTS["tcp"])  # see ffmpeg.py
_DIAGNOSIS_S: Final = 2.0
"""What is kept of the time for opening, to find out why it failed."""
_HEAD_BYTES: Final = 8192


class RtspCapture:
    """An RTSP stream. FFmpeg decodes while it grabs, one frame after the other on one thread: with more threads it
    would hand out each frame as many frames later. Colour conversion waits for `retrieve`.
    """

    def __init__(self, settings: RtspCamera, stream: cv2.VideoCapture) -> None:
        self._settings = settings
        self._stream = stream

    def grab(self) -> None:
        if not self._stream.grab():
            shown = public_url(self._settings.url.get_secret_value())
            raise Unavailable(
                f"{shown}: no frame within {self._settings.stall_s:g} s, or the stream ended",
                "Check the camera and the network between.",
            )

    def retrieve(self) -> Image:
        decoded, image = self._stream.retrieve()
        if not decoded:
            raise Unavailable(f"{public_url(self._settings.url.get_secret_value())}: a frame cannot be decoded")
        return view(np.asarray(image, dtype=np.uint8), self._settings)

    def close(self) -> None:
        self._stream.release()

    def interrupt(self) -> None:
        """Nothing can be done: FFmpeg gives up by itself after `stall_s`."""

    def skip_backlog(self, clock: Clock, until: float) -> None:
        """Grab what piled up while the stream was being opened, up to the first frame that had to be waited for.

        Stream time runs ahead of the clock as long as there is a backlog.
        """
        self.grab()
        before, position = clock(), self._position()
        while before < until:
            self.grab()
            now, reached = clock(), self._position()
            if now - before >= 0.5 * (reached - position):
                return
            before, position = now, reached

    def _position(self) -> float:
        """Stream time of the frame last grabbed, seconds."""
        return self._stream.get(cv2.CAP_PROP_POS_MSEC) / 1000


def open_rtsp(settings: RtspCamera, *, clock: Clock) -> RtspCapture:
    """Connect, and read up to the first live frame. With rtsps, FFmpeg does not look at the camera's certificate.

    Raises:
        Unavailable: with the reason a second, plain connection was given, because FFmpeg tells none.
    """
    url = settings.url.get_secret_value()
    address = parsed(url, *_PORTS)
    until = clock() + settings.open_timeout_s
    connect_s = max(settings.open_timeout_s - _DIAGNOSIS_S, settings.open_timeout_s / 2)
    os.environ[_OPTIONS] = _TRANSPORTS[settings.transport]
    stream = open_ffmpeg(
        url,
        {
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: connect_s * 1000,
            # A stalled stream is noticed after two of these: one ends the reading, one the attempt to go on.
            cv2.CAP_PROP_READ_TIMEOUT_MSEC: settings.stall_s * 500,
            cv2.CAP_PROP_N_THREADS: 1,
        },
    )
    if stream is None:
        raise _reason(address, clock)
    capture = RtspCapture(settings, stream)
    try:
        capture.skip_backlog(clock, until)
    except Unavailable:
        capture.close()
        raise
    return capture


def _reason(address: SplitResult, clock: Clock) -> Unavailable:
    """Why FFmpeg could not open the stream: what the camera itself says to a DESCRIBE request (RFC 2326, 10.2)."""
    shown = public_url(address.geturl())
    try:
        status = _describe(address, clock)
    except OSError as error:
        return unreachable(shown, error)
    except ValueError:
        return Unavailable(f"{shown}: whatever answers there does not speak RTSP", "Check the address and the port.")
    if status == 200:
        return Unavailable(
            f"{shown}: the camera answers but sends no video that can be read",
            "Set the camera to H.264 or H.265, and check that the network lets its stream through.",
        )
    return unwelcome(shown, status)


def _describe(address: SplitResult, clock: Clock) -> int:
    """The status a camera answers DESCRIBE with, asked again with user and password where it wants them.

    Raises:
        OSError: it cannot be reached, or not within two seconds.
        ValueError: the answer is not RTSP.
    """
    until = clock() + _DIAGNOSIS_S
    host, port = address.hostname or "", address.port or _PORTS[address.scheme]
    uri = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()
    credentials = Credentials.of(address)
    with socket.create_connection((host, port), timeout=_DIAGNOSIS_S) as plain, _secured(plain, address) as connection:
        status, challenges = _ask(connection, f"DESCRIBE {uri} RTSP/1.0\r\nCSeq: 1\r\n\r\n", clock, until)
        answer = credentials.answer(challenges, "DESCRIBE", uri) if credentials and status == 401 else None
        if answer:
            again = f"DESCRIBE {uri} RTSP/1.0\r\nCSeq: 2\r\nAuthorization: {answer}\r\n\r\n"
            status, _ = _ask(connection, again, clock, until)
    return status


def _secured(connection: socket.socket, address: SplitResult) -> socket.socket:
    """The connection as the scheme asks for it; like FFmpeg, without a look at the certificate."""
    if address.scheme == "rtsp":
        return connection
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname=address.hostname)


def _ask(connection: socket.socket, request: str, clock: Clock, until: float) -> tuple[int, list[str]]:
    """Status and challenges of the answer to one request."""
    connection.sendall(request.encode())
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD_BYTES:
        left_s = until - clock()
        if left_s <= 0:
            raise TimeoutError
        connection.settimeout(left_s)
        received = connection.recv(_HEAD_BYTES)
        if not received:
            break
        head += received
    first, *headers = head.decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    if not version.startswith("RTSP/"):
        raise ValueError("not an RTSP answer")
    challenges = [value for name, _, value in (line.partition(":") for line in headers) if name == "WWW-Authenticate"]
    return int(rest.partition(" ")[0]), challenges
