"""The line to one centre: requests in, checked answers out. The one importer of httpx."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote, urlsplit

import httpcore
import httpx
from pydantic import BaseModel, ValidationError

from edged.central.cable import Allowance, Cable, Traffic
from edged.central.reach import NoCentre, unreachable, unwelcome, wrong_content
from edged.domain.errors import Refused, Unavailable

_Document = TypeVar("_Document", bound=BaseModel)

MOST_JSON: Final = 8 * 2**20
MOST_PICTURE: Final = 10 * 2**20
MOST_FILE: Final = 16 * 2**20
"""Of a photograph as it came: as much as a device takes."""
"""Bytes of an answer."""
_MOST_ERROR: Final = 64 * 1024
_CONNECT_S: Final = 5.0
_SILENCE_S: Final = 15.0
"""So long nothing may come or go."""
_WHOLE_S: Final = 60.0
"""So long a request may take with its answer."""
_IDLE_S: Final = 300.0
"""A connection that was not used for longer is not used again."""
_BITS: Final = 1000 / 8
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,4096}")


class TooLong(Unavailable):
    """The answer is longer than it may be: ask for less at once."""


class Line:
    """A connection to one address that is kept open; one thread at a time.

    Every method that asks blocks: for 5 s until the connection stands, for a minute altogether, and for as long again
    as the bandwidth demands. It raises what `edged.central.port.Centre` says, in words that do not hold the token, and
    follows no redirect.

    Args:
        url: the centre's address, https, or http on this machine; a path in it stands before every path.
        token: what it lets the device in by; scheme: as its dialect writes the header.
        ca_file: the authority that signed its certificate; the system's own where None.
        max_kbit_s: the bandwidth that may be taken; 0: any.
        now: seconds of a clock that never goes back; sleep: waits so many seconds, or less.

    Raises:
        Refused: `bad_token`: no token looks like that; `untrusted_centre`: `ca_file` cannot be read.

    Attributes:
        name: host and port; url: the address without a slash at its end; traffic: what has gone through so far.
    """

    def __init__(
        self,
        url: str,
        token: str,
        scheme: Literal["Bearer", "Token"],
        *,
        ca_file: Path | None = None,
        max_kbit_s: float = 0,
        now: Callable[[], float],
        sleep: Callable[[float], object],
    ) -> None:
        if not _TOKEN.fullmatch(token):
            raise Refused("bad_token", "no token looks like the one that is set", "Look at central.token.")
        address = urlsplit(url)
        self.name = address.netloc
        self.traffic = Traffic()
        self._origin = f"{address.scheme}://{address.netloc}"
        self._base = address.path.rstrip("/")
        self.url = self._origin + self._base
        self._token = token
        self._headers = {"authorization": f"{scheme} {token}", "accept": "*/*", "accept-encoding": "identity"}
        self._cable = Cable(self.traffic, Allowance(max_kbit_s * _BITS, now, sleep), now)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(ca_file) if address.scheme == "https" else None,
            max_connections=1,
            keepalive_expiry=_IDLE_S,
            network_backend=self._cable,
        )

    def get_json(self, path: str, kind: type[_Document], query: Mapping[str, str | int] | None = None) -> _Document:
        """What is there, read and checked as a whole. Raises TooLong above 8 MiB."""
        return self._read(kind, self._ask(self._request("GET", path, params=query), MOST_JSON))

    def put_json(self, path: str, document: object, kind: type[_Document]) -> _Document:
        """The answer to a document that takes the place of what is there."""
        return self._read(kind, self._ask(self._with_json("PUT", path, document), MOST_JSON))

    def post_json(self, path: str, document: object) -> None:
        """Hands a document in; what is answered does not matter."""
        self._ask(self._with_json("POST", path, document), MOST_JSON)

    def send_form(
        self,
        method: Literal["POST", "PUT"],
        path: str,
        kind: type[_Document],
        fields: Mapping[str, str],
        file: tuple[str, str, bytes] | None = None,
    ) -> _Document:
        """The answer to a form, as multipart.

        Args:
            file: the field, the name of the file, and a JPEG; None: there is none.
        """
        texts = {name: (None, text) for name, text in fields.items()}
        files = {file[0]: (file[1], file[2], "image/jpeg")} if file else {}
        return self._read(kind, self._ask(self._request(method, path, files={**texts, **files}), MOST_JSON))

    def put_bytes(self, path: str, content: bytes) -> None:
        """Puts a file there; what is answered does not matter."""
        request = self._request("PUT", path, content=content)
        request.headers["content-type"] = "application/octet-stream"
        self._ask(request, MOST_JSON)

    def delete(self, path: str) -> None:
        """Has something deleted. Raises Refused `not_found` where it is not there."""
        self._ask(self._request("DELETE", path), MOST_JSON)

    def delete_for(self, path: str, kind: type[_Document]) -> _Document:
        """What is said of something that is deleted, or was. Raises Refused `not_found` where it never was there."""
        return self._read(kind, self._ask(self._request("DELETE", path), MOST_JSON))

    def get_bytes(self, path: str, most: int = MOST_PICTURE) -> bytes:
        """A picture; nothing says that it is one. Raises Refused `too_large` where it has more bytes."""
        return self._picture(self._request("GET", path), most)

    def get_linked(self, url: str) -> bytes:
        """A picture as `get_bytes`, by an address that the centre gave: a whole one, or a path from the root.

        Raises:
            Refused: `foreign_address`: it is not on the centre's own host; nothing was sent there. `no_picture`: there
                is none at it.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            raise Refused("no_picture", "the centre points to no address for a photograph") from None
        root = f"{parts.scheme}://{parts.netloc}" if parts.scheme or parts.netloc else self._origin
        if root.lower() != self._origin.lower() or not parts.path.startswith("/"):
            raise Refused("foreign_address", "the centre points to another host for a photograph")
        query = f"?{parts.query}" if parts.query else ""
        try:
            request = httpx.Request("GET", self._origin + parts.path + query, headers=self._headers)
            return self._picture(request, MOST_PICTURE)
        except httpx.InvalidURL:
            raise Refused("no_picture", "the centre points to no address for a photograph") from None
        except NoCentre as error:
            raise Refused("no_picture", error.what) from None

    def close(self) -> None:
        """Hangs up; a later request connects anew."""
        self._pool.close()

    def _request(self, method: str, path: str, **content: Any) -> httpx.Request:
        return httpx.Request(method, self.url + path, headers=self._headers, **content)

    def _picture(self, request: httpx.Request, most: int) -> bytes:
        try:
            return self._ask(request, most)
        except TooLong as error:
            raise Refused("too_large", error.what) from None

    def _with_json(self, method: str, path: str, document: object) -> httpx.Request:
        body = document.model_dump_json() if isinstance(document, BaseModel) else json.dumps(document, allow_nan=False)
        request = self._request(method, path, content=body.encode())
        request.headers["content-type"] = "application/json"
        return request

    def _ask(self, request: httpx.Request, most_bytes: int) -> bytes:
        with self._answer(request) as answer:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            if not 200 <= answer.status < 300:
                body = b"".join(_pieces(answer, _MOST_ERROR))
                raise unwelcome(self.name, answer.status, headers, body[:_MOST_ERROR], self._token)
            if headers.get("content-encoding", "identity").lower() != "identity":
                raise wrong_content(self.name, "it is compressed, which was not asked for")
            length = headers.get("content-length", "")
            body = b"" if length.isdigit() and int(length) > most_bytes else b"".join(_pieces(answer, most_bytes))
            if len(body) > most_bytes or (length.isdigit() and int(length) > most_bytes):
                raise TooLong(f"{self.name} sends more than {most_bytes:,} bytes at once", "Ask for less at once.")
        return body

    @contextmanager
    def _answer(self, request: httpx.Request) -> Iterator[httpcore.Response]:
        """The beginning of an answer; the rest of it is thrown away when the block ends."""
        self._cable.allow(_WHOLE_S)
        self.traffic.requests += 1
        timeout = {"connect": _CONNECT_S, "read": _SILENCE_S, "write": _SILENCE_S, "pool": _CONNECT_S}
        try:
            with self._pool.stream(
                request.method,
                str(request.url),
                headers=request.headers.raw,
                content=request.read(),
                extensions={"timeout": timeout},
            ) as answer:
                yield answer
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise unreachable(self.name, error) from None

    def _read(self, kind: type[_Document], body: bytes) -> _Document:
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"][:4] if isinstance(part, int) or part.isidentifier())
            raise wrong_content(self.name, f"{where or 'the answer'} is not what it should be") from None


def segment(text: str) -> str:
    """A text as one piece of a path.

    Raises:
        Refused: `bad_key`: no server would tell it from a step up or down in the path.
    """
    if text in {"", ".", ".."}:
        raise Refused("bad_key", f"{text!r} cannot stand in an address", "Give the person another key.")
    return quote(text, safe="")


def _pieces(answer: httpcore.Response, most_bytes: int) -> Iterator[bytes]:
    """What comes, until it is more than may come."""
    count = 0
    for piece in answer.iter_stream():
        count += len(piece)
        yield piece
        if count > most_bytes:
            return


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one, too
        why = error.strerror if not isinstance(error, ssl.SSLError) else "it holds no certificate"
        raise Refused(
            "untrusted_centre", f"central.ca_file {ca_file} cannot be used: {why}", "Look at central.ca_file."
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
