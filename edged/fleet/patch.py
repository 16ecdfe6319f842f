"""What stands on a topic is one patch of all that was pushed there: how a change joins it, and is taken out again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edged.config.tree import Tree, overlay


def joined(standing: Mapping[str, Any], change: Mapping[str, Any]) -> Tree:
    """The one patch that does what both do, one after the other; its nulls stay, since they take values back."""
    return overlay(standing, change)


def holds(standing: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    """Whether the change is in what stands there already."""
    return joined(standing, change) == standing


def restored(standing: Mapping[str, Any], change: Mapping[str, Any], former: Mapping[str, Any]) -> Tree:
    """What stands there without the change.

    What somebody else has pushed since stays, also where it is about the same value.

    Args:
        standing: what stands there now.
        change: what was pushed once.
        former: what stood there before that.

    Returns:
        `standing` itself in content, where nothing of the change is left in it. Otherwise each value of the change is
        what it was in `former`, or null, so that devices give it back; a section that would have nulls only is one.
    """
    result = dict(standing)
    for key, ours in change.items():
        if key not in result:
            continue
        there, was = result[key], former.get(key)
        if isinstance(ours, Mapping) and isinstance(there, Mapping):
            if key in former and not isinstance(was, Mapping) and there == joined({}, ours):
                result[key] = was
                continue
            below = restored(there, ours, was if isinstance(was, Mapping) else {})
            result[key] = below if isinstance(was, Mapping) or below == there or _says_something(below) else None
        elif there == ours and not isinstance(ours, Mapping):
            result[key] = was
    return result


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Tree:
    """What is to be read of a change: values that are new or other ones; null for what is there no more."""
    found: Tree = dict.fromkeys(before.keys() - after.keys())
    for key, value in after.items():
        was = before.get(key)
        if isinstance(value, Mapping):
            below = difference(was if isinstance(was, Mapping) else {}, value)
            if below:
                found[key] = below
        elif key not in before or was != value:
            found[key] = value
    return found


def _says_something(tree: Mapping[str, Any]) -> bool:
    """Whether there is any value in it that is not null."""
    return any(_says_something(below) if isinstance(below, Mapping) else below is not None for below in tree.values())
