from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "tests.photos.albums_contract",
    "tests.photos.event_contract",
    "tests.photos.feed_contract",
    "tests.photos.guest_contract",
    "tests.photos.likeness_contract",
    "tests.photos.moderation_contract",
    "tests.photos.photo_files_contract",
    "tests.photos.refusal_contract",
    "tests.photos.report_contract",
)
