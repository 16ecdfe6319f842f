"""A document as plain data: nested mappings with text keys, as YAML and JSON give them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from edged.domain.errors import Problem

Tree: TypeAlias = dict[str, Any]

MAX_DEPTH: Final = 16
"""Levels of nesting; the schema itself has five."""

MAX_PROBLEMS: Final = 100
"""More than a person reads; what is beyond is counted."""


def merge_patch(target: Mapping[str, Any], patch: Mapping[str, Any]) -> Tree:
    """What `target` becomes by a JSON merge patch (RFC 7386): null removes, a mapping merges, all else replaces.

    Neither argument is changed.
    """
    merged = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = merge_patch(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def overlay(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> Tree:
    """Both layers in one: where both speak, `upper` wins, and its nulls are values like others."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = overlay(below, value)
        else:
            merged[key] = value
    return merged


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is not a mapping, with its dotted path; an empty mapping has none."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def without(tree: Mapping[str, Any], path: tuple[str, ...]) -> Tree:
    """The tree without what is at `path` and below."""
    if not path:
        return {}
    first, *rest = path
    below = tree.get(first)
    kept = {key: value for key, value in tree.items() if key != first}
    if rest and isinstance(below, Mapping):
        kept[first] = without(below, tuple(rest))
    return kept


def flaws(value: Any, path: tuple[str, ...] = ()) -> Iterator[Problem]:
    """What no part of a document may hold, whatever the schema says: deep nesting and unprintable characters."""
    if len(path) > MAX_DEPTH:
        yield Problem(dotted(path[:4]), "is nested too deeply", allowed=f"at most {MAX_DEPTH} levels")
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _text_flaws(key, (*path, key))
            yield from flaws(below, (*path, key))
    elif isinstance(value, list | tuple):
        for index, below in enumerate(value):
            yield from flaws(below, (*path, str(index)))
    elif isinstance(value, str):
        yield from _text_flaws(value, path)


def _text_flaws(text: str, path: tuple[str, ...]) -> Iterator[Problem]:
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        yield Problem(dotted(path), "holds a control character or half a character")


def capped(problems: Sequence[Problem], total: int) -> tuple[Problem, ...]:
    """The first MAX_PROBLEMS of `total` problems, and how many more there are."""
    if total <= MAX_PROBLEMS:
        return tuple(problems)
    return (*problems[:MAX_PROBLEMS], Problem("", f"has {total - MAX_PROBLEMS} more problems"))


def dotted(path: tuple[str, ...]) -> str:
    """The path as people write it, fit to be printed whatever the keys are."""
    return ".".join(_printable(key) for key in path)


def _printable(key: str) -> str:
    text = "".join(letter if letter.isprintable() else "�" for letter in key)
    return text if len(text) <= 64 else f"{text[:63]}…"
