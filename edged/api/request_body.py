"""The body of a request, read once, up to a limit in size and time, whatever its header says it is."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import anyio
from starlette.requests import ClientDisconnect, Request

from edged.api.brackets import BadParameter
from edged.api.multipart import MAX_PARTS, MAX_TEXT, Multipart, Part, header_of, readable
from edged.api.strict_json import strict_json
from edged.domain.errors import Busy, Refused
from edged.photos.photo_kind import photo_kind

_BODY_S: Final = 120.0
"""How long a body may take to arrive: 16 MiB at one megabit a second."""
_ALL_BYTES: Final = 128 * 1024 * 1024
"""What all bodies that are arriving may hold together. They are kept in memory: photographs never touch the disk
unsealed."""
_HEAD: Final = 512
"""Bytes by which a body is told from another."""

_FIRST_LINE: Final = re.compile(rb"\s*--([^\r\n]{1,200}?)[ \t]*\r?\n")
_JSON: Final = re.compile(r"(application|text)/([\w.-]+\+)?json")

_arriving: dict[object, int] = {}
"""Bytes of each body that is arriving. Each entry has one writer; a sum over a moment's copy is close enough."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Body:
    """What a request's body holds.

    Attributes:
        fields: names and texts of a form, as they came.
        files: names and parts that are files, as they came.
        document: of a JSON body; None where there is none.
    """

    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, Part], ...] = ()
    document: Any = None


async def read_body(request: Request, max_bytes: int) -> Body:
    """Reads the body; see `edged.api.parameters.read_parameters`, also for what is raised."""
    limit = 2 * max_bytes + MAX_TEXT
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise _too_large(limit)
    try:
        with anyio.fail_after(_BODY_S):
            async with aclosing(_counted(request, limit)) as pieces:
                return await _read(request, pieces, max_bytes)
    except TimeoutError as error:
        raise Refused("malformed_form", f"the body did not arrive within {_BODY_S:.0f} s") from error
    except ClientDisconnect as error:
        raise Refused("malformed_form", "the connection ended before the body did") from error


def fields_of(encoded: bytes, room: int = MAX_PARTS) -> list[tuple[str, str]]:
    """The fields of a query or an urlencoded body.

    Args:
        room: how many there may be.

    Raises:
        Refused: `too_many_parts`, `bad_parameter`.
    """
    pairs = [pair for pair in encoded.split(b"&") if pair]
    if len(pairs) > room:
        raise Refused("too_many_parts", f"there are more than {MAX_PARTS} parameters")
    halves = (pair.partition(b"=") for pair in pairs)
    return [_checked(_decoded(name), _decoded(value)) for name, _, value in halves]


def _decoded(encoded: bytes) -> str:
    return readable(unquote_to_bytes(encoded.replace(b"+", b" ")))


def _checked(name: str, value: str) -> tuple[str, str]:
    if "\0" in name or "\0" in value:
        raise BadParameter(name.replace("\0", ""), "a parameter has a NUL in it")
    return name, value


async def _counted(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The pieces of the body. Counts what comes, whatever length was declared."""
    with _place() as place:
        async with aclosing(request.stream()) as stream:
            async for piece in stream:
                _arriving[place] += len(piece)
                if _arriving[place] > limit:
                    raise _too_large(limit)
                if len(_arriving) > 1 and sum(list(_arriving.values())) > _ALL_BYTES:
                    raise Busy("too many photographs are being sent at once", "Send it again in a moment")
                if piece:
                    yield piece


@contextmanager
def _place() -> Iterator[object]:
    place = object()
    _arriving[place] = 0
    try:
        yield place
    finally:
        del _arriving[place]


async def _read(request: Request, pieces: AsyncGenerator[bytes, None], max_bytes: int) -> Body:
    media, said = header_of(request.headers.get("content-type", ""))
    head = b""
    async for piece in pieces:
        head += piece
        if len(head) >= _HEAD:
            break
    if not head.strip():
        head = b""
    boundary = _boundary(media, said.get("boundary", ""), head)
    if boundary:
        form = Multipart(boundary, max_bytes)
        form.feed(head)
        async for piece in pieces:
            form.feed(piece)
        return _of_parts(form.parts())
    if photo_kind(head) or (head and media.startswith("image/")):
        raise BadParameter("", "the body is a photograph by itself", "Send it as a part of a form")
    limit = min(max_bytes, MAX_TEXT)
    body = bytearray(head)
    async for piece in pieces:
        body += piece
        if len(body) > limit:
            break
    if len(body) > limit:
        raise _too_large(limit)
    return _of_text(media, said.get("charset", "").lower(), bytes(body))


def _boundary(media: str, declared: str, head: bytes) -> bytes:
    """What separates the parts; empty where the body is no multipart form.

    The header of clients that set it by hand often lacks it or names another type; the first line tells as well.
    """
    if not head or _looks_like_json(head):
        return b""
    if media.startswith("multipart/") and declared:
        return declared.encode("latin-1", "replace")
    # No further: a long line of blanks, tried with each possible boundary, would keep everybody else waiting.
    first = _FIRST_LINE.match(head, 0, _HEAD)
    if first and b"content-disposition" in head.lower():
        return first[1]
    if media.startswith("multipart/"):
        raise Refused("malformed_form", "the form has no boundary", "Let the client set the Content-Type by itself")
    return b""


def _looks_like_json(data: bytes) -> bool:
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] in (b"{", b"[") or start.rstrip() == b"null"


def _of_parts(parts: list[Part]) -> Body:
    texts = tuple(_checked(part.name, part.text) for part in parts if part.filename is None)
    files = tuple((part.name, part) for part in parts if part.filename is not None)
    return Body(texts, files)


def _of_text(media: str, charset: str, body: bytes) -> Body:
    if not body.strip():
        return Body()
    if _JSON.fullmatch(media) or _looks_like_json(body):
        return Body(document=strict_json(readable(body.removeprefix(b"\xef\xbb\xbf"), charset)))
    return Body(fields=tuple(fields_of(body.strip())))


def _too_large(limit: int) -> Refused:
    return Refused("too_large", "the body is too large", f"Send at most {limit:,} bytes")
