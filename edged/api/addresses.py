"""Addresses as clients write them: with or without a slash at the end, every segment percent-encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send


class Addresses:
    """ASGI: hands each request to the application whose prefix its address begins with.

    Applications route by the address as it was sent, still encoded, so that a slash within a segment is no separator,
    and read what is in a segment with `segment`. A slash at the end, and doubled ones, are gone.

    Args:
        applications: prefix (`/v1`) and application, looked through in order; the prefix `""` takes what is left.
    """

    def __init__(self, applications: Sequence[tuple[str, ASGIApp]]) -> None:
        self._applications = applications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        path = "/" + "/".join(part for part in raw.decode("latin-1").split("/") if part)
        for prefix, application in self._applications:
            if not prefix or path == prefix or path.startswith(f"{prefix}/"):
                await application({**scope, "path": path}, receive, send)
                return


def segment(request: Request, name: str) -> str:
    """What stands in a segment of the address: percent-decoded once, `+` as it is."""
    return unquote(request.path_params[name])
