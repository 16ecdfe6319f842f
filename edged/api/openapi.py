"""The hub's interface as one OpenAPI 3.1 document: each dialect says what its addresses take and answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from edged import __version__
from edged.api.findface import openapi as findface
from edged.api.findface import schemas as findface_schemas
from edged.api.miicloud import openapi as miicloud
from edged.api.native import openapi as native
from edged.api.ninepic import openapi as ninepic


@dataclass(frozen=True, slots=True)
class Part:
    """What one dialect says of itself.

    Attributes:
        name, about: for people.
        paths: path items by address.
        schemas: what they refer to as `#/components/schemas/…`.
        security: security schemes by name, to which their operations refer.
    """

    name: str
    about: str
    paths: Mapping[str, Any]
    schemas: Mapping[str, Any]
    security: Mapping[str, Any]


def parts() -> tuple[Part, ...]:
    """In the order of the document."""
    return (
        Part(
            "FindFace",
            "FindFace Cloud v0 and v1, as their clients speak it.",
            findface.findface_paths(),
            findface_schemas.SCHEMAS,
            findface.SECURITY_SCHEMES,
        ),
        Part("miiCloud", "miiCloud, as its clients speak it.", miicloud.PATHS, miicloud.SCHEMAS, miicloud.SECURITY),
        Part("9Pic", "9Pic's face search, as its clients speak it.", ninepic.PATHS, ninepic.SCHEMAS, ninepic.SECURITY),
        Part(
            "edged",
            "edged's own: what devices fetch and hand in, events and their photographs.",
            native.native_paths(),
            native.native_schemas(),
            native.SECURITY_SCHEMES,
        ),
    )


METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch")

_DESCRIPTION: Final = """\
One directory of people behind three dialects and an interface of our own. Whoever is enrolled through one is found
through the others: FindFace's `meta` is miiCloud's `customer_person_id`.

A token is made by `edged hub token create`. A slash at the end of an address is optional everywhere.
"""


@cache
def document() -> Mapping[str, Any]:
    """The whole document. Shared: treat it as read-only."""
    paths: dict[str, Any] = {"/healthz": _HEALTH, "/readyz": _READY, "/metrics": _METRICS}
    schemas: dict[str, Any] = {}
    security: dict[str, Any] = {}
    for part in parts():
        paths |= {address: _tagged(item, part.name) for address, item in part.paths.items()}
        schemas |= part.schemas
        security |= part.security
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "edged hub",
            "version": __version__,
            "summary": "The self-hosted centre for face recognition",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": part.name, "description": part.about} for part in parts()],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": security},
    }


def operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Address, method and what is said of it, in the order of the document."""
    for address, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield address, method, item[method]


def _tagged(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return {
        key: {**value, "tags": [name]} if key in METHODS and isinstance(value, Mapping) else value
        for key, value in item.items()
    }


def _asked(name: str, summary: str, answers: Mapping[str, Any], *, token: bool = False) -> Mapping[str, Any]:
    """What supervisors and Prometheus ask: GET, without parameters."""
    responses = {**answers, "405": {"description": "Not with this method", "content": _ERROR}}
    security: list[Mapping[str, Any]] = [{"EdgedToken": []}] if token else []
    return {"get": {"operationId": name, "summary": summary, "security": security, "responses": responses}}


def _object(*required: str, **properties: Any) -> Mapping[str, Any]:
    schema = {"type": "object", "required": list(required), "properties": properties}
    return {"application/json": {"schema": schema}}


_ERROR: Final = {"application/json": {"schema": {"$ref": "#/components/schemas/EdgedError"}}}
_FINE: Final = {"description": "It does", "content": _object("ok", ok={"type": "boolean", "const": True})}
_MISSING: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "what"],
        "properties": {"name": {"type": "string"}, "what": {"type": "string"}},
    },
}
_HEALTH: Final = _asked("health", "Whether the hub answers", {"200": _FINE})
_READY: Final = _asked(
    "ready",
    "Whether the hub can do what it is asked: its store answers",
    {
        "200": _FINE,
        "503": {
            "description": "It cannot; `missing` says what is not there",
            "content": _object("error", "missing", error={"type": "object"}, missing=_MISSING),
        },
    },
)
_METRICS: Final = _asked(
    "metrics",
    "Figures for Prometheus; the token needs the right `metrics`",
    {
        "200": {"description": "The text format 0.0.4", "content": {"text/plain": {"schema": {"type": "string"}}}},
        "401": {"description": "No token, or a wrong one", "content": _ERROR},
        "403": {"description": "The token may not do this", "content": _ERROR},
        "429": {"description": "Too many requests; `Retry-After` says when to come again", "content": _ERROR},
        "500": {"description": "The storage is damaged, or the hub failed by a fault of its own", "content": _ERROR},
        "503": {"description": "The storage does not answer, or too many ask", "content": _ERROR},
    },
    token=True,
)
