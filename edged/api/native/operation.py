"""How an operation of this dialect is described in OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel

ERROR: Final = "EdgedError"
"""The schema of every error."""
_ERRORS: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "What was sent makes no sense; `what` says which part",
    HTTPStatus.UNAUTHORIZED: "No token, or a wrong one",
    HTTPStatus.FORBIDDEN: "The token may not do this",
    HTTPStatus.NOT_FOUND: "There is no such thing",
    HTTPStatus.METHOD_NOT_ALLOWED: "Not with this method; `Allow` names those that there are",
    HTTPStatus.CONFLICT: "It is there already, the cursor is of another life of the directory, or the key is another",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too large",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests: `Retry-After` says after how many seconds to come again",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of the hub",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not now: `Retry-After` says after how many seconds to come again",
}


def operation(
    name: str,
    summary: str,
    status: int,
    content: Mapping[str, Any],
    *,
    asked: Sequence[Mapping[str, Any]] = (),
    body: type[BaseModel] | None = None,
) -> dict[str, Any]:
    """An operation, with the answers that every one may have.

    Args:
        name: its id; status, content: of the answer where all is well.
        asked: parameters; body: what is sent.
    """
    answers: dict[str, Any] = {str(status): {"description": "Done", **({"content": content} if content else {})}}
    for error, words in _ERRORS.items():
        schema = {"$ref": f"#/components/schemas/{ERROR}"}
        answers[str(error.value)] = {"description": words, "content": {"application/json": {"schema": schema}}}
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "security": [{"EdgedToken": []}],
        "responses": answers,
    }
    if asked:
        operation["parameters"] = list(asked)
    if body:
        operation["requestBody"] = {"required": True, "content": body_of(body)}
    return operation


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """JSON of a payload."""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


def any_object() -> dict[str, Any]:
    return {"application/json": {"schema": {"type": "object"}}}


def query(
    name: str, about: str, *, text: bool = False, required: bool = False, words: Sequence[str] = ()
) -> dict[str, Any]:
    """A parameter of the query: a number, or a text, or one of some words."""
    schema: dict[str, Any] = {"type": "string"} if text or words else {"type": "integer", "minimum": 0}
    if words:
        schema["enum"] = list(words)
    return {"name": name, "in": "query", "required": required, "description": about, "schema": schema}


def segment_of(name: str) -> dict[str, Any]:
    """A segment of the address."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
