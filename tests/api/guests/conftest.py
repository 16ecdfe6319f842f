from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.guests.house import House, guest_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with guest_house(tmp_path) as made:
        yield made
