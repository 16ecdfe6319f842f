"""What looking at group photographs takes and finds, as a section of the page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from edged.measure.album_index import (
    BANDS,
    HEIGHTS,
    ONE_LOOKS,
    PEOPLE,
    RECOGNISABLE,
    STEPS,
    AlbumIndex,
    PhotoCost,
    Seen,
)
from edged.measure.report import Goal, Report, Table, goals_table

_TARGET_S: Final = 3.0
_LEAST_FOUND: Final = 0.99
_HOW: Final = """\
Each photograph has 24 megapixels and is composed: {people} heads of Labeled Faces in the Wild, at sizes drawn evenly \
by their logarithm, before a gradient, a texture or a collage of real backgrounds, with a sensor's noise, as a JPEG of \
quality 92 ({megabytes:.1f} MB), three of four turned by EXIF. Faces above 110 pixels are enlarged and softer than a \
camera's. One thread looks at a photograph, so that seconds of processor time are what it takes on a core of its own; \
the second core looks at another one. Found is a face whose box overlaps the place where it was put by 0.4. \
Recognised: its cosine with another photograph of the person is one that strangers reach in one of 1,000 comparisons; \
beside it the same for the photograph that the head was taken from. Memory: {before:.0f} MB before, with the models, \
and {peak:.0f} MB at most while a photograph is looked at."""


def is_good(found: AlbumIndex) -> bool:
    """Whether all that was aimed at was reached."""
    return all(goal.reached for goal in _goals(found))


def album_report(found: AlbumIndex) -> Report:
    """The section of the page."""
    megabytes = float(np.mean([photo.megabytes for photo in found.photos]))
    how = _HOW.format(people=PEOPLE, megabytes=megabytes, before=found.before_mb, peak=found.peak_mb)
    parts = (goals_table(_goals(found)), how, _by_band(found.photos), _by_height(found.people), _by_way(found))
    return Report("Photographs of an album", parts)


def _goals(found: AlbumIndex) -> tuple[Goal, ...]:
    spent = [photo.cpu_s for photo in found.photos]
    p95 = float(np.percentile(spent, 95))
    share = _share([seen.found for seen in _recognisable(found)])
    return (
        Goal(
            f"a photograph of 24 megapixels with {PEOPLE} faces: decode, find, embed, smaller pictures; one core",
            f"≤ {_TARGET_S:.0f} s",
            f"p50 {float(np.median(spent)):.2f}, p95 {p95:.2f} s",
            p95 <= _TARGET_S,
        ),
        Goal(
            f"faces of {RECOGNISABLE} pixels of height and more that are found",
            f"≥ {_LEAST_FOUND}",
            f"{share:.4f} of {len(_recognisable(found)):,}",
            share >= _LEAST_FOUND,
        ),
    )


def _by_band(photos: Sequence[PhotoCost]) -> Table:
    rows = []
    for band in BANDS:
        some = [photo for photo in photos if photo.band == band]
        spent = [photo.cpu_s for photo in some]
        steps = np.median([photo.steps for photo in some], axis=0)
        rows.append(
            (
                band,
                str(len(some)),
                f"{float(np.median(spent)):.2f} / {float(np.percentile(spent, 95)):.2f}",
                *(f"{step * 1000:.0f}" for step in steps),
                str(sum(photo.false for photo in some)),
            )
        )
    columns = ("height of faces, px", "photographs", "processor s, p50 / p95")
    return Table((*columns, *(f"{step}, ms" for step in STEPS), "false faces"), tuple(rows))


def _by_height(people: Sequence[Seen]) -> Table:
    rows = []
    for low, high in pairwise(HEIGHTS):
        some = [seen for seen in people if low <= seen.height < high]
        rows.append(
            (
                f"{low} to {high}",
                str(len(some)),
                f"{_share([seen.found for seen in some]):.3f}",
                f"{_share([seen.known for seen in some]):.3f}",
                f"{_share([seen.known_near for seen in some]):.3f}",
            )
        )
    return Table(("height, px", "faces", "found", "recognised", "the photograph it is from"), tuple(rows))


def _by_way(found: AlbumIndex) -> Table:
    people, detect = _recognisable(found), STEPS.index("detect")
    rows = [
        (
            "tiles, the whole, closer looks",
            f"{_share([seen.found for seen in people]):.3f}",
            f"{float(np.median([photo.steps[detect] for photo in found.photos])) * 1000:.0f}",
        )
    ]
    for place, side in enumerate(ONE_LOOKS):
        rows.append(
            (
                f"one look at {side} pixels",
                f"{_share([seen.one_look[place] for seen in people]):.3f}",
                f"{float(np.median([photo.looks[place] for photo in found.photos])) * 1000:.0f}",
            )
        )
    return Table(("way to find them", f"found, from {RECOGNISABLE} px on", "processor ms"), tuple(rows))


def _recognisable(found: AlbumIndex) -> list[Seen]:
    return [seen for seen in found.people if seen.height >= RECOGNISABLE]


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0
