from __future__ import annotations

import random
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from edged.domain.errors import Corrupt
from edged.gallery.backup import put_back
from tests.gallery.sample import MODEL, as_stored, fill, names, open_gallery, open_people, somebody, template


def throw_away(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of 30 people with a backup."""
    path = tmp_path / "gallery.db"
    with closing(open_gallery(path)) as gallery:
        fill(gallery, people=30, photos=2)
    with closing(open_people(path)) as people:
        people.back_up(3)
    return path


def restore(path: Path) -> int:
    """Puts the last good backup back, as the daemon does; returns the revision."""
    with closing(open_people(path.parent / "elsewhere" / "gallery.db")) as other:
        other.backups._folder = path.parent / "backups"
        return put_back(path, other.backups, frozenset(), throw_away).revision


def test_a_backup_put_back_is_the_same_people(path: Path) -> None:
    with closing(open_gallery(path)) as gallery:
        digest, version = gallery.snapshot().digest, gallery.snapshot().version
    throw_away(path)

    restore(path)

    with closing(open_gallery(path)) as again:
        assert again.snapshot().digest == digest
        assert again.snapshot().version > version, "no version of the index means two things"


def test_only_the_newest_are_kept(path: Path) -> None:
    with closing(open_people(path)) as people:
        for number in range(5):
            people.enroll(somebody(f"new {number}"), [], MODEL)
            people.back_up(3)
        revisions = [backup.revision for backup in people.backups.all()]

    assert revisions == [35, 34, 33]


def test_a_damaged_backup_is_passed_over_for_an_older_one(path: Path) -> None:
    with closing(open_people(path)) as people:
        people.enroll(somebody("new"), [], MODEL)
        people.back_up(3)
        newest = people.backups.all()[0].path
    newest.write_bytes(newest.read_bytes()[:-100])
    throw_away(path)

    assert restore(path) == 30


def test_without_a_good_backup_the_damaged_database_stays_where_it_is(path: Path) -> None:
    for backup in (path.parent / "backups").iterdir():
        backup.write_bytes(b"nothing")
    content = path.read_bytes()

    with pytest.raises(Corrupt, match="no good backup"):
        restore(path)

    assert path.read_bytes() == content


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_is_named_and_the_backup_put_back_or_nobody_is_missing(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with closing(open_gallery(path)) as gallery:
        digest = gallery.snapshot().digest
    content = bytearray(path.read_bytes())
    length = chance.choice((1, 16, 512, 8192))
    start = chance.randrange(len(content) - length)
    content[start : start + length] = chance.randbytes(length) if length > 1 else bytes([content[start] ^ 0x10])
    path.write_bytes(content)

    try:
        gallery = open_gallery(path)
    except Corrupt:
        restore(path)
        gallery = open_gallery(path)
    assert gallery.snapshot().digest == digest
    assert names(gallery, template(0).vector, k=30)
    gallery.close()


def test_backups_are_of_no_use_without_the_key(path: Path, tmp_path: Path) -> None:
    with closing(open_people(path)) as people:
        people.enroll(somebody("somebody with a rare name"), [template(7)], MODEL)
        people.back_up(3)
    shutil.rmtree(tmp_path / "crops", ignore_errors=True)

    for backup in (tmp_path / "backups").iterdir():
        assert b"somebody with a rare name" not in backup.read_bytes()
        assert as_stored(7) not in backup.read_bytes()
