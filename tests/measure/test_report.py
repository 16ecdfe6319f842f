from __future__ import annotations

import re
from pathlib import Path

import pytest

from edged.domain.errors import Unavailable
from edged.measure.report import Goal, Report, Table, goals_table, machine_description, write_section


def test_a_section_takes_its_own_place_and_leaves_the_others(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "benchmarks.md"
    write_section(page, "One", "first")
    title = page.read_text().partition("## One")[0]
    write_section(page, "Two", "second")
    write_section(page, "Three (of 3)", "third\n\n### Within it\n\nmore")
    write_section(page, "Two", "again")
    write_section(page, "Three (of 3)", "last")
    once = page.read_text()
    assert once == f"{title}## One\n\nfirst\n\n## Two\n\nagain\n\n## Three (of 3)\n\nlast\n"
    write_section(page, "Two", "again")
    assert page.read_text() == once


def test_what_people_wrote_before_the_sections_stays(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Figures\n\nBy hand.\n")
    write_section(page, "One", r"first \1 \g<0>")
    write_section(page, "One", r"second \1 \g<0>")
    assert page.read_text() == "# Figures\n\nBy hand.\n\n## One\n\nsecond \\1 \\g<0>\n"


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=re.escape(str(tmp_path))):
        write_section(tmp_path, "One", "text")


def test_a_report_says_when_by_what_and_where_it_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "benchmarks.md"
    monkeypatch.setattr("sys.argv", ["/usr/bin/edged", "bench", "events", "--note", "two words"])
    goals = goals_table((Goal("loss", "0", "0 of 9", reached=True), Goal("delay", "≤ 1 ms", "2 ms", reached=False)))
    Report("Events", ("Killed often.", goals)).write(page)
    text = page.read_text()
    assert "| loss | 0 | 0 of 9 | reached |\n| delay | ≤ 1 ms | 2 ms | missed |" in text
    assert re.search(r"Measured on \d{4}-\d\d-\d\d by `edged bench events --note 'two words'`\.", text)
    assert machine_description() in text


def test_a_table_is_aligned_for_a_terminal() -> None:
    assert Table(("a", "b"), (("long one", "1"), ("x", ""))).text() == "a         b\nlong one  1\nx"


def test_the_machine_is_described() -> None:
    assert re.search(r"\d+ cores, [\d.]+ GiB; Linux [\d.]+ on \S+, Python 3\.\d+", machine_description())
    assert "onnxruntime" in machine_description()
