from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from edged.config.photos import PhotoSettings
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.photos.album import Doer, EventPlan, PhotoEvent, Terms
from edged.photos.bookmarks import SqliteBookmarks
from edged.photos.database import PhotoDatabase
from edged.photos.photo import NewPhoto, Photo, PhotoKind, Standing
from edged.photos.photo_files import PhotoFolder
from edged.photos.search import Search
from edged.photos.sqlite_feed import SqliteAlbumFeed
from edged.runtime.booth import DEVICE, Hand
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.device_albums import DeviceAlbums
from edged.runtime.photo_space import PhotoSpace

ANNA = Hand("account:anna", "Anna")
MODEL = ModelRef("m", "ab" * 32, 2)
JPEG = b"\xff\xd8\xff\xe0"
ORIGINAL, SMALL = 10_000, 100
EACH = ORIGINAL + 2 * SMALL


@dataclass
class Store:
    """A device's, in which time goes on by a second with each photograph."""

    folder: Path
    settings: PhotoSettings
    reserve: int = 0
    time: float = 1000.0
    acts: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        def seen(by: Doer, act: str, about: str) -> None:
            self.acts.append((act, by.id))

        self.conditions = Conditions(SystemClock())
        self.database = PhotoDatabase.open(
            self.folder / "photos.db", threading.Lock(), seen, now=lambda: self.time, new_id=lambda: str(uuid4())
        )
        files = PhotoFolder(self.folder / "photos")
        space = PhotoSpace(files.path, lambda: self.settings, self.conditions, reserve=self.reserve)
        self.space = space
        self.albums = DeviceAlbums(self.database, files, space, DEVICE)
        self.albums.create_organisation("booth", "Booth", by=ANNA)

    def event(self, slug: str) -> PhotoEvent:
        return self.albums.create_event("booth", slug, EventPlan(slug), by=ANNA)

    def add(self, event: PhotoEvent, name: str) -> Photo:
        self.time += 1
        return self.albums.add_photo(event, photo(name), by=ANNA)

    @property
    def is_full(self) -> bool:
        return any(condition.name == "photos.full" for condition in self.conditions.current())

    def on_the_disk(self) -> int:
        return sum(path.stat().st_size for path in (self.folder / "photos").rglob("*") if path.is_file())


def photo(name: str) -> NewPhoto:
    """Of `EACH` bytes: no two of its files are alike, nor like those of another one."""
    files = [(JPEG + f"{name} {kind}".encode()).ljust(size, b".") for kind, size in (("o", ORIGINAL), ("p", SMALL))]
    small = (JPEG + f"{name} t".encode()).ljust(SMALL, b".")
    return NewPhoto(files[0], files[1], small, f"{name}.jpg", 4, 3, None, [], MODEL)


def settings(photographs: float, when_full: str = "refuse") -> PhotoSettings:
    return PhotoSettings.model_validate({"max_gb": photographs * EACH / 1e9, "when_full": when_full})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path, settings(3.5))
    yield store
    store.database.close()


def test_no_more_is_kept_than_is_allowed_and_it_is_said(store: Store) -> None:
    event = store.event("gala")
    for name in "abc":
        store.add(event, name)
    assert not store.is_full
    with pytest.raises(Refused) as refusal:
        store.add(event, "d")
    assert (refusal.value.reason, store.is_full) == ("full", True)
    assert store.albums.photos(event, 0, 10).total == 3
    assert store.on_the_disk() == store.space.used() == 3 * EACH


def test_a_photograph_that_is_there_needs_no_room(store: Store) -> None:
    event = store.event("gala")
    first, _second, _third = [store.add(event, name) for name in "abc"]
    assert store.add(event, "a") == first


def test_files_that_two_events_share_count_once(store: Store) -> None:
    for slug in ("gala", "walk"):
        event = store.event(slug)
        for name in "ab":
            store.add(event, name)
    assert store.space.used() == 2 * EACH


def test_there_is_room_again_once_something_is_gone(store: Store) -> None:
    event = store.event("gala")
    first, _second, _third = [store.add(event, name) for name in "abc"]
    with pytest.raises(Refused):
        store.add(event, "d")
    store.albums.delete_photo(first.id, by=ANNA)
    assert not store.is_full
    store.add(event, "d")


def test_a_purge_makes_room(store: Store) -> None:
    event = store.event("gala")
    for name in "abc":
        store.add(event, name)
    with pytest.raises(Refused):
        store.add(event, "d")
    store.albums.purge_event("booth", "gala", by=ANNA)
    store.space.freed()  # as the purger does in every round
    assert (store.is_full, store.space.used()) == (False, 0)


def test_the_oldest_of_an_event_that_is_closed_go_first_and_it_is_noted(store: Store) -> None:
    old, new = store.event("old"), store.event("new")
    first, second = store.add(old, "a"), store.add(old, "b")
    mine = store.add(new, "c")
    store.albums.close_event("booth", "old", closed=True, by=ANNA)
    store.settings = settings(3.5, "oldest")

    store.add(new, "d")
    assert [one.id for one in store.albums.photos(old, 0, 10).photos] == [second.id]
    assert store.albums.content(first.id, PhotoKind.ORIGINAL) is None
    assert ("make_room", "device") in store.acts
    store.add(new, "e")
    assert store.albums.photos(old, 0, 10).total == 0
    assert store.on_the_disk() == 3 * EACH
    assert store.albums.any_photo(new, mine.id) is not None


def test_an_event_that_is_open_loses_nothing_however_full_it_is(store: Store) -> None:
    store.settings = settings(3.5, "oldest")
    event, other = store.event("gala"), store.event("walk")
    for name in "ab":
        store.add(event, name)
    store.add(other, "c")
    with pytest.raises(Refused) as refusal:
        store.add(other, "d")
    assert refusal.value.reason == "full"
    assert (store.albums.photos(event, 0, 9).total, store.albums.photos(other, 0, 9).total) == (2, 1)


def test_an_event_that_has_expired_is_over_and_makes_room(store: Store) -> None:
    over = store.albums.create_event("booth", "old", EventPlan("old", terms=Terms(expires=1010.0)), by=ANNA)
    event = store.event("new")
    for name in "abc":
        store.add(over, name)
    store.settings = settings(3.5, "oldest")
    with pytest.raises(Refused):
        store.add(event, "d")
    store.time = 1010.0
    store.add(event, "d")
    assert store.albums.photos(over, 0, 9).total == 2


def test_what_makes_room_is_deleted_here_alone_so_that_a_hub_keeps_it(store: Store) -> None:
    old = store.event("old")
    first, second = store.add(old, "a"), store.add(old, "b")
    store.albums.close_event("booth", "old", closed=True, by=ANNA)
    assert store.albums.drop_oldest()
    _reached, changes = SqliteAlbumFeed(store.database, PhotoFolder(store.folder / "photos")).changes("booth", 0, 100)
    told = [change.id for change in changes]
    assert (first.id in told, second.id in told) == (False, True)


def test_the_disk_keeps_a_reserve_whatever_is_allowed(tmp_path: Path) -> None:
    store = Store(tmp_path, PhotoSettings(), reserve=2**60)
    with pytest.raises(Refused) as refusal:
        store.add(store.event("gala"), "a")
    assert refusal.value.reason == "full"
    assert "disk" in refusal.value.what
    assert not (tmp_path / "photos").exists()
    store.database.close()


def test_many_at_once_never_keep_more_than_is_allowed(store: Store) -> None:
    event = store.event("gala")
    refused = []

    def add(name: str) -> None:
        try:
            store.albums.add_photo(event, photo(name), by=ANNA)
        except Refused as refusal:
            refused.append(refusal.reason)

    threads = [threading.Thread(target=add, args=(str(at),)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.on_the_disk() <= 3 * EACH
    assert set(refused) == {"full"}
    assert store.albums.photos(event, 0, 10).total + len(refused) == 8


def test_a_selfie_is_kept_where_there_is_room_and_a_search_is_done_anyway(store: Store) -> None:
    event = store.albums.create_event("booth", "gala", EventPlan("gala", terms=Terms(keeps_selfies=True)), by=ANNA)
    for number in range(3):
        request = str(uuid4())
        store.albums.finish_search(event, Search(request, 0.0, ()), by=ANNA, selfie=bytes([number]) * 2 * EACH)
        assert store.albums.search(event, request) is not None
    assert (store.on_the_disk(), store.albums.tally(event).selfies) == (2 * EACH, 1)


def test_with_a_hub_only_what_it_was_told_of_makes_room(store: Store) -> None:
    store.settings = settings(3.5, "oldest")
    has_hub = [True]
    store.albums._has_hub = lambda: has_hub[0]
    feed, bookmarks = SqliteAlbumFeed(store.database, store.albums._files), SqliteBookmarks(store.database, "hub")
    over, on = store.event("over"), store.event("on")
    first, second = store.add(over, "a"), store.add(over, "b")
    store.albums.close_event("booth", "over", closed=True, by=ANNA)
    store.add(on, "c")

    with pytest.raises(Refused) as refusal:
        store.add(on, "d")

    assert refusal.value.reason == "full"
    bookmarks.mark("pushed", str(feed.changes("booth", 0, 100)[0]))
    store.albums.set_standing(over, first.id, Standing.HIDDEN, by=ANNA)
    store.add(on, "d")
    assert store.albums.any_photo(over, first.id) is not None, "the hub does not know yet that it is hidden"
    assert store.albums.any_photo(over, second.id) is None
