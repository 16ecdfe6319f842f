"""The form of every answer: JSON, readable for pages of other web sites."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from edged.api.findface.faults import Fault

ORIGINS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "X-Edged-Unavailable, Retry-After",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
)
"""Tokens are sent by name and never by a cookie, so that any page may read what its own token brings."""
_METHODS: Final = "GET, POST, PUT, DELETE, OPTIONS"
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def answer(document: Any, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] = _NONE) -> Response:
    """A JSON document. Halves of characters, which JSON lets through, become `?`."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    content = text.encode("utf-8", "replace")
    return Response(content, status, {**ORIGINS, **headers}, "application/json")


def nothing() -> Response:
    """It is done, and there is nothing to say of it."""
    return Response(None, HTTPStatus.NO_CONTENT, ORIGINS)


def refusal(fault: Fault) -> Response:
    return answer(fault.document, fault.status, fault.headers)


def preflight(request: Request) -> Response:
    """What a browser asks before it sends a request for a page of another web site: every header may be sent."""
    wanted = request.headers.get("access-control-request-headers", "")
    allowed = {
        "allow": _METHODS,
        "access-control-allow-methods": _METHODS,
        "access-control-allow-headers": wanted or "Authorization, Content-Type",
        "access-control-max-age": "86400",
        "vary": "Access-Control-Request-Headers",
    }
    return Response(b"", HTTPStatus.OK, {**ORIGINS, **allowed})
