from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edged.config.photos import PhotoSettings
from edged.domain.errors import Unavailable
from edged.domain.rect import Rect
from edged.photos.photo import Source
from edged.runtime.device_eyes import MAX_BYTES
from edged.runtime.folder_progress import FolderProgress
from tests.api.painted import MODEL, paint, portrait, vector
from tests.photos.test_exif import NOON, exif, jpeg
from tests.runtime.folder_site import LONG_S, FolderSite, folder_site, touch


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FolderSite]:
    with folder_site(tmp_path) as site:
        yield site


def test_a_photograph_that_appears_is_in_the_event_and_its_faces_are_found(site: FolderSite) -> None:
    event = site.event()
    site.put("DCIM/100CANON/IMG_1.png", portrait(1))
    site.look(2)
    (photo,) = site.photos(event)
    assert (photo.filename, photo.source) == ("IMG_1.png", Source.FOLDER)
    assert [found.photo for found in site.albums.like(event, MODEL, vector(1), 0.9)] == [photo.id]
    assert site.trouble == []


def test_the_time_is_what_the_camera_wrote(site: FolderSite) -> None:
    event = site.event()
    site.put("a.jpg", jpeg(exif()))
    site.look(2)
    assert [photo.taken for photo in site.photos(event)] == [NOON]


def test_a_file_that_grows_is_waited_for(site: FolderSite) -> None:
    event = site.event()
    whole = portrait(1)
    for end in range(10, len(whole), len(whole) // 5):
        site.put("a.png", whole[:end])
        site.look()
    assert (site.photos(event), site.eyes.looks) == ([], 0)
    site.put("a.png", whole)
    site.look(2)
    assert len(site.photos(event)) == 1
    assert site.watched.progress.refusals == ()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_a_transfer_that_stalls_is_not_given_up_at_once(site: FolderSite, suffix: str) -> None:
    event = site.event()
    whole = paint((1, 0, Rect(100, 60, 200, 180)), suffix=suffix)
    path = site.put(f"a{suffix}", whole[: len(whole) * 3 // 4])
    site.look(5)
    assert (site.watched.progress.settling, site.watched.progress.refused) == (1, 0)
    with path.open("ab") as file:
        file.write(whole[len(whole) * 3 // 4 :])
    site.look(2)
    assert len(site.photos(event)) == 1
    assert site.watched.progress.refused == 0


def test_one_that_stays_broken_is_refused_with_its_reason_and_not_read_again(site: FolderSite) -> None:
    site.event()
    site.put("broken.png", portrait(1)[:60])
    site.put("sound.png", portrait(2))
    site.look(2)
    site.clock.advance(LONG_S)
    site.look()
    looks = site.eyes.looks
    progress = site.watched.progress
    assert (progress.seen, progress.done, progress.refused, progress.waiting) == (2, 1, 1, 0)
    ((name, reason, what),) = progress.refusals
    assert (name, reason, bool(what)) == ("broken.png", "truncated", True)
    site.begin_anew()
    site.look(2)
    site.clock.advance(LONG_S)
    site.look()
    assert (site.eyes.looks, site.watched.progress.refusals) == (looks, progress.refusals)


def test_the_same_content_under_two_names_is_one_photograph_and_looked_at_once(site: FolderSite) -> None:
    event = site.event()
    site.put("a.png", portrait(1))
    site.put("copy/b.png", portrait(1))
    site.look(2)
    assert len(site.photos(event)) == 1
    assert (site.eyes.looks, site.watched.progress.done) == (1, 2)


def test_a_file_that_is_renamed_comes_in_once(site: FolderSite) -> None:
    event = site.event()
    path = site.put(".a.png.part", portrait(1))
    site.look(2)
    assert (site.photos(event), site.watched.progress.ignored) == ([], {"hidden": 1})
    renamed = path.rename(site.folder / "a.png")
    site.look(2)
    renamed.rename(site.folder / "b.png")
    site.look(2)
    assert (site.names(event), site.eyes.looks) == (["a.png"], 1)


def test_after_a_restart_nothing_is_read_again(site: FolderSite) -> None:
    event = site.event()
    for number in range(4):
        site.put(f"{number}.png", portrait(1, number))
    site.look(2)
    site.begin_anew()
    site.look(3)
    assert (len(site.photos(event)), site.eyes.looks) == (4, 4)
    assert (site.watched.progress.done, site.watched.progress.waiting) == (4, 0)


def test_one_that_somebody_deleted_does_not_come_back(site: FolderSite) -> None:
    event = site.event()
    path = site.put("a.png", portrait(1))
    site.look(2)
    site.albums.delete_photo(site.photos(event)[0].id, by=site.albums._by)
    site.begin_anew()
    site.look(2)
    path.rename(site.folder / "again.png")
    site.look(2)
    assert site.photos(event) == []


def test_what_came_in_for_an_event_that_was_purged_does_not_come_in_for_the_next(site: FolderSite) -> None:
    site.event("first")
    site.put("a.png", portrait(1))
    site.look(2)
    site.albums.purge_event("booth", "first", by=site.albums._by)
    second = site.event("second")
    site.put("b.png", portrait(2))
    site.look(2)
    assert site.names(second) == ["b.png"]


def test_a_card_of_the_same_names_with_other_photographs_is_another_card(site: FolderSite) -> None:
    event = site.event()
    touch(site.put("DCIM/IMG_1.png", portrait(1)), 1000)
    site.look(2)
    touch(site.put("DCIM/IMG_1.png", portrait(2)), 2000)
    site.look(2)
    assert len(site.photos(event)) == 2


def test_a_card_that_vanishes_is_no_error(site: FolderSite) -> None:
    event = site.event()
    for number in range(3):
        site.put(f"card/{number}.png", portrait(1, number))
    site.look()
    read, taken = site.eyes.look, []

    def pull_out(photo: bytes, choose: object) -> object:
        taken.append(photo)
        (site.folder / "card").rename(site.folder.parent / "pulled out")
        site.eyes.look = read  # type: ignore[method-assign]
        return read(photo, choose)  # type: ignore[arg-type]

    site.eyes.look = pull_out  # type: ignore[method-assign,assignment]
    site.look(2)
    assert (len(site.photos(event)), len(taken), site.trouble) == (1, 1, [])
    assert (site.watched.progress.seen, site.watched.progress.refused) == (0, 0)
    (site.folder.parent / "pulled out").rename(site.folder / "card")
    site.look(2)
    assert len(site.photos(event)) == 3


def test_a_folder_that_is_not_there_is_named_and_seen_once_it_is(site: FolderSite) -> None:
    event = site.event()
    site.folder.rmdir()
    with pytest.raises(Unavailable, match="folder"):
        site.look()
    site.folder.mkdir()
    site.put("a.png", portrait(1))
    site.look(2)
    assert (len(site.photos(event)), site.trouble) == (1, [])


def test_links_hidden_and_other_files_are_left_alone_and_counted(site: FolderSite, tmp_path: Path) -> None:
    event = site.event()
    secret = tmp_path / "state" / "secret.png"
    secret.write_bytes(portrait(9))
    (site.folder / "link.png").symlink_to(secret)
    (site.folder / "links").symlink_to(secret.parent)
    os.mkfifo(site.folder / "pipe.jpg")
    site.put(".trash/a.png", portrait(1))
    site.put("film.mp4", b"\0\0\0\x18ftypmp42" + bytes(MAX_BYTES))
    site.put("notes.jpg", b"a text")
    site.put("/".join("abcdefghi") + "/deep.png", portrait(2))
    site.put("good.dat", portrait(3))
    site.look(2)
    assert len(site.photos(event)) == 1
    assert site.watched.progress.ignored == {"hidden": 1, "link": 2, "special": 1, "too_deep": 1, "other_kind": 2}
    assert (site.watched.progress.seen, site.watched.progress.refused) == (1, 0)


def test_a_folder_swapped_for_a_link_after_it_was_listed_leads_nowhere(site: FolderSite, tmp_path: Path) -> None:
    event = site.event()
    theirs = tmp_path / "state" / "private"
    theirs.mkdir()
    touch(site.put("sub/a.png", portrait(1)), 1000)
    (theirs / "a.png").write_bytes(portrait(1))
    touch(theirs / "a.png", 1000)
    site.look()
    (site.folder / "sub").rename(site.folder.parent / "gone")
    (site.folder / "sub").symlink_to(theirs)
    site.watched._take_all(site.stop, float("inf"))
    site.clock.advance(2)
    site.watched._take_all(site.stop, float("inf"))
    assert site.photos(event) == []


def test_photographs_wait_until_an_event_is_on(site: FolderSite) -> None:
    site.put("a.png", portrait(1))
    site.look(3)
    assert (site.watched.progress.waiting, site.watched.progress.event, site.eyes.looks) == (1, "", 0)
    first = site.event("first")
    site.look()
    assert len(site.photos(first)) == 1
    site.albums.close_event("booth", "first", closed=True, by=site.albums._by)
    site.put("b.png", portrait(2))
    site.look(3)
    assert (site.watched.progress.waiting, len(site.photos(first))) == (1, 1)
    site.albums.close_event("booth", "first", closed=False, by=site.albums._by)
    site.look()
    assert len(site.photos(first)) == 2


def test_without_room_they_wait_unread_and_go_on_when_there_is_some(site: FolderSite) -> None:
    event = site.event()
    site.settings = PhotoSettings(max_gb=1e-6)
    site.put("a.png", portrait(1))
    site.look(3)
    assert (site.photos(event), site.eyes.looks, site.trouble) == ([], 0, ["photos.full"])
    assert site.watched.progress.waiting == 1
    site.settings = PhotoSettings()
    site.look()
    assert (len(site.photos(event)), site.trouble) == (1, [])


def test_with_room_for_the_file_alone_it_is_not_looked_at_again_and_again(site: FolderSite) -> None:
    event = site.event()
    path = site.put("a.png", portrait(1))
    site.settings = PhotoSettings(max_gb=(path.stat().st_size + 1) / 1e9)
    site.look(5)
    assert (site.photos(event), site.eyes.looks, site.trouble) == ([], 1, ["photos.full"])
    site.settings = PhotoSettings()
    site.clock.advance(LONG_S)
    site.look()
    assert len(site.photos(event)) == 1


def test_a_photograph_that_is_too_large_is_refused(site: FolderSite) -> None:
    site.event()
    site.put("huge.png", portrait(1) + bytes(MAX_BYTES))
    site.look(2)
    site.clock.advance(LONG_S)
    site.look()
    assert [reason for _name, reason, _what in site.watched.progress.refusals] == ["too_large"]


def test_a_film_that_there_is_no_room_for_holds_up_no_photograph(site: FolderSite) -> None:
    event = site.event()
    film = site.folder / "a-film.mp4"
    with film.open("wb") as file:
        file.truncate(5_000_000_000)
    os.utime(film, (0, 0))
    site.settings = PhotoSettings(max_gb=1)
    site.put("b.png", portrait(1))
    site.look(3)
    assert len(site.photos(event)) == 1
    assert site.trouble == []


def test_other_processes_can_read_how_far_it_is(site: FolderSite) -> None:
    site.event()
    for number in range(3):
        site.put(f"{number}.png", portrait(1, number))
    site.put("broken.png", portrait(1)[:60])
    site.look(2)
    site.clock.advance(LONG_S)
    site.look()
    told = FolderProgress.read(site.memory.progress())
    assert told is not None
    assert told == FolderProgress.read(json.dumps(site.watched.progress.document()))
    assert (told.seen, told.done, told.refused, told.event) == (4, 3, 1, "gala")


def test_the_files_themselves_are_never_changed(site: FolderSite) -> None:
    site.event()
    paths = [site.put("a.png", portrait(1)), site.put("b.png", portrait(1)), site.put("c.png", portrait(2)[:60])]
    before = [(path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in paths]
    site.look(2)
    site.clock.advance(LONG_S)
    site.look()
    assert [(path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in paths] == before
