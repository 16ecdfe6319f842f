"""A real Mosquitto for the daemon to talk to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edged.runtime.mosquitto import Mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    with Mosquitto(folder) as mosquitto:
        yield mosquitto
