"""Damaged documents: whatever arrives is accepted as valid or refused with reasons, and nothing else happens."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from edged.config.layers import assembled, load
from edged.config.propose import Accepted, Rejected, propose
from edged.config.pushed import Pushed
from edged.config.text import read_json
from edged.domain.errors import ConfigInvalid
from edged.measure.mutant import damaged_bytes, damaged_tree
from tests.config.full import with_password

WHOLE = {**with_password(), "device": {}}
"""Without what cannot be pushed."""
WHOLE["cameras"].pop("my-command")
WHOLE_JSON = json.dumps(WHOLE).encode()
WHOLE_YAML = yaml.safe_dump({**WHOLE, "device": {"state": "/nonexistent"}}, allow_unicode=True).encode()


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
            file.write_text(yaml.safe_dump(damaged_tree(chance, WHOLE), allow_unicode=True))
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
        data = damaged_bytes(chance, WHOLE_JSON) if number % 2 else json.dumps(damaged_tree(chance, WHOLE)).encode()
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
