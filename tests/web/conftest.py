"""One browser for all tests of the pages: starting it takes longer than most of them."""

from collections.abc import Iterator

import pytest

from tests.web.chromium import Chromium


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    try:
        yield browser
    finally:
        browser.close()
