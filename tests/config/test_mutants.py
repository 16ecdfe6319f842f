"""Damaged documents: whatever arrives is accepted as valid or refused with reasons, and nothing else happens."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from edged.config.layers import assembled, load
from edged.config.propose import Accepted, Rejected, propose
from edged.config.pushed import Pushed
from edged.config.text import read_json
from edged.domain.errors import ConfigInvalid
from tests.config.full import with_password

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**6, 10**30, -(10**30), 0.5, -0.0, 1e308, float("inf"), float("nan"), "", "x",
    "x" * 5000, "true", "é", "\N{BELL}", "\x00", "../..", "/", "*", "12:30", [], [[]], [None] * 50, {}, {"": 1},
    {"kind": "rtsp"}, {"a": {"b": {"c": 1}}}, [{"kind": []}],
)  # fmt: skip


WHOLE = {**with_password(), "device": {}}
"""Without what cannot be pushed."""
WHOLE["cameras"].pop("my-command")
WHOLE_JSON = json.dumps(WHOLE).encode()
WHOLE_YAML = yaml.safe_dump({**WHOLE, "device": {"state": "/nonexistent"}}, allow_unicode=True).encode()


def some_mapping(chance: random.Random, tree: dict[str, Any]) -> dict[str, Any]:
    """A mapping somewhere in the tree."""
    below = [value for value in tree.values() if isinstance(value, dict) and value]
    return some_mapping(chance, chance.choice(below)) if below and chance.random() < 0.8 else tree


def replace_value(chance: random.Random, tree: dict[str, Any]) -> None:
    place = some_mapping(chance, tree)
    place[chance.choice(list(place))] = copy.deepcopy(chance.choice(JUNK))


def add_key(chance: random.Random, tree: dict[str, Any]) -> None:
    key = chance.choice(("x", "kind", "fsp", "__class__", "a.b", "é" * 100))
    some_mapping(chance, tree)[key] = copy.deepcopy(chance.choice(JUNK))


def lose_key(chance: random.Random, tree: dict[str, Any]) -> None:
    place = some_mapping(chance, tree)
    del place[chance.choice(list(place))]


def exceed(chance: random.Random, tree: dict[str, Any]) -> None:
    place = some_mapping(chance, tree)
    numbers = [key for key, value in place.items() if type(value) in {int, float}]
    for key in numbers[:1]:
        place[key] *= chance.choice((-1, 1e3, 1e12, 1e-12))


def deepen(chance: random.Random, tree: dict[str, Any]) -> None:
    place = some_mapping(chance, tree)
    key = chance.choice(list(place))
    for _ in range(chance.choice((1, 3, 20, 100))):
        place[key] = chance.choice(({"x": place[key]}, [place[key]]))


def damaged_tree(chance: random.Random) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(WHOLE_JSON)
    for _ in range(chance.randint(1, 3)):
        chance.choice((replace_value, add_key, lose_key, exceed, deepen))(chance, tree)
    return tree


def damaged_bytes(chance: random.Random, data: bytes) -> bytes:
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


def refusal(attempt: Callable[[], object]) -> ConfigInvalid | None:
    """How the attempt was refused; None where it was not. Any other error ends the test."""
    try:
        attempt()
    except ConfigInvalid as error:
        return error
    return None


@pytest.mark.parametrize("block", range(5))
def test_a_damaged_file_is_valid_or_refused_with_reasons(block: int, tmp_path: Path) -> None:
    file = tmp_path / "edged.yaml"
    refused = 0
    for number in range(40):
        chance = random.Random(block * 1000 + number)
        if number % 2:
            file.write_bytes(damaged_bytes(chance, WHOLE_YAML))
        else:
            file.write_text(yaml.safe_dump(damaged_tree(chance), allow_unicode=True))
        error = refusal(lambda: load(file))
        if error is not None:
            refused += 1
            assert error.problems
            assert "\x00" not in str(error)
            assert str(error).encode()
    assert refused > 20


@pytest.mark.parametrize("block", range(5))
def test_a_damaged_push_is_accepted_or_rejected_with_reasons(block: int) -> None:
    current = assembled({}, Pushed(), None)
    rejected = 0
    for number in range(40):
        chance = random.Random(block * 1000 + number)
        data = damaged_bytes(chance, WHOLE_JSON) if number % 2 else json.dumps(damaged_tree(chance)).encode()
        try:
            answer = propose(current, read_json(data, "push"))
        except ConfigInvalid as error:
            answer = Rejected(error.problems)
        if isinstance(answer, Accepted):
            assert assembled({}, answer.loaded.pushed, None).document == answer.document
        else:
            assert answer.problems
            rejected += 1
    assert rejected > 20
