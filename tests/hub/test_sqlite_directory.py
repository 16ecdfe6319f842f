from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.directory_contract import DirectoryContract
from tests.hub.site import Site
from tests.hub.sqlite_site import sqlite_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with sqlite_site(tmp_path / "hub.db") as made:
        yield made


class TestSqlite(DirectoryContract):
    """The contract."""
