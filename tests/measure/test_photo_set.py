from __future__ import annotations

from pathlib import Path

import pytest

from edged.domain.errors import Refused
from edged.measure.photo_set import Pair, read_aliases, read_names, read_pairs, read_photos


def test_photographs_are_found_below_each_persons_folder(tmp_path: Path) -> None:
    for name in ("Ben/2.png", "Anna/Anna_0001.jpg", "Anna/notes.txt", "loose.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [(photo.person, photo.path.name) for photo in read_photos(tmp_path)] == [
        ("Anna", "Anna_0001.jpg"),
        ("Ben", "2.png"),
    ]
    with pytest.raises(Refused):
        read_photos(tmp_path / "Anna")


def test_pairs_have_lfws_format(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("2\t1\nAnna\t1\t4\nAnna\t1\tBen\t12\nCleo\t2\t3\nCleo\t1\tDora\t1\n", encoding="utf-8")
    pairs = read_pairs(file, Path("lfw"))
    assert pairs[0] == Pair(Path("lfw/Anna/Anna_0001.jpg"), Path("lfw/Anna/Anna_0004.jpg"), same=True, fold=0)
    assert pairs[1] == Pair(Path("lfw/Anna/Anna_0001.jpg"), Path("lfw/Ben/Ben_0012.jpg"), same=False, fold=0)
    assert [pair.fold for pair in pairs] == [0, 0, 1, 1]


@pytest.mark.parametrize(
    "text", ["", "2", "1\t1\nAnna\t1\t2\n", "1\t1\nAnna 1 2\nAnna one Ben two\n", "1 1\nA 1\nB 1 2\n"]
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refused):
        read_pairs(file, Path("lfw"))


def test_names_and_aliases(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("Anna Ann\n\nBen\n", encoding="utf-8")
    assert read_names(file) == {"Anna Ann", "Ben"}
    assert read_aliases(file) == {"Anna": "Anna", "Ann": "Anna", "Ben": "Ben"}
    with pytest.raises(Refused, match="absent"):
        read_names(tmp_path / "absent.txt")
