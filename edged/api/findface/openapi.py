"""This dialect in OpenAPI 3.1: every address, parameter and answer, from the table that routes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from edged.api.findface import table
from edged.api.findface.described import DESCRIBED, Described
from edged.api.findface.enquiry import Operation
from edged.api.findface.schemas import schema
from edged.api.findface.version import UNVERSIONED, V0, V1, Version

SECURITY_SCHEMES: Final[Mapping[str, Any]] = {
    "FindFaceToken": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Token KEY`; the scheme in any case.",
    }
}
_ERRORS: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "A parameter or a photograph cannot be used",
    HTTPStatus.UNAUTHORIZED: "No token, or a wrong one",
    HTTPStatus.FORBIDDEN: "The token may not do this",
    HTTPStatus.NOT_FOUND: "There is no such face or gallery",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The photograph or the body is too large",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests: `Retry-After` says after how many seconds to come again",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of the service",
    HTTPStatus.SERVICE_UNAVAILABLE: "Busy: `Retry-After` says after how many seconds to come again",
}
_RETRY: Final[Mapping[str, Any]] = {
    "Retry-After": {"description": "Seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}
}
_UNAVAILABLE: Final[Mapping[str, Any]] = {
    "X-Edged-Unavailable": {
        "description": "Attributes that were asked for and are not served: age, gender, emotions",
        "schema": {"type": "string"},
    }
}
_IN_ADDRESS: Final[Mapping[str, Mapping[str, Any]]] = {
    "gallery": {"schema": {"type": "string", "minLength": 1}, "description": "Name of a gallery"},
    "meta": {"schema": {"type": "string", "minLength": 1}, "description": "The customer's key of a person"},
    "id": {"schema": {"type": "string", "minLength": 1}, "description": "Number of a face"},
}
_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded", "application/json")


def findface_paths() -> dict[str, Any]:
    """`paths` of the document: a path item an address, with and without a version."""
    return {
        f"{version.prefix}{path}": {
            method.lower(): _operation(f"{version.prefix}{path}", method, speaks, operation)
            for method, (speaks, operation) in methods.items()
        }
        for version in (V0, V1, UNVERSIONED)
        for path, methods in table.operations(version).items()
    }


def _operation(path: str, method: str, version: Version, operation: Operation) -> dict[str, Any]:
    described = DESCRIBED[operation.run]
    document: dict[str, Any] = {
        "operationId": _name(path, method),
        "tags": ["FindFace"],
        "summary": described.summary,
        "security": [{"FindFaceToken": []}],
        "parameters": _parameters(path, method, described),
        "responses": _responses(path, version, operation, described),
    }
    if method in ("POST", "PUT") and described.parameters:
        document["requestBody"] = {
            "description": "In any of these forms; what is no file may also stand in the query.",
            "required": False,
            "content": {form: {"schema": _body(described, version, form)} for form in _FORMS},
        }
    return document


def _parameters(path: str, method: str, described: Described) -> list[dict[str, Any]]:
    places = [
        {"name": name, "in": "path", "required": True, **_IN_ADDRESS[name]} for name in re.findall(r"\{(\w+)\}", path)
    ]
    if method in ("POST", "PUT"):
        return places
    return places + [
        {"name": name, "in": "query", "required": False, "schema": {**kind}}
        for name, kind in described.parameters.items()
    ]


def _body(described: Described, version: Version, form: str) -> dict[str, Any]:
    asked = {**described.parameters, **(described.of_2016 if version.flat else {})}
    if version.first:
        asked = {name: kind for name, kind in asked.items() if name not in described.from_v1_on}
    return {
        "type": "object",
        "properties": {name: _property(name, kind, form, described) for name, kind in asked.items()},
    }


def _property(name: str, kind: Mapping[str, Any], form: str, described: Described) -> dict[str, Any]:
    if name not in described.photos:
        return {**kind}
    if form == "multipart/form-data":
        return {"type": "string", "format": "binary", "description": "A JPEG, PNG or WebP file, or its address"}
    return {"type": "string", "format": "uri", "description": "The address of a JPEG, PNG or WebP file"}


def _responses(path: str, version: Version, operation: Operation, described: Described) -> dict[str, Any]:
    statuses = set(_ERRORS)
    if not re.search(r"\{(id|gallery)\}", path) or operation in (table.PICTURE, table.CREATE_BY_ADDRESS):
        statuses.remove(HTTPStatus.NOT_FOUND)
    responses = {str(status.value): _error(status) for status in sorted(statuses)}
    if described.status is None:
        return responses
    status = described.status
    if operation is table.CREATE_BY_NAME:
        status = version.created
    ok: dict[str, Any] = {"description": described.answer}
    if described.schema:
        named = described.flat_schema if version.flat and described.flat_schema else described.schema
        ok["content"] = {"application/json": {"schema": schema(named)}}
    if operation.photos and not version.first:
        ok["headers"] = {**_UNAVAILABLE}
    return {str(status.value): ok, **responses}


def _error(status: HTTPStatus) -> dict[str, Any]:
    document: dict[str, Any] = {
        "description": _ERRORS[status],
        "content": {"application/json": {"schema": schema("Error")}},
    }
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        document["headers"] = {**_RETRY}
    return document


def _name(path: str, method: str) -> str:
    return "findface_" + "_".join([method.lower(), *re.findall(r"\w+", path)])
