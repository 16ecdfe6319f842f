from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.ninepic.site import Site, ninepic_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with ninepic_site(tmp_path) as made:
        yield made
