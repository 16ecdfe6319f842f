from __future__ import annotations

from pathlib import Path

import pytest

from edged.domain.errors import Unavailable
from edged.measure.benchmarks import machine, write_section


def test_a_section_takes_its_own_place_and_leaves_the_others(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "benchmarks.md"
    write_section(page, "One", "first")
    write_section(page, "Two", "second")
    write_section(page, "Three", "third")
    write_section(page, "Two", "again")
    write_section(page, "Three", "last")
    assert page.read_text() == "# Benchmarks\n\n## One\n\nfirst\n\n## Two\n\nagain\n\n## Three\n\nlast\n"


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=str(tmp_path)):
        write_section(tmp_path, "One", "text")


def test_the_machine_is_described() -> None:
    assert "onnxruntime" in machine()
    assert "cores" in machine()
