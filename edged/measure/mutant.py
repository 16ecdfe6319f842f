"""Damaged documents: what may arrive instead of what was meant."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any, Final

JUNK: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 10**6, 10**30, -(10**30), 0.5, -0.0, 1e308, float("inf"), float("nan"), "", "x",
    "x" * 5000, "true", "é", "\N{BELL}", "\x00", "../..", "/", "*", "12:30", [], [[]], [None] * 50, {}, {"": 1},
    {"kind": "rtsp"}, {"a": {"b": {"c": 1}}}, [{"kind": []}],
)  # fmt: skip
"""Values that nothing asks for."""


def some_mapping(chance: random.Random, tree: dict[str, Any]) -> dict[str, Any]:
    """A mapping somewhere in the tree."""
    below = [value for value in tree.values() if isinstance(value, dict) and value]
    return some_mapping(chance, chance.choice(below)) if below and chance.random() < 0.8 else tree


def replace_value(chance: random.Random, tree: dict[str, Any]) -> None:
    """Puts junk in the place of a value."""
    place = some_mapping(chance, tree)
    place[chance.choice(list(place))] = copy.deepcopy(chance.choice(JUNK))


def add_key(chance: random.Random, tree: dict[str, Any]) -> None:
    """Adds a key that nobody knows."""
    key = chance.choice(("x", "kind", "fsp", "__class__", "a.b", "é" * 100))
    some_mapping(chance, tree)[key] = copy.deepcopy(chance.choice(JUNK))


def lose_key(chance: random.Random, tree: dict[str, Any]) -> None:
    """Takes a key away."""
    place = some_mapping(chance, tree)
    del place[chance.choice(list(place))]


def exceed(chance: random.Random, tree: dict[str, Any]) -> None:
    """Makes a number too large, too small or negative."""
    place = some_mapping(chance, tree)
    numbers = [key for key, value in place.items() if type(value) in {int, float}]
    for key in numbers[:1]:
        place[key] *= chance.choice((-1, 1e3, 1e12, 1e-12))


def deepen(chance: random.Random, tree: dict[str, Any]) -> None:
    """Nests a value."""
    place = some_mapping(chance, tree)
    key = chance.choice(list(place))
    for _ in range(chance.choice((1, 3, 20, 100))):
        place[key] = chance.choice(({"x": place[key]}, [place[key]]))


def damaged_tree(chance: random.Random, whole: dict[str, Any]) -> dict[str, Any]:
    """A copy of a document's tree with one to three things wrong in it; by chance it is still valid."""
    tree = copy.deepcopy(whole)
    for _ in range(chance.randint(1, 3)):
        chance.choice((replace_value, add_key, lose_key, exceed, deepen))(chance, tree)
    return tree


def damaged_bytes(chance: random.Random, data: bytes) -> bytes:
    """A text that was cut, garbled, mixed or written in another encoding."""
    where = chance.randrange(len(data))
    change: Callable[[], bytes] = chance.choice(
        (
            lambda: data[:where],
            lambda: data[:where] + chance.randbytes(chance.randint(1, 4)) + data[where + 1 :],
            lambda: (
                data[:where]
                + chance.choice((b"&a ", b"*a", b"!!x ", b"\t", b"{", b"]", b": ", b"\n", b'"'))
                + data[where:]
            ),
            lambda: data[:where] + data[max(0, where - 100) :],
            lambda: data.decode().encode(chance.choice(("utf-16", "utf-32", "utf-8-sig", "cp500"))),
        )
    )
    return change()
