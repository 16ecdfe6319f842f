"""Middles of people's templates: few vectors that stand for many while it is decided whom to compare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.gallery.families import Families

_AT_ONCE: Final = 2048
"""People whose templates are copied at once."""
_MOST_PARTS: Final = 8


def middles(vectors: NDArray[np.float32], families: Families) -> NDArray[np.float32]:
    """The middle of each person's templates.

    Args:
        vectors: of the matrix, float32, shape (rows, dimension), unit length.

    Returns:
        float32, shape (people, dimension), unit length.
    """
    found = np.empty((families.people, vectors.shape[1]), np.float32)
    for begin in range(0, families.people, _AT_ONCE):
        end = min(begin + _AT_ONCE, families.people)
        bounds = families.bounds[begin : end + 1]
        rows = families.rows[bounds[0] : bounds[-1]]
        found[begin:end] = _unit(np.add.reduceat(vectors[rows], bounds[:-1] - bounds[0], axis=0))
    return found


def parts(vectors: NDArray[np.float32], families: Families) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int32]]]:
    """Each person's templates in groups of like ones, and the middle of each group: about half as many as templates.

    One or two templates stand for themselves. Of more, the two that are least alike begin a group each, then whichever
    is least like those that have begun one, up to eight; the others join the one they are most like.

    Yields:
        middles, float32, shape (N, dimension), unit length, and the places of whom they belong to, int32, shape (N,),
        for some people at a time.
    """
    for size in np.unique(families.sizes).tolist():
        places = np.flatnonzero(families.sizes == size).astype(np.int32)
        for begin in range(0, len(places), max(1, _AT_ONCE // size)):
            some = places[begin : begin + max(1, _AT_ONCE // size)]
            own = vectors[families.rows[families.bounds[some][:, np.newaxis] + np.arange(size)]]
            found = own if size <= 2 else _grouped(own)
            yield found.reshape(-1, vectors.shape[1]), np.repeat(some, found.shape[1])


def _grouped(own: NDArray[np.float32]) -> NDArray[np.float32]:
    """From (people, templates, dimension) to (people, groups, dimension)."""
    people, size, _dimension = own.shape
    alike = own @ own.transpose(0, 2, 1)
    begun = np.stack(np.divmod(alike.reshape(people, -1).argmin(axis=1), size), axis=1)
    while begun.shape[1] < min((size + 1) // 2, _MOST_PARTS):
        nearest = np.take_along_axis(alike, begun[:, np.newaxis], axis=2).max(axis=2)
        begun = np.concatenate((begun, nearest.argmin(axis=1)[:, np.newaxis]), axis=1)
    joined = np.take_along_axis(alike, begun[:, np.newaxis], axis=2).argmax(axis=2)
    members = joined[:, np.newaxis] == np.arange(begun.shape[1])[:, np.newaxis]
    return _unit(members.astype(np.float32) @ own)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of unit length; what has no direction stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)
