"""The hub's interface as one OpenAPI 3.1 document: each dialect says what its addresses take and answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from edged import __version__

DIALECTS: Final = {
    "findface": "FindFace Cloud v0 and v1, as their clients speak it",
    "miicloud": "miiCloud, as its clients speak it",
    "ninepic": "9Pic face search, as its clients speak it",
    "native": "edged's own: devices, the photographs of events, changes",
}
"""In the order of the document. Each has a module `openapi` with

- PATHS: path items by address, with whatever OpenAPI 3.1 allows, each operation with the tag of its dialect or none;
- SCHEMAS: what they refer to as `#/components/schemas/…`;
- SECURITY: security schemes by name, to which their operations refer.
"""
METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch")

_DESCRIPTION: Final = """\
One directory of people behind three dialects and an interface of our own. Whoever is enrolled through one is found
through the others: FindFace's `meta` is miiCloud's `customer_person_id`.

A token is made by `edged hub token create`. A slash at the end of an address is optional everywhere.
"""


@cache
def document() -> Mapping[str, Any]:
    """The whole document. Shared: treat it as read-only."""
    paths: dict[str, Any] = {"/healthz": _HEALTH}
    schemas: dict[str, Any] = {}
    security: dict[str, Any] = {}
    tags = []
    for name, about in DIALECTS.items():
        module = f"edged.api.{name}.openapi"
        if find_spec(f"edged.api.{name}") is None or find_spec(module) is None:
            continue
        part = import_module(module)
        tags.append({"name": name, "description": about})
        paths |= {address: _tagged(item, name) for address, item in part.PATHS.items()}
        schemas |= getattr(part, "SCHEMAS", {})
        security |= getattr(part, "SECURITY", {})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "edged hub",
            "version": __version__,
            "summary": "The self-hosted centre for face recognition",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": tags,
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
        key: {"tags": [name], **value} if key in METHODS and isinstance(value, Mapping) else value
        for key, value in item.items()
    }


_HEALTH: Final = {
    "get": {
        "operationId": "health",
        "summary": "Whether the hub answers",
        "security": [],
        "responses": {
            "200": {
                "description": "It does",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["ok"],
                            "properties": {"ok": {"type": "boolean", "const": True}},
                        }
                    }
                },
            }
        },
    }
}
