"""Where in the document a pushed value belongs, as far as that can be said without the rest of the document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from edged.config.field import COST, FILE_ONLY, Cost
from edged.config.schema import Node, json_schema, kinds, options, resolved

Place: TypeAlias = tuple[Node, ...]
"""The schemas that a value may have: several for a camera, since a patch need not say of which kind it is; none where
the schema knows nothing of it.
"""


def root() -> Place:
    """The whole document."""
    return (json_schema(),)


def below(place: Place, step: str) -> Place:
    """What is called so in a section."""
    found: list[Node] = []
    for node in place:
        for section in kinds(node).values() if "discriminator" in node else (node,):
            named = section.get("properties", {})
            entries = [named[step]] if step in named else section.get("patternProperties", {}).values()
            found += [resolved(entry) for entry in entries]
    return tuple(found)


def place_of(path: Sequence[str]) -> Place:
    """What is at a path."""
    place = root()
    for step in path:
        place = below(place, step)
    return place


def is_public(place: Place) -> bool:
    """Whether a value there may be shown: it is a setting, and a secret in none of the kinds."""
    return bool(place) and all(map(_is_public, place))


def _is_public(node: Node) -> bool:
    is_setting = node.get("type") != "object" and "discriminator" not in node
    parts = [part for option in options(node) for part in (option, option.get("items", {}))]
    return is_setting and not any(part.get("writeOnly") for part in parts)


def is_file_only(place: Place) -> bool:
    """Whether only a device's own file may set it."""
    return bool(place) and all(node.get(FILE_ONLY, False) for node in place)


def cost_of(place: Place) -> Cost | None:
    """What changing it costs, the most where kinds differ; None where that cannot be said."""
    if any("discriminator" in node for node in place):
        return Cost.CAMERA
    known = [Cost(node[COST]) for node in place if COST in node]
    return max(known, key=list(Cost).index, default=None)
