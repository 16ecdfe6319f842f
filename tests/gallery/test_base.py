from __future__ import annotations

import json
from pathlib import Path

import pytest

from edged.measure.gallery_damage import damage_files
from tests.gallery.sample import fill, index_directory, index_files, names, open_gallery, rebuild, wants_build


def test_damaged_files_are_noticed_and_made_again_or_put_back() -> None:
    result = damage_files(60, 20)

    assert result.crashes == 0
    assert result.noticed == 60
    assert result.mended == 20
    assert result.named > 5


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"name": "../../base-elsewhere"}},
        {"files": None},
        {"dimension": 8},
        {"sure": 0.0},
        {"format": 1},
        {"unknown": 1},
        {"mark": "00"},
        {"mark": "no digits"},
    ],
)
def test_a_sidecar_that_is_not_ours_is_not_believed(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    vectors = fill(gallery, people=10, photos=2)
    rebuild(gallery)
    gallery.close()
    sidecar = index_directory(path) / "base.json"
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | change))

    gallery = open_gallery(path, exact_below=5)
    assert gallery.snapshot().narrowing is None
    assert wants_build(gallery)
    assert names(gallery, vectors[3, 0], k=1) == ["p3"]
    gallery.close()


def test_a_missing_index_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    fill(gallery, people=10, photos=2)
    rebuild(gallery)
    gallery.close()
    for file in index_directory(path).glob("*.annoy"):
        file.unlink()

    gallery = open_gallery(path, exact_below=5)
    assert wants_build(gallery)
    rebuild(gallery)
    assert gallery.snapshot().narrowing is not None
    gallery.close()


def test_a_sound_index_is_used_again(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    fill(gallery, people=10, photos=2)
    trial = rebuild(gallery).trial
    gallery.close()

    gallery = open_gallery(path, exact_below=5)
    assert gallery.snapshot().narrowing is not None
    assert gallery.trial == trial
    assert not wants_build(gallery)
    gallery.close()


def test_old_index_files_are_removed_while_they_are_still_in_use(tmp_path: Path) -> None:
    path = tmp_path / "gallery.db"
    gallery = open_gallery(path, exact_below=5)
    vectors = fill(gallery, people=10, photos=2)
    rebuild(gallery)
    in_use = gallery.snapshot()
    rebuild(gallery)

    assert index_files(path) == ["annoy", "json", "keys", "scan"]
    (found,) = in_use.nearest(vectors[3, :1])
    assert found[0].person.customer_person_id == "p3"
    gallery.close()
