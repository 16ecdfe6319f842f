"""A relay that is asked over HTTP, as Shelly and Tasmota have.

Only the first line of the answer is read, so the request is written by hand: a deadline for all of it together, which
the standard library's client has not (its timeout is for one read, and a relay may send a byte at a time).
"""

from __future__ import annotations

import base64
import math
import re
import socket
import ssl
import time
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from edged.domain.errors import Refused, Unavailable
from edged.doors.plan import RelayPlan
from edged.doors.relay import TIMEOUT_S

_MOST_BYTES: Final = 4096
_SECONDS: Final = "{seconds}"
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?\r?\n")
_SAYABLE: Final = re.compile(r"[\x21-\x7e]{1,2048}")


class HttpRelay:
    """See `Relay`. One connection a word; no redirect is followed; what the relay says besides is not read.

    Raises:
        Refused: `bad_address`, `bad_certificate`.
    """

    check_s = 10.0

    def __init__(self, plan: RelayPlan) -> None:
        self._method = plan.method
        self._on = plan.on_url
        self._off = plan.off_url
        addresses = [_split(url) for url in (self._url_for(1.0), self._off)]
        self._context = _context(plan.ca_file) if any(url.scheme == "https" for url in addresses) else None
        self._found: dict[tuple[str, int], tuple[str, int]] = {}

    def on(self, seconds: float) -> None:
        """See `Relay.on`."""
        self._ask(_split(self._url_for(seconds)))

    def off(self) -> None:
        """See `Relay.off`."""
        self._ask(_split(self._off))

    def check(self) -> None:
        """See `Relay.check`: whether anybody listens there."""
        self._found.clear()
        deadline = time.monotonic() + TIMEOUT_S
        url = _split(self._off)
        try:
            self._connected(url, deadline).close()
        except OSError as error:
            raise self._away(url, error) from None

    def close(self) -> None:
        """See `Relay.close`: nothing stands open."""

    def _url_for(self, seconds: float) -> str:
        return self._on.replace(_SECONDS, str(math.ceil(seconds)))

    def _ask(self, url: SplitResult) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        try:
            with self._connected(url, deadline) as line:
                line.sendall(self._request(url))
                status = _status(line, deadline)
        except OSError as error:
            raise self._away(url, error) from None
        if status is None:
            raise Unavailable(f"what listens at {url.hostname} speaks no HTTP")
        if not 200 <= status < 300:
            raise Refused("relay_refused", f"the relay at {url.hostname} answered {status}", "Is the address right?")

    def _connected(self, url: SplitResult, deadline: float) -> socket.socket:
        where = (url.hostname or "", url.port or (443 if url.scheme == "https" else 80))
        # A name is looked up once, and again by `check`: a door must not wait for a name server.
        line = socket.create_connection(self._found.get(where, where), timeout=_left(deadline))
        self._found[where] = line.getpeername()[:2]
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.settimeout(_left(deadline))
        if url.scheme != "https" or self._context is None:
            return line
        try:
            return self._context.wrap_socket(line, server_hostname=url.hostname)
        except OSError:
            line.close()
            raise

    def _request(self, url: SplitResult) -> bytes:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        host = url.netloc.rpartition("@")[2]
        lines = [f"{self._method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", "Content-Length: 0"]
        if url.username is not None:
            login = f"{unquote(url.username)}:{unquote(url.password or '')}"
            lines.append(f"Authorization: Basic {base64.b64encode(login.encode()).decode()}")
        return "\r\n".join([*lines, "", ""]).encode()

    def _away(self, url: SplitResult, error: OSError) -> Unavailable:
        why = "it does not answer in time" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return Unavailable(f"the relay at {url.hostname} cannot be reached: {why}")


def _status(line: socket.socket, deadline: float) -> int | None:
    """The number in the first line of the answer; None where it is no answer."""
    said = b""
    while b"\n" not in said and len(said) < _MOST_BYTES:
        line.settimeout(_left(deadline))
        part = line.recv(_MOST_BYTES - len(said))
        if not part:
            break
        said += part
    match = _STATUS.match(said)
    return int(match[1]) if match else None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _split(text: str) -> SplitResult:
    """Never quotes it: an address may hold a password."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        url, port = urlsplit(""), None
    if not _SAYABLE.fullmatch(text) or url.scheme not in {"http", "https"} or not url.hostname or port == 0:
        raise Refused("bad_address", "the address of an http relay cannot be used", "http://HOST/PATH, without spaces")
    return url


def _context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise Refused("bad_certificate", f"cannot use relay.ca_file {ca_file} ({error.strerror or error})") from error
