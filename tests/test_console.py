"""What commands say, of what others have said."""

from __future__ import annotations

import json

import pytest

from edged.commands.console import Console
from edged.domain.errors import ConfigInvalid, Problem, Refused

HOSTILE = "door\x1b[2J\x9b2J\x07\u202e\U000e0001é"
"""Clears the screen, twice; rings; turns the direction of writing; is a tag that nobody sees; and is a letter."""


def seen(text: str) -> bool:
    """Whether all of it can be seen, line by line."""
    return all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("as_json", [True, False])
def test_nothing_that_others_said_moves_the_cursor(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    out = Console(as_json=as_json)
    out.say(HOSTILE)
    out.fail(ConfigInvalid((Problem("a", HOSTILE),), HOSTILE))
    out.fail(Refused("bad", HOSTILE, HOSTILE))
    said = capsys.readouterr()
    assert seen(said.out)
    assert seen(said.err)
    assert "é" in said.out + said.err


def test_programs_read_it_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    Console(as_json=True).result({HOSTILE: [HOSTILE]}, "")
    text = capsys.readouterr().out
    assert seen(text)
    assert json.loads(text) == {HOSTILE: [HOSTILE]}
