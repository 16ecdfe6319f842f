"""A client that calls an ASGI application in this process, one request after the other."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
from starlette.types import ASGIApp


class Caller:
    """Sends requests; what the application raises and does not answer becomes its 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def request(self, method: str, address: str, **asked: Any) -> httpx.Response:
        """An address from the root on, and what `httpx.AsyncClient.request` takes."""

        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
                return await client.request(method, address, **asked)

        return anyio.run(call)

    def get(self, address: str, **asked: Any) -> httpx.Response:
        return self.request("GET", address, **asked)

    def post(self, address: str, **asked: Any) -> httpx.Response:
        return self.request("POST", address, **asked)

    def put(self, address: str, **asked: Any) -> httpx.Response:
        return self.request("PUT", address, **asked)

    def delete(self, address: str, **asked: Any) -> httpx.Response:
        return self.request("DELETE", address, **asked)
