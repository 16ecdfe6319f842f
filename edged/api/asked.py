"""What a page of ours sends: a small JSON document, or a query; read up to a limit in size and time."""

from __future__ import annotations

from typing import Final, TypeVar

import anyio
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from edged.api.strict_json import strict_json
from edged.domain.errors import Refused, Unavailable
from edged.wire.payload import Payload

MAX_BODY: Final = 16 * 1024
"""More than any form of a page needs, but for those that say so."""

_BODY_S: Final = 10.0
_REMEDY: Final = "Correct it and try again"
_NO_STORE: Final = {"cache-control": "no-store"}

_Asked = TypeVar("_Asked", bound=BaseModel)


class Form(BaseModel):
    """What a form holds; what is not asked for is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


async def asked_of(request: Request, form: type[_Asked], limit: int = MAX_BODY) -> _Asked:
    """The request's body.

    Args:
        form: what is asked for.
        limit: bytes at most.

    Raises:
        Refused: `too_large`; `malformed_json`; `bad_request`: it is not what is asked for here.
        Unavailable: it did not come.
    """
    body = await body_of(request, limit)
    try:
        strict_json(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Refused("malformed_json", "the request is no UTF-8 text") from error
    try:
        return form.model_validate_json(body)  # not what was just read: in JSON a list may stand for a tuple
    except ValidationError as error:
        raise _misfit(error) from error


def queried(request: Request, form: type[_Asked], remedy: str = _REMEDY) -> _Asked:
    """The request's query, each name once.

    Args:
        remedy: what to do where it does not fit.

    Raises:
        Refused: `bad_request`.
    """
    pairs = request.query_params.multi_items()
    if len(pairs) != len(request.query_params):
        raise Refused("bad_request", "a parameter is there twice", "Give each once")
    try:
        return form.model_validate(dict(pairs))
    except ValidationError as error:
        raise _misfit(error, remedy) from error


async def body_of(request: Request, limit: int) -> bytes:
    """The request's body as it came.

    Raises:
        Refused: `too_large`. Unavailable: it did not come whole within 10 seconds.
    """
    body = bytearray()
    try:
        with anyio.fail_after(_BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > limit:
                    raise Refused("too_large", f"the request is longer than {limit // 1024} KB", "Send less at once")
    except (TimeoutError, ClientDisconnect) as error:
        raise Unavailable("the request did not arrive whole", "Try again") from error
    return bytes(body)


def told(document: Payload) -> Response:
    """The answer; nothing on the way keeps it."""
    return Response(document.encoded(), media_type="application/json", headers=_NO_STORE)


def _misfit(error: ValidationError, remedy: str = _REMEDY) -> Refused:
    """The first thing that does not fit, without what was sent: it may be a password."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the request"
    return Refused("bad_request", f"{field}: {first['msg']}", remedy)
