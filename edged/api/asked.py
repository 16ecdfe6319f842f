"""What a page of ours sends: a small JSON document that fits a form."""

from __future__ import annotations

from typing import Final, TypeVar

import anyio
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from edged.domain.errors import Refused, Unavailable

_MAX_BODY: Final = 16 * 1024
_BODY_S: Final = 10.0

_Asked = TypeVar("_Asked", bound=BaseModel)


async def asked_of(request: Request, form: type[_Asked]) -> _Asked:
    """The request's body, read up to a limit in size and time.

    Raises:
        Refused: it is too long, or not what is asked for here.
        Unavailable: it did not come.
    """
    body = b""
    try:
        with anyio.fail_after(_BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > _MAX_BODY:
                    raise Refused("too_large", f"the request is longer than {_MAX_BODY // 1024} KB", "Choose fewer")
    except (TimeoutError, ClientDisconnect) as error:
        raise Unavailable("the request did not arrive whole", "Try again") from error
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the request"
        raise Refused("bad_request", f"{field}: {first['msg']}", "Correct it and try again") from error
