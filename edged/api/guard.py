"""The doorkeeper of every request: who may ask what, and what the browser may do with the answer."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edged.api import kiosk
from edged.api.permit import Permit
from edged.api.protection import PROTECTION
from edged.api.refusal import refusal

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
"""What a browser on the device itself calls it."""

_FOREIGN: Final = frozenset({"cross-site", "same-site"})
_FRONT_DOORS: Final = frozenset({"/", "/review", kiosk.PAGE})


class Guard:
    """ASGI middleware: refuses what no page of ours would ask, and adds `PROTECTION` to every answer.

    There is no sign-in, so that other web sites in the same browser are the adversary. A site that points its own name
    at this address (DNS rebinding) is told by the Host header; one that embeds or fetches our addresses by
    Sec-Fetch-Site, which pages cannot forge. Links to the pages themselves stay allowed.

    Args:
        app: what to guard.
        allowed_hosts: names and addresses under which this device may be asked, without port; IPv6 in brackets.
        permit: what may be changed and by whom; None where everything can only be read.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Collection[str], permit: Permit | None) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self._permit = permit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def protected_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(PROTECTION)
            await send(message)

        answer = self._objection(scope) or self._app
        await answer(scope, receive, protected_send)

    def _objection(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _without_port(hosts[0]) not in self._hosts:
            return refusal(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this device is not asked for under that name",
                "Use the address that edged prints when it starts",
            )
        if scope["method"] == "POST" and self._permit and self._permit.covers(scope["path"]):
            return self._permit.objection(headers)
        if scope["method"] == "POST" and scope["path"] in kiosk.WRITES:
            return None  # it looks for itself who asks: nobody signs in there
        if scope["method"] != "GET":
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, "this address can only be read", "Use GET", {"allow": "GET"})
        if headers.get("sec-fetch-site") in _FOREIGN and scope["path"] not in _FRONT_DOORS:
            return refusal(HTTPStatus.FORBIDDEN, "another web site asked for this", "Open the device's own page at /")
        return None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()
