"""The device's own gallery as a directory: the contract of directories, and what is different here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.hub.directory_contract import DirectoryContract
from tests.hub.site import Site
from tests.runtime.device_site import device_site

NOT_HERE: Final[Mapping[str, str]] = {}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with device_site(tmp_path) as made:
        yield made


class TestDevice(DirectoryContract):
    """The contract, but for `NOT_HERE`."""


for _name in NOT_HERE:
    setattr(TestDevice, _name, None)
