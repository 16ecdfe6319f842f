"""Two stores of events that tell each other what has changed, for the contracts of what they tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from edged.api.albums import Albums
from edged.photos.album import PhotoEvent
from edged.photos.feed import AlbumFeed
from edged.photos.kept import ChangeKind, KeptEvent, KeptPhoto
from edged.photos.photo import PhotoKind
from edged.photos.photo_files import PhotoFolder
from tests.hub.album_site import BY, Clock, new_event

REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
THEM = replace(BY, id="the other one")


class InterruptedFolder(PhotoFolder):
    """Lets something else happen before the next file is put."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.first: list[Callable[[], object]] = []

    def put(self, digest: str, content: bytes) -> None:
        while self.first:
            self.first.pop()()
        super().put(digest, content)


@dataclass(frozen=True, slots=True)
class Store:
    """One of two."""

    albums: Albums
    feed: AlbumFeed
    clock: Clock
    files: InterruptedFolder


def kept(event: PhotoEvent, revision: int = 1) -> KeptEvent:
    return KeptEvent.of(event, revision)


def files_of(store: Store, photo: str, *kinds: PhotoKind) -> list[tuple[str, bytes]]:
    found = [(kind, store.albums.content(photo, kind)) for kind in kinds or PhotoKind]
    return [(kind.value, file.content) for kind, file in found if file]


def photo_of(store: Store, event: PhotoEvent, photo: str) -> KeptPhoto:
    found = store.feed.photo(event, photo)
    assert found is not None
    return found


def told(store: Store, but: str = "") -> list[tuple[ChangeKind, str]]:
    _reached, changes = store.feed.changes("acme", 0, 1000, but=but)
    return [(change.kind, change.id) for change in changes]


class WithStores:
    """Two stores, and an event in the first. A module of tests gives the fixture `stores`: two, each empty."""

    @pytest.fixture
    def here(self, stores: tuple[Store, Store]) -> Store:
        return stores[0]

    @pytest.fixture
    def there(self, stores: tuple[Store, Store]) -> Store:
        stores[1].albums.create_organisation("acme", "Acme", by=BY)
        return stores[1]

    @pytest.fixture
    def event(self, here: Store) -> PhotoEvent:
        return new_event(here.albums)
