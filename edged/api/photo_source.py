"""Photographs by address: off, unless whoever runs the centre names the hosts that they may come from.

A client that may name an address lets us speak to it, from within the house. So the host must be on the list by its
exact name, its address public, and the connection goes to the very address that was looked at; nothing is followed.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from socket import SOCK_STREAM
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

import anyio
import h11
from anyio import to_thread
from anyio.abc import ByteStream

from edged.api.public_address import is_public
from edged.domain.errors import Refused

MAX_FETCHED: Final = 10 * 1024 * 1024
"""Bytes of a photograph that is fetched, however many may be sent."""

_ALL_S: Final = 5.0
"""For everything: the name, the connection, and the last byte."""
_CONNECT_S: Final = 2.0
"""For one of several addresses."""
_MAX_URL: Final = 2048
_MAX_HEAD: Final = 16 * 1024
_MAX_ADDRESSES: Final = 16
_PORTS: Final = {"http": 80, "https": 443}
_PRINTABLE: Final = re.compile(r"[^\s\x00-\x20\x7f\\]+")


@cache
def _verifying() -> ssl.SSLContext:
    """With the system's authorities; reads them from the disk."""
    return ssl.create_default_context()


async def _resolve(host: str, port: int) -> Sequence[str]:
    return [str(found[4][0]) for found in await anyio.getaddrinfo(host, port, type=SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Network:
    """What an address leads to.

    Attributes:
        resolve: from a host and a port to addresses; raises OSError.
        may_reach: whether an address may be connected to.
        tls: verifies certificates; called on a worker thread.
        all_s: seconds that a photograph may take.
    """

    resolve: Callable[[str, int], Awaitable[Sequence[str]]] = _resolve
    may_reach: Callable[[str], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = _verifying
    all_s: float = _ALL_S


INTERNET: Final = Network()


@dataclass(frozen=True, slots=True)
class _Target:
    secure: bool
    host: str
    port: int
    authority: str
    path: str


async def fetch_photo(
    url: str, allowed_hosts: Collection[str], max_bytes: int = MAX_FETCHED, network: Network = INTERNET
) -> bytes:
    """Fetches a photograph, within 5 seconds in all; whether it is one nobody has looked.

    Args:
        allowed_hosts: exact names, in any case (`photos.example.org`), for http on port 80 and https on 443; with a
            port (`photos.example.org:8443`), for both on that port alone. None: nothing is fetched.
        max_bytes: at most `MAX_FETCHED` count.

    Raises:
        Refused: `url_off`: there are no allowed hosts; `url_forbidden`: this address is not allowed, its host leads to
            a machine that is not public, or the answer leads elsewhere; `url_unreachable`: it did not give a
            photograph in time; `too_large`.
    """
    if not allowed_hosts:
        raise Refused("url_off", "photographs are not fetched by address here", "Send the file itself")
    target = _target(url, allowed_hosts)
    limit = min(max_bytes, MAX_FETCHED)
    try:
        with anyio.fail_after(network.all_s):
            async with await _connected(target, network) as stream:
                return await _fetched(stream, target, limit)
    # ValueError: names that the resolver does not take, such as those with a label of 64 characters.
    except (
        OSError,
        ValueError,
        h11.RemoteProtocolError,
        anyio.BrokenResourceError,
        anyio.ClosedResourceError,
        anyio.EndOfStream,
    ) as error:
        raise _unreachable("it gave no photograph in time") from error


def _target(url: str, allowed_hosts: Collection[str]) -> _Target:
    if len(url) > _MAX_URL or not _PRINTABLE.fullmatch(url):
        raise _forbidden("it is too long, or has blanks or backslashes in it")
    try:
        parts = urlsplit(url)
        host, port = _host(parts), parts.port
    except ValueError as error:
        raise _forbidden("it is no address of a web server") from error
    usual = _PORTS.get(parts.scheme)
    if usual is None or not host:
        raise _forbidden("it is no address of a web server")
    if "@" in parts.netloc:
        raise _forbidden("it has a user name in it")
    port = usual if port is None else port
    allowed = {_entry(entry) for entry in allowed_hosts}
    if (host, port) not in allowed and not (port == usual and (host, None) in allowed):
        raise _forbidden("its host is not among those that photographs may come from")
    name = f"[{host}]" if ":" in host else host
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
    return _Target(parts.scheme == "https", host, port, name if port == usual else f"{name}:{port}", path + query)


def _entry(entry: str) -> tuple[str, int | None]:
    """An allowed host; one that is written wrong allows nothing."""
    try:
        parts = urlsplit(f"//{entry.strip()}")
        return _host(parts), parts.port
    except ValueError:
        return "", None


def _host(parts: SplitResult) -> str:
    """The host, lower-case, as it is asked of the resolver."""
    host = parts.hostname or ""
    return host if host.isascii() else host.encode("idna").decode("ascii").lower()


async def _connected(target: _Target, network: Network) -> ByteStream:
    addresses = await network.resolve(target.host, target.port)
    if not addresses:
        raise _unreachable("its host has no address")
    if len(addresses) > _MAX_ADDRESSES or not all(network.may_reach(address) for address in addresses):
        raise _forbidden("its host is not a machine of the public internet")
    context = await to_thread.run_sync(network.tls) if target.secure else None
    *first, last = dict.fromkeys(addresses)
    for address in first:
        with anyio.move_on_after(_CONNECT_S):
            try:
                return await _open(address, target, context)
            except OSError:
                continue
    return await _open(last, target, context)


async def _open(address: str, target: _Target, context: ssl.SSLContext | None) -> ByteStream:
    if context is None:
        return await anyio.connect_tcp(address, target.port)
    return await anyio.connect_tcp(
        address,
        target.port,
        tls=True,
        ssl_context=context,
        tls_hostname=target.host,
        # Many servers hang up without a goodbye; a photograph that was cut short is noticed when it is decoded.
        tls_standard_compatible=False,
    )


async def _fetched(stream: ByteStream, target: _Target, limit: int) -> bytes:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
    headers = {
        "Host": target.authority,
        "Accept": "image/jpeg, image/png, image/webp",
        "Accept-Encoding": "identity",
        "User-Agent": "edged",
        "Connection": "close",
    }
    request = h11.Request(method="GET", target=target.path, headers=list(headers.items()))
    await stream.send((connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b""))
    content = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await _received(stream))
        elif isinstance(event, h11.Response):
            _check_answer(event, limit)
        elif isinstance(event, h11.Data):
            content += event.data
            if len(content) > limit:
                raise _too_large(limit)
        elif isinstance(event, h11.EndOfMessage):
            return bytes(content)
        elif isinstance(event, h11.ConnectionClosed):
            raise _unreachable("it gave no answer")


async def _received(stream: ByteStream) -> bytes:
    """The next bytes; none at the end."""
    try:
        return await stream.receive()
    except anyio.EndOfStream:
        return b""


def _check_answer(answer: h11.Response, limit: int) -> None:
    if answer.status_code in range(300, 400):
        raise _forbidden("it leads elsewhere")
    if answer.status_code != 200:
        raise _unreachable(f"its server answered {answer.status_code}")
    length = dict(answer.headers).get(b"content-length", b"0")
    if int(length) > limit:
        raise _too_large(limit)


def _forbidden(why: str) -> Refused:
    return Refused("url_forbidden", f"this address of a photograph is not allowed: {why}", "Send the file itself")


def _unreachable(why: str) -> Refused:
    return Refused("url_unreachable", f"the photograph could not be fetched: {why}", "Send the file itself")


def _too_large(limit: int) -> Refused:
    return Refused("too_large", "the photograph at this address is too large", f"At most {limit:,} bytes are fetched")
