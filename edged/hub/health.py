"""Whether the hub answers, for supervisors and load balancers: without a token, and without telling anything else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


def make_health() -> ASGIApp:
    """Answers `{"ok": true}` to GET and HEAD."""

    async def health(scope: Scope, receive: Receive, send: Send) -> None:
        if Request(scope).method not in {"GET", "HEAD"}:
            answer = JSONResponse({"ok": False}, 405, {"allow": "GET, HEAD"})
        elif scope["path"] != "/healthz":
            answer = JSONResponse({"ok": False}, 404)
        else:
            answer = JSONResponse({"ok": True}, headers={"cache-control": "no-store"})
        await answer(scope, receive, send)

    return health
