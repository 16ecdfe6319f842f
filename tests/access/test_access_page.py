"""docs/design/access.md says of words and rules what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from edged.access.words import PUBLIC, Reason, Word
from edged.config.access import AccessSettings
from edged.config.text import read_yaml
from edged.domain.passage import Rule

PAGE = (Path(__file__).parents[2] / "docs" / "design" / "access.md").read_text(encoding="utf-8")


def rows_after(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")
    ]


def words_in(cell: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", cell))


def test_what_is_said_at_the_door_is_what_the_table_says() -> None:
    rows = {words_in(row[0]).pop(): words_in(row[2]) for row in rows_after("What is said at the door")}

    assert set(rows) == set(Reason)
    for word, reason in PUBLIC.items():
        assert word in rows[reason]
    for said, words in rows.items():
        assert all(PUBLIC[Word(word)] == said for word in words)


def test_the_rules_stand_in_their_order_and_with_all_their_refusals() -> None:
    rows = rows_after("The rules, in their order")

    assert [words_in(row[0]) for row in rows] == [{rule.value} for rule in Rule]
    told = {word for row in rows for word in words_in(row[2])}
    assert told == set(PUBLIC) | {Word.LIVENESS_WANTED, Word.FACTOR_WANTED, Word.SECOND_WANTED}


def test_the_example_for_installers_is_a_valid_one() -> None:
    text = (Path(__file__).parents[2] / "docs" / "door-access.md").read_text(encoding="utf-8")
    example = text.partition("```yaml\n")[2].partition("```")[0]
    access = AccessSettings.model_validate(read_yaml(example.encode(), "the example")["access"])
    assert set(access.doors) == {"front", "server_room"}
