"""A patch for people to read: without its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edged.config.secret import MASK, shown
from edged.config.tree import Tree
from edged.fleet.place import Place, below, is_public, root


def masked(patch: Mapping[str, Any]) -> Tree:
    """The patch with MASK in the place of every secret, and of every value that the schema does not know: a misspelt
    password is one.
    """
    return _masked_section(patch, root())


def _masked_section(section: Mapping[str, Any], place: Place) -> Tree:
    return {key: _masked(value, below(place, key)) for key, value in section.items()}


def _masked(value: Any, place: Place) -> Any:
    if isinstance(value, Mapping):
        return _masked_section(value, place)
    if value is None or (is_public(place) and not _is_nested(value)):
        return shown(value)
    return MASK


def _is_nested(value: Any) -> bool:
    """No setting is a list of lists or of sections: the schema would not say what is in them."""
    return isinstance(value, list | tuple) and any(isinstance(entry, Mapping | list | tuple) for entry in value)
