from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.central.album_follower_contract", "tests.central.centre_contract")
