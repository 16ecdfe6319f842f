"""Damaged orders: each is followed for what it says or refused with reasons, and nothing else happens."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from edged.control.authority import CONFIG
from edged.control.claim import claim_of
from edged.control.signing import seal
from edged.domain.errors import Refused
from edged.measure.mutant import JUNK, add_key, damaged_bytes, deepen, exceed, lose_key, replace_value
from tests.control.orders import ANNA, LOCKED, OPEN, order_of, signed_order

KINDS = (CONFIG, "request/sync")


def damaged(chance: random.Random, tree: dict[str, Any]) -> dict[str, Any]:
    for _ in range(chance.randint(1, 3)):
        if tree:
            chance.choice((replace_value, add_key, lose_key, exceed, deepen))(chance, tree)
    return tree


@pytest.mark.parametrize("block", range(4))
def test_a_damaged_message_is_refused(block: int) -> None:
    """Whatever is done to the outside of a signed order; what means the same to JSON is the same order."""
    refused = 0
    for number in range(100):
        chance = random.Random(block * 1000 + number)
        kind = KINDS[number % 2]
        message = signed_order(kind, "door")
        if number % 4 < 2:
            other = damaged_bytes(chance, message)
        else:
            other = json.dumps(damaged(chance, json.loads(message))).encode()
        claim_of(other)
        if LOCKED.refusal(other, kind, "door"):
            refused += 1
        else:
            same = json.loads(other.decode("utf-8-sig"))
            assert {key: same[key] for key in ("signed", "key", "signature")}.items() <= json.loads(message).items()
    assert refused > 80


@pytest.mark.parametrize("block", range(4))
def test_a_damaged_order_with_a_good_signature_is_followed_as_it_is_or_refused(block: int) -> None:
    refused = 0
    for number in range(100):
        chance = random.Random(block * 1000 + number)
        kind = KINDS[number % 2]
        tree = order_of(kind, to="door", order=kind).model_dump(mode="json")
        text = json.dumps(tree) if number % 4 < 2 else json.dumps(damaged(chance, tree))
        if number % 4 < 2:
            text = (
                damaged_bytes(chance, text.encode()).decode(errors="surrogateescape").encode(errors="replace").decode()
            )
        try:
            message = seal(text, ANNA)
        except Refused:
            continue
        claim_of(message)
        answers = {device.refusal(message, kind, "door") for device in (LOCKED, OPEN)}
        assert len(answers) == 1
        refused += answers != {""}
    assert refused > 50


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_is_no_order(junk: Any) -> None:
    payload = json.dumps(junk).encode()
    for kind in KINDS:
        assert LOCKED.refusal(payload, kind, "door")
        assert OPEN.refusal(payload, kind, "door")
        for field in ("signed", "key", "signature", "v"):
            whole = json.loads(signed_order(kind, "door")) | {field: junk}
            assert LOCKED.refusal(json.dumps(whole).encode(), kind, "door") or junk is True
