"""Labelled photographs to measure with: a folder for each person, as Labeled Faces in the Wild has it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.domain.errors import Refused

_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


@dataclass(frozen=True, slots=True, order=True)
class Photo:
    """One photograph and whom it shows."""

    person: str
    path: Path


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photographs to compare.

    Attributes:
        same: whether they show one person.
        fold: the group it belongs to, from 0.
    """

    first: Path
    second: Path
    same: bool
    fold: int


def read_photos(root: Path) -> tuple[Photo, ...]:
    """All photographs `<root>/<person>/<file>`, sorted.

    Raises:
        Refused: there are none.
    """
    photos = (Photo(path.parent.name, path) for path in root.glob("*/*") if path.suffix.lower() in _SUFFIXES)
    found = tuple(sorted(photos))
    if not found:
        raise Refused("no_photos", f"there are no photographs in {root}", "It needs a folder for each person.")
    return found


def some_photos(folder: Path, most: int) -> tuple[Path, ...]:
    """At most so many of the photographs in a folder and the folders in it, spread evenly.

    Raises:
        Refused: there are none.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    if not found:
        raise Refused("no_photos", f"there are no photographs in {folder}", "Name a folder with JPEG or PNG files.")
    step = max(1.0, len(found) / most)
    return tuple(found[int(place * step)] for place in range(min(most, len(found))))


def read_pairs(path: Path, root: Path) -> tuple[Pair, ...]:
    """Pairs in LFW's format.

    The first line has the number of folds and of pairs: in each fold so many of one person (`NAME FIRST SECOND`), then
    as many of two people (`NAME FIRST NAME SECOND`). A photograph is `<root>/NAME/NAME_0001.jpg`.

    Raises:
        Refused: the file cannot be read, or a line is none of these.
    """
    lines = [line.split() for line in _lines(path)]
    try:
        folds, count = (int(word) for word in lines[0])
        pairs = [_pair(words, root, place // (2 * count)) for place, words in enumerate(lines[1:])]
    except (ValueError, IndexError) as error:
        raise Refused(
            "not_pairs", f"{path} is no list of pairs: {error}", "See `edged eval verification --help`."
        ) from error
    if len(pairs) != folds * 2 * count:
        raise Refused("not_pairs", f"{path} promises {folds * 2 * count} pairs and has {len(pairs)}")
    return tuple(pairs)


def read_names(path: Path) -> frozenset[str]:
    """The names in a file, one a line.

    Raises:
        Refused: the file cannot be read.
    """
    return frozenset(line.strip() for line in _lines(path))


def read_aliases(path: Path) -> dict[str, str]:
    """From each name in a file to the first one on its line: names of one person stand on one line.

    Raises:
        Refused: the file cannot be read.
    """
    groups = [line.split() for line in _lines(path)]
    return {name: group[0] for group in groups for name in group}


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("unreadable", f"{path} cannot be read: {error}") from error


def _pair(words: list[str], root: Path, fold: int) -> Pair:
    match words:
        case [name, first, second]:
            return Pair(_photo(root, name, first), _photo(root, name, second), same=True, fold=fold)
        case [name, first, other, second]:
            return Pair(_photo(root, name, first), _photo(root, other, second), same=False, fold=fold)
    raise ValueError(" ".join(words))


def _photo(root: Path, name: str, number: str) -> Path:
    return root / name / f"{name}_{int(number):04d}.jpg"
