"""A patch for people to read: without its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edged.config.schema import Node, json_schema, kinds, options, resolved
from edged.config.secret import MASK, shown
from edged.config.tree import Tree


def masked(patch: Mapping[str, Any]) -> Tree:
    """The patch with MASK in the place of every secret, and of every value that the schema does not know: a misspelt
    password is one.
    """
    return {key: _masked(value, _below((json_schema(),), key)) for key, value in patch.items()}


def _masked(value: Any, nodes: tuple[Node, ...]) -> Any:
    if isinstance(value, Mapping):
        return {key: _masked(below, _below(nodes, key)) for key, below in value.items()}
    if value is None or (_is_plain(nodes) and not _holds_mapping(value)):
        return shown(value)
    return MASK


def _is_plain(nodes: tuple[Node, ...]) -> bool:
    """A value may be of a camera of any kind: it is a secret where it is one in any of them."""
    return bool(nodes) and not any(
        part.get("writeOnly")
        for node in nodes
        for option in options(node)
        for part in (option, option.get("items", {}))
    )


def _holds_mapping(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(isinstance(entry, Mapping | list | tuple) for entry in value)


def _below(nodes: tuple[Node, ...], step: str) -> tuple[Node, ...]:
    found = []
    for node in nodes:
        for section in kinds(node).values() if "discriminator" in node else (node,):
            named = section.get("properties", {})
            below = [named[step]] if step in named else list(section.get("patternProperties", {}).values())
            found += [resolved(entry) for entry in below]
    return tuple(found)
