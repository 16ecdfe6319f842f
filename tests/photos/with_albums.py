"""What the contracts of a store begin with."""

from __future__ import annotations

import pytest

from edged.api.albums import Albums
from edged.photos.album import PhotoEvent
from tests.hub.album_site import AlbumSite, new_event


class WithAlbums:
    """A store, and an event in it. A module of tests gives the fixture `album_site`."""

    @pytest.fixture
    def albums(self, album_site: AlbumSite) -> Albums:
        return album_site.albums

    @pytest.fixture
    def event(self, albums: Albums) -> PhotoEvent:
        return new_event(albums)
