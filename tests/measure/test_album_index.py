"""Whom a search of group photographs finds is counted right, and told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edged.domain.face import Box
from edged.domain.frame import Image
from edged.domain.progress import quiet
from edged.measure.album_index import BANDS, ONE_LOOKS, AlbumIndex, PhotoCost, Seen, Trial
from edged.measure.album_report import album_report, is_good
from edged.measure.group_photo import Head, Standing, compose, read_heads
from edged.vision.sight import Sight


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory, sight: Sight, astronaut: Image) -> tuple[Head, ...]:
    folder = tmp_path_factory.mktemp("people") / "eileen"
    folder.mkdir()
    for number, left in enumerate((20, 40)):
        cv2.imwrite(str(folder / f"{number}.png"), np.ascontiguousarray(astronaut[:400, left:420]))
    return read_heads(folder.parent, sight, 1, 1, quiet)


def test_who_is_found_and_who_is_not_and_what_is_nobody_is_counted(sight: Sight, heads: tuple[Head, ...]) -> None:
    photo = compose(heads * 4, (40, 150), 0, size=(1800, 1200))
    ghost = Standing(heads[0], Box(0, 0, 30, 40))
    somebody = photo.people[1:]  # the first stands there, but is not on the list
    cost, people = Trial(sight, heads).look("40 to 80", replace(photo, people=(*somebody, ghost)))
    assert [seen.found for seen in people] == [True, True, True, False]
    assert [seen.known for seen in people] == [True, True, True, False]
    assert all(seen.known_near for seen in people)
    assert cost.false == 1
    assert min(cost.steps) > 0


def _index(*, found: int, missed: int, seconds: float) -> AlbumIndex:
    def seen(*, there: bool) -> Seen:
        return Seen(50.0, there, (False,) * len(ONE_LOOKS), there, there)

    photos = tuple(PhotoCost(band, 5.0, seconds, (seconds / 4,) * 4, 0, (0.1,) * len(ONE_LOOKS)) for band in BANDS)
    return AlbumIndex(photos, (seen(there=True),) * found + (seen(there=False),) * missed, 150.0, 300.0)


@pytest.mark.parametrize(
    ("index", "good"),
    [
        (_index(found=100, missed=0, seconds=2.0), True),
        (_index(found=90, missed=10, seconds=2.0), False),
        (_index(found=100, missed=0, seconds=4.0), False),
    ],
)
def test_a_search_that_misses_people_or_takes_too_long_is_not_good(
    tmp_path: Path, index: AlbumIndex, good: bool
) -> None:
    assert is_good(index) is good
    page = tmp_path / "page.md"
    album_report(index).write(page)
    assert ("missed |" in page.read_text()) is not good
