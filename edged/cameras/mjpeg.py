"""Network cameras that send one JPEG after the other over HTTP.

Read with the standard library, not FFmpeg: frames nobody looks at stay JPEG, timeouts hold, and a refusal has a reason.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Final
from urllib.parse import SplitResult, quote

from edged.cameras.address import parsed, public_url
from edged.cameras.capture import Clock
from edged.cameras.credentials import Credentials
from edged.cameras.multipart import Parts
from edged.cameras.picture import decode
from edged.cameras.reach import unreachable, unwelcome
from edged.cameras.view import view
from edged.config.cameras import MjpegCamera
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Image

_AS_IT_IS: Final = "/?=&%:+,;@!$'()*~[]"
_UNAUTHORIZED: Final = 401


class MjpegCapture:
    """A motion-JPEG stream. `grab` keeps the JPEG, `retrieve` decodes it."""

    def __init__(self, settings: MjpegCamera, connection: socket.socket, response: HTTPResponse, clock: Clock) -> None:
        self._settings = settings
        self._shown = public_url(settings.url.get_secret_value())
        self._connection = connection
        self._response = response
        self._clock = clock
        self._parts = Parts(self._receive)
        self._until = clock()
        self._jpeg = b""

    def grab(self) -> None:
        self._until = self._clock() + self._settings.stall_s
        try:
            self._jpeg = self._parts.next_body()
        except TimeoutError:
            raise Unavailable(
                f"{self._shown}: no frame within {self._settings.stall_s:g} s",
                "Check the camera and the network between.",
            ) from None
        except (OSError, HTTPException, EOFError):
            raise Unavailable(
                f"{self._shown}: the stream broke off", "Look at the camera's own log if it stays so."
            ) from None
        except ValueError:
            raise Unavailable(
                f"{self._shown}: the stream is not motion JPEG", "Look up the path in the camera's manual."
            ) from None

    def _receive(self, most: int) -> bytes:
        self._connection.settimeout(_left(self._clock, self._until))
        return self._response.read1(most)

    def retrieve(self) -> Image:
        try:
            return view(decode(self._jpeg), self._settings)
        except Refused as refusal:
            raise Unavailable(f"{self._shown}: {refusal.what}", "Look at the camera's picture settings.") from None

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def interrupt(self) -> None:
        # An encrypted socket's own shutdown() would take its encryption away from under the reader.
        with suppress(OSError):
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)


def open_mjpeg(settings: MjpegCamera, *, clock: Clock) -> MjpegCapture:
    """Connect and ask for the stream, with user and password only where the camera wants them.

    Raises:
        Unavailable: it cannot be reached, wants another password, or sends something else.
    """
    address = parsed(settings.url.get_secret_value(), "http", "https")
    shown = public_url(address.geturl())
    try:
        connection, response = _request(address, clock, clock() + settings.open_timeout_s)
    except OSError as error:
        raise unreachable(shown, error) from None
    except HTTPException:
        raise Unavailable(
            f"{shown}: whatever answers there does not speak HTTP", "Check the address and the port."
        ) from None
    problem = _problem(shown, response)
    if problem:
        response.close()
        connection.close()
        raise problem
    return MjpegCapture(settings, connection, response, clock)


def _problem(shown: str, response: HTTPResponse) -> Unavailable | None:
    """What is wrong with the answer, if anything."""
    if response.status != 200:
        return unwelcome(shown, response.status)
    if response.headers.get_content_maintype() != "multipart":
        return Unavailable(
            f"{shown}: the camera sends {response.headers.get_content_type()[:60]!a}, not a motion-JPEG stream",
            "Look up the path of the MJPEG stream in the camera's manual.",
        )
    return None


def _request(address: SplitResult, clock: Clock, until: float) -> tuple[socket.socket, HTTPResponse]:
    """The answer to the request, made again where the camera asks for user and password.

    Raises:
        OSError, HTTPException: as the connection does.
    """
    connection, response = _get(address, clock, until, {})
    credentials = Credentials.of(address)
    if response.status != _UNAUTHORIZED or not credentials:
        return connection, response
    answer = credentials.answer(response.headers.get_all("WWW-Authenticate", []), "GET", _target(address))
    if not answer:
        return connection, response
    response.close()
    connection.close()
    return _get(address, clock, until, {"Authorization": answer.encode()})


def _get(
    address: SplitResult, clock: Clock, until: float, headers: dict[str, bytes]
) -> tuple[socket.socket, HTTPResponse]:
    host = address.hostname or ""
    timeout_s = _left(clock, until)
    if address.scheme == "http":
        http = HTTPConnection(host, address.port, timeout=timeout_s)
    else:
        http = HTTPSConnection(host, address.port, timeout=timeout_s, context=ssl.create_default_context())
    http.connect()
    connection: socket.socket = http.sock
    try:
        connection.settimeout(_left(clock, until))
        http.request("GET", _target(address), headers=headers)
        return connection, http.getresponse()
    except (OSError, HTTPException):
        connection.close()
        raise


def _left(clock: Clock, until: float) -> float:
    """Seconds left, for a socket's timeout.

    Raises:
        TimeoutError: none are.
    """
    left_s = until - clock()
    if left_s <= 0:
        raise TimeoutError
    return left_s


def _target(address: SplitResult) -> str:
    query = f"?{address.query}" if address.query else ""
    return quote((address.path or "/") + query, safe=_AS_IT_IS)
