"""The doorkeeper of every request: who may ask what, and what the browser may do with the answer."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edged.api.entrance import Entrance
from edged.api.protection import PROTECTION
from edged.api.refusal import refusal

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
"""What a browser on the device itself calls it."""

_FOREIGN: Final = frozenset({"cross-site", "same-site"})
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Guard:
    """ASGI middleware: refuses what no page of ours would ask and who is not signed in, and adds `PROTECTION` to every
    answer.

    Other web sites in the same browser are adversaries as well as strangers. A site that points its own name at this
    address (DNS rebinding) is told by the Host header; one that embeds or fetches our addresses by Sec-Fetch-Site,
    which pages cannot forge. Links to the pages themselves stay allowed.

    Args:
        app: what to guard.
        allowed_hosts: names and addresses under which this device may be asked, without port; IPv6 in brackets.
        entrance: who is let in.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Collection[str], entrance: Entrance) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def protected_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(PROTECTION)
            await send(message)

        headers = Headers(scope=scope)
        answer = self._objection(scope, headers) or await self._entrance.objection(scope, headers) or self._app
        await answer(scope, receive, protected_send)

    def _objection(self, scope: Scope, headers: Headers) -> Response | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _without_port(hosts[0]) not in self._hosts:
            return refusal(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this device is not asked for under that name",
                "Use the address that edged prints when it starts",
            )
        if scope["method"] not in _METHODS:
            return refusal(
                HTTPStatus.METHOD_NOT_ALLOWED, "this is not asked for like that", "Use GET", {"allow": "GET"}
            )
        if headers.get("sec-fetch-site") in _FOREIGN:
            foreign_page = scope["method"] == "GET" and self._entrance.is_page(scope["path"])
            if not foreign_page:
                return refusal(
                    HTTPStatus.FORBIDDEN, "another web site asked for this", "Open the device's own page at /"
                )
        return None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()
