"""What a request to this dialect brings: who asks, and a body."""

from __future__ import annotations

import re
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from edged.api.access import Cost, Denial, Denied, Grant, Right, enter
from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.domain.errors import Refused

_Body = TypeVar("_Body", bound=BaseModel)

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_AT_ONCE: Final = 100
_MOST_AT_ONCE: Final = 1000
_FARTHEST: Final = 2**40
MOST_BYTES: Final = 4 * 2**20
"""Of a JSON body: 500 events take half a megabyte."""


async def let_in(centre: Centre, request: Request, right: Right, cost: Cost = Cost.READING) -> Grant:
    """Who asks, by `Authorization: Bearer TOKEN`; raises Denied."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return await enter(centre.gate, request, token.strip() if scheme.lower() == "bearer" else "", right, cost)


async def let_in_whole(centre: Centre, request: Request, right: Right) -> Grant:
    """Who asks, where it is about everything: nobody who is bound to a part of it; raises Denied."""
    grant = await let_in(centre, request, right)
    if not grant.is_whole:
        raise Denied(Denial.NO_RIGHT, "this token is for a part only, and this is about everything")
    return grant


def for_people(grant: Grant) -> Grant:
    """The same, where people are any of its business; raises Denied."""
    if not grant.is_for_people:
        raise Denied(Denial.NO_RIGHT, "this token is for the photographs of an organisation only")
    return grant


def as_device(grant: Grant, device: str) -> None:
    """Makes sure that nobody speaks for another device; raises Denied."""
    if grant.device != device and not (grant.may(Right.ADMIN) and grant.is_whole):
        raise Denied(Denial.NO_RIGHT, f"this token is not the one of the device {device}")


def device_name(request: Request) -> str:
    """The name of a device in the address; raises Refused `not_found` where nothing can be called so."""
    name = segment(request, "name")
    if not _NAME.fullmatch(name):
        raise Refused("not_found", "that is no name of a device", "Letters, digits, _ and -; at most 64.")
    return name


async def read_json(request: Request, kind: type[_Body], most_bytes: int = MOST_BYTES) -> _Body:
    """The body as a payload; no body at all is as good as an empty object.

    Raises:
        Refused: `too_large`, or `bad_body` with the first thing wrong.
    """
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > most_bytes:
                raise Refused("too_large", f"the body is longer than {most_bytes:,} bytes", "Send less at once.")
    except ClientDisconnect as error:
        raise Refused("bad_body", "the connection ended before the body did") from error
    try:
        return kind.model_validate_json(bytes(body) or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise Refused("bad_body", f"{where}: {first['msg']}", "See /docs.") from error


def number(request: Request, name: str, default: int, most: int) -> int:
    """A whole number of the query, at least 0, cut to `most`; raises Refused `bad_parameter`."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused("bad_parameter", f"{name} is not a whole number", "")
    return min(int(text), most)


def read_page(request: Request) -> tuple[int, int]:
    """How many to pass over, and how many are wanted at most; raises Refused `bad_parameter`."""
    return number(request, "offset", 0, _FARTHEST), max(1, number(request, "limit", _AT_ONCE, _MOST_AT_ONCE))
