"""Index files never outlive whom they were made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edged.config.document import GallerySettings
from edged.domain.errors import Corrupt
from edged.gallery.build import build
from edged.gallery.gallery import Gallery
from edged.gallery.index_directory import forget_index
from edged.vault.seal import Seal, new_key
from tests.gallery.sample import (
    MODEL,
    OTHER_MODEL,
    SEAL,
    directions,
    fill,
    index_directory,
    index_files,
    names,
    open_gallery,
    open_people,
    rebuild,
    somebody,
    standing_clock,
    template,
    wants_build,
)

WHOLE = ["annoy", "json", "keys", "scan"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gallery.db"


def with_index(path: Path) -> Gallery:
    gallery = open_gallery(path, exact_below=5)
    fill(gallery, people=12, photos=2)
    rebuild(gallery)
    assert index_files(path) == WHOLE
    return gallery


def can_wait(gallery: Gallery) -> bool:
    return gallery.rebuild_can_wait


def test_with_a_person_go_the_index_files_of_every_model_and_lookups_stay_fast(path: Path) -> None:
    other = open_gallery(path, OTHER_MODEL, exact_below=5)
    fill(other, people=12, photos=2)
    rebuild(other)
    other.close()
    gallery = open_gallery(path, exact_below=5)
    rebuild(gallery)
    fill(gallery, people=12, photos=2)
    rebuild(gallery)
    assert index_files(path) == index_files(path, OTHER_MODEL) == WHOLE

    gallery.delete("p4")

    assert index_files(path) == index_files(path, OTHER_MODEL) == ["json"]
    assert gallery.snapshot().narrowing is not None
    assert "p4" not in names(gallery, directions(0, 12)[4], k=12)
    gallery.close()


def test_a_new_index_may_wait_for_further_deletions_and_is_kept_again(path: Path) -> None:
    gallery = with_index(path)
    assert not can_wait(gallery)
    gallery.delete("p4")
    gallery.delete("p5")
    assert wants_build(gallery)
    assert can_wait(gallery)

    rebuild(gallery)

    assert index_files(path) == WHOLE
    assert not wants_build(gallery)
    assert not can_wait(gallery)
    gallery.close()
    again = open_gallery(path, exact_below=5)
    assert again.snapshot().narrowing is not None
    again.close()


def test_who_was_never_enrolled_takes_nothing_with_them(path: Path) -> None:
    gallery = with_index(path)
    gallery.enroll(somebody("without a photograph"), [])
    gallery.delete("nobody")
    gallery.delete("without a photograph")
    assert index_files(path) == WHOLE
    gallery.close()


def test_another_process_deletion_is_noticed(path: Path) -> None:
    gallery = with_index(path)
    other = open_people(path)
    other.delete("p4")
    other.close()

    assert gallery.refresh()

    assert index_files(path) == ["json"]
    assert gallery.rebuild_can_wait
    gallery.close()


@pytest.mark.parametrize("when", ["before it writes", "before it is adopted"])
def test_a_build_does_not_bring_back_whom_a_deletion_has_taken(path: Path, when: str) -> None:
    gallery = with_index(path)
    plan = gallery.begin_build()
    if when == "before it writes":
        gallery.delete("p4")
    built = build(plan, timer=standing_clock)
    if when == "before it is adopted":
        gallery.delete("p4")
    assert index_files(path) == ["json"]

    gallery.adopt(built)

    assert index_files(path) == ["json"]
    assert gallery.snapshot().narrowing is not None
    assert gallery.rebuild_can_wait
    assert names(gallery, directions(0, 12)[4], k=12).count("p4") == 0
    gallery.close()


def test_a_deletion_that_was_cut_short_is_made_good_when_the_gallery_is_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the database had forgotten the person, before the files were removed."""
    with_index(path).close()
    people = open_people(path)
    with monkeypatch.context() as patch:
        patch.setattr("edged.gallery.people.forget_index", lambda _state: None)
        people.delete("p4")
    people.close()

    gallery = open_gallery(path, exact_below=5)

    assert index_files(path) == ["json"]
    assert gallery.snapshot().narrowing is not None
    assert names(gallery, directions(0, 12)[4], k=12).count("p4") == 0
    gallery.close()


def test_a_process_without_a_gallery_can_forget_the_index(path: Path) -> None:
    with_index(path).close()
    forget_index(path.parent)
    forget_index(path.parent)
    assert index_files(path) == ["json"]
    gallery = open_gallery(path, exact_below=5)
    assert wants_build(gallery)
    assert not gallery.rebuild_can_wait
    gallery.close()


def test_no_index_file_shows_a_template(path: Path) -> None:
    """One photograph a person: its eight-bit numbers, and Annoy's, are the template itself."""
    gallery = open_gallery(path, exact_below=5)
    vectors = np.concatenate([template(photo).vector[np.newaxis] for photo in range(300)])
    for photo in range(300):
        gallery.enroll(somebody(f"p{photo}"), [template(photo), template(1000 + photo)])
    built = rebuild(gallery)
    assert built.narrowing is not None
    prints = gallery.snapshot().roll.matrix.prints[::2, 0]
    content = b"".join(file.read_bytes() for file in index_directory(path).iterdir())
    assert len(content) > 20_000
    assert not [photo for photo in range(300) if vectors[photo, :2].tobytes() in content]
    assert not [photo for photo in range(300) if prints[photo].tobytes() in content]
    gallery.close()


def test_another_devices_index_is_not_opened(path: Path) -> None:
    with_index(path).close()
    gallery = Gallery(open_people(path), GallerySettings(exact_below=5), MODEL, Seal(new_key()))
    assert (gallery.trial, gallery.snapshot().narrowing) == (None, None)
    gallery.close()


def test_a_file_of_another_build_does_not_open_under_this_ones_name(path: Path) -> None:
    gallery = with_index(path)
    (keys,) = index_directory(path).glob("*.keys")
    with pytest.raises(Corrupt):
        SEAL.open(keys.read_bytes(), b"index base-0000000000000000.keys 0 of 1")
    assert SEAL.open(keys.read_bytes(), f"index {keys.name} 0 of 1".encode())
    gallery.close()


def test_the_unsealed_index_of_an_earlier_edged_is_removed(path: Path) -> None:
    old = path.parent / "index"
    old.mkdir()
    for name in ("base.json", "base-abc.annoy", "base-abc.keys"):
        (old / name).write_text("old")
    open_gallery(path).close()
    assert list(old.iterdir()) == []
