"""The document's JSON schema: for editors and pages, and for words about what a field accepts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from edged.config.document import Document

Node: TypeAlias = Mapping[str, Any]


@cache
def json_schema() -> Node:
    """The whole schema, JSON Schema 2020-12. Shared: treat it as read-only.

    Beyond the standard words each setting has `apply` (what changing it costs) and, where that holds, `file_only`.
    """
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Document.model_json_schema()}


def schema_of(model: type[BaseModel]) -> Node:
    """The schema of another document than the device's, nothing in it referring to elsewhere in it."""
    schema = model.model_json_schema()
    return dict(_inlined(schema, schema.pop("$defs", {})))


def _inlined(value: Any, definitions: Mapping[str, Any]) -> Any:
    match value:
        case {"$ref": str(name), **own}:
            return _inlined({**definitions[name.rpartition("/")[2]], **own}, definitions)
        case dict():
            return {key: _inlined(below, definitions) for key, below in value.items()}
        case list():
            return [_inlined(below, definitions) for below in value]
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the document something stands.

    Attributes:
        path: as people write it.
        node: the schema of what belongs there; empty where the schema knows nothing of it.
    """

    path: tuple[str, ...]
    node: Node

    @property
    def is_setting(self) -> bool:
        """A single value, not a section of them."""
        return bool(self.node) and self.node.get("type") != "object" and "discriminator" not in self.node

    @property
    def is_secret(self) -> bool:
        return any(option.get("writeOnly") for option in options(self.node))


def find(location: Sequence[str | int], root: Node | None = None) -> Place:
    """The place that pydantic calls `location`, in the document or in what `schema_of` another one gave.

    pydantic names the kind of a camera after the camera's name, and marks keys; people write neither into a path.
    """
    path: list[str] = []
    node = json_schema() if root is None else root
    for step in location:
        if step == "[key]":
            break
        if "discriminator" in node:
            node = kinds(node)[str(step)]
        else:
            path.append(str(step))
            node = resolved(_below(node, step))
    return Place(tuple(path), node)


def kinds(node: Node) -> dict[str, Node]:
    """The schemas of a section that comes in several kinds, by kind."""
    nodes = [resolved(option) for option in node["oneOf"]]
    return {entry["properties"]["kind"]["const"]: entry for entry in nodes}


def resolved(node: Node) -> Node:
    """The node with what it refers to written in place; what it says itself goes first."""
    if "$ref" not in node:
        return node
    target = json_schema()["$defs"][node["$ref"].rpartition("/")[2]]
    return {**target, **{key: value for key, value in node.items() if key != "$ref"}}


def options(node: Node) -> tuple[Node, ...]:
    """The alternatives of a value; itself alone where there are none."""
    return tuple(node.get("anyOf", (node,)))


def allowed(node: Node) -> str:
    """What a value may be, in words: `a whole number from 1 to 64`, `"tcp" or "udp"`."""
    return " or ".join(_allowed(option) for option in options(node))


def _below(node: Node, step: str | int) -> Node:
    if isinstance(step, int):
        return dict(node.get("items", {}))
    named = dict(node.get("properties", {}))
    for entry in node.get("patternProperties", {}).values():
        named.setdefault(step, entry)
    return dict(named.get(step, {}))


def _allowed(node: Node) -> str:
    if "discriminator" in node:
        return "a section with a `kind`"
    choices = [json.dumps(choice) for choice in node.get("enum", [node["const"]] if "const" in node else [])]
    if choices:
        return " or ".join(part for part in (", ".join(choices[:-1]), choices[-1]) if part)
    describe = _SORTS.get(node.get("type", ""))
    return "" if describe is None else describe(node)


def _range(node: Node) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    above, below = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return _joined(("at least", low), ("above", above), ("at most", high), ("below", below))


def _text(node: Node) -> str:
    if node.get("format") == "path":
        return "a path"
    words = "text" if "pattern" not in node else f"text that matches `{node['pattern']}`"
    return words + _count(node, "Length", "characters")


def _count(node: Node, what: str, unit: str) -> str:
    said = _joined(("at least", node.get(f"min{what}")), ("at most", node.get(f"max{what}")))
    return f",{said} {unit}" if said else ""


def _joined(*bounds: tuple[str, float | None]) -> str:
    said = " and ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
    return f" {said}" if said else ""


_SORTS: Final[dict[str, Callable[[Node], str]]] = {
    "integer": lambda node: "a whole number" + _range(node),
    "number": lambda node: "a number" + _range(node),
    "boolean": lambda _: "true or false",
    "null": lambda _: "null",
    "string": _text,
    "array": lambda node: f"a list of {allowed(node['items'])}" + _count(node, "Items", "entries"),
    "object": lambda node: "a section with settings below it" + _count(node, "Properties", "entries"),
}
