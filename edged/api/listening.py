"""Where a server of ours listens, by what certificate, and who minds its signals."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from edged.domain.errors import EdgedError, Refused, Unavailable


@dataclass(frozen=True, slots=True)
class Place:
    """What is served, for people who have to mend its settings.

    Attributes:
        name: in words (`the page`); section: of the configuration, where address and certificate are set.
        new_pair: how one gets a certificate and its key, a clause; may be empty.
    """

    name: str
    section: str
    new_pair: str = ""

    def listen(
        self, host: str, port: int, *, backlog: int, stall_s: float, send_buffer: int | None = None
    ) -> socket.socket:
        """A socket that listens; port 0 lets the system choose.

        Args:
            host: an address or a name; `::` is all addresses of both families.
            backlog: so many connections may wait to be accepted.
            stall_s: a reader that takes nothing for so long is cut off.
            send_buffer: bytes that the kernel takes over for a reader; None: as it likes.

        Raises:
            Unavailable: the port is taken, or the address is not (yet) one of this machine.
            Refused: `bad_address`, `not_permitted`.
        """
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listener = socket.socket(family, kind, protocol)
        except OSError as error:
            raise self._translated(error, host, port) from error
        try:
            # Accepted connections inherit these. The kernel gives up on a reader when data could not be handed over
            # for so long (tcp(7)).
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(stall_s * 1000))
            if send_buffer is not None:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
            if family == socket.AF_INET6 and host == "::":
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind(address)
            listener.listen(backlog)
        except OSError as error:
            listener.close()
            raise self._translated(error, host, port) from error
        return listener

    def context(self, certificate: Path, key: Path) -> ssl.SSLContext:
        """TLS 1.2 and later with this certificate; raises as `load`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.load(context, certificate, key)
        return context

    def load(self, context: ssl.SSLContext, certificate: Path, key: Path) -> None:
        """Takes a certificate and its key, PEM, for the connections to come.

        Raises:
            Unavailable: one of them cannot be read.
            Refused: `bad_certificate`.
        """
        for path in (certificate, key):
            try:
                path.open("rb").close()
            except OSError as error:
                raise Unavailable(
                    f"{path} cannot be read: {error.strerror}",
                    f"Look at {self.section}.certificate and {self.section}.key",
                ) from error
        try:
            context.load_cert_chain(certificate, key, password=lambda: b"")
        except (ssl.SSLError, ValueError) as error:
            raise Refused(
                "bad_certificate",
                f"{certificate} and {key} are no certificate and its key, without a password",
                f"Give a pair that belongs together, PEM{self.new_pair}",
            ) from error

    def _translated(self, error: OSError, host: str, port: int) -> EdgedError:
        where, section = f"{host}:{port}", self.section
        if isinstance(error, socket.gaierror):
            return Refused(
                "bad_address", f"{self.name} cannot listen on {host}: no such address", f"Correct {section}.listen"
            )
        if error.errno == errno.EADDRINUSE:
            return Unavailable(
                f"{self.name} cannot listen on {where}: another program does",
                f"Stop that program or change {section}.port",
            )
        if error.errno == errno.EACCES:
            return Refused(
                "not_permitted",
                f"{self.name} may not listen on {where}",
                f"Set {section}.port to a number from 1024 on",
            )
        return Unavailable(
            f"{self.name} cannot listen on {where}: {error.strerror}", f"Look at {section}.listen and {section}.port"
        )


class Unsignalled(uvicorn.Server):
    """uvicorn's server, which leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
