"""Which screens may ask: those whose addresses the configuration names, and nobody else."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from html import escape
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from edged.api.assets import Asset
from edged.api.refusal import refusal

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_ADDRESS: Final = b"{address}"
_REMEDY: Final = "Add this address to photos.screens of the device's configuration"


def may_show(address: str, screens: Sequence[str]) -> bool:
    """Whether somebody at this address is one of the screens.

    Args:
        address: as the connection has it: IPv4, IPv6 with or without a zone, or IPv4 in IPv6 (`::ffff:192.0.2.1`),
            which counts as the IPv4 address that it is.
        screens: addresses or networks; what is neither allows nothing.
    """
    try:
        asking = _plain(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return any(asking in network for network in map(_network, screens) if network and network.version == asking.version)


class Screens:
    """Lets screens ask what they may. Belongs to the event loop.

    Args:
        allowed: addresses or networks, as they are now.
        elsewhere: the page for whoever is none of them; `{address}` in it becomes theirs.
    """

    def __init__(self, allowed: Callable[[], Sequence[str]], elsewhere: Asset) -> None:
        self._allowed = allowed
        self._elsewhere = elsewhere

    def only(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint that answers screens; others get 403 as JSON."""

        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            if may_show(_address(request), self._allowed()):
                return await endpoint(request)
            what = f"{_address(request) or 'this address'} is none of the booth's screens"
            return refusal(HTTPStatus.FORBIDDEN, what, _REMEDY)

        return guarded

    def only_page(self, endpoint: Endpoint) -> Endpoint:
        """The same for a page: others get 403 and one for people."""

        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            if may_show(_address(request), self._allowed()):
                return await endpoint(request)
            body = self._elsewhere.body.replace(_ADDRESS, escape(_address(request)).encode())
            headers = {"cache-control": "no-store"}
            return Response(body, HTTPStatus.FORBIDDEN, headers, self._elsewhere.media_type)

        return guarded


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _network(screen: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(screen, strict=False)
    except ValueError:
        return None


def _plain(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address in IPv6 clothes, as listening on both families gives it, without them."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
