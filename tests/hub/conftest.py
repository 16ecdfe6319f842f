from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "tests.hub.directory_contract",
    "tests.hub.fleet_contract",
    "tests.hub.directory_model",
    "tests.hub.taking_contract",
    "tests.photos.albums_contract",
    "tests.photos.event_contract",
    "tests.photos.guest_contract",
    "tests.photos.moderation_contract",
)
