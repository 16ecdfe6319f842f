"""What the detectors' decoders share: from many overlapping answers to faces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Box, Face

MOST_FACES: Final = 500
"""A full hall. Of more in one picture the least certain are left out, so that nobody can make one that keeps the models
busy for minutes: joining 10,000 answers took longer than the model."""


class Answers(NamedTuple):
    """Candidates of one picture, all float32.

    Attributes:
        scores: shape (n,), 0–1.
        boxes: shape (n, 4): x1, y1, x2, y2 in the input's pixels.
        landmarks: shape (n, 5, 2), in the order of `Face`.
    """

    scores: NDArray[np.float32]
    boxes: NDArray[np.float32]
    landmarks: NDArray[np.float32]


def join(levels: list[Answers]) -> Answers:
    """The answers of all levels together."""
    scores, boxes, landmarks = zip(*levels, strict=True)
    return Answers(np.concatenate(scores), np.concatenate(boxes), np.concatenate(landmarks))


def cell_corners(answers: NDArray[np.intp], columns: int, anchors: int) -> NDArray[np.float32]:
    """The upper left corner of the cell of each of these answers, in cells: float32, shape (n, 2), x and y.

    Answers count row by row, with those of one cell next to each other.
    """
    rows, places = np.divmod(answers // anchors, columns)
    return np.stack([places, rows], axis=-1).astype(np.float32)


def to_faces(answers: Answers, overlap: float, scale: float) -> tuple[Face, ...]:
    """The most certain answer for each face, in the picture's pixels, the most certain first; at most `MOST_FACES`.

    Args:
        answers: in the input's pixels.
        overlap: intersection over union above which the less certain of two answers is dropped.
        scale: input pixels for one pixel of the picture.
    """
    kept = _without_overlaps(answers.boxes, answers.scores, overlap)
    return tuple(
        Face(
            box=Box(*(answers.boxes[index] / scale).tolist()),
            score=float(answers.scores[index]),
            landmarks=(answers.landmarks[index] / scale).astype(np.float32),
        )
        for index in kept
    )


def distinct(faces: Sequence[Face], overlap: float, inside: float) -> tuple[Face, ...]:
    """Of faces that were found in several looks at one picture, each once: the most certain answer, the most certain
    first; at most `MOST_FACES`.

    Args:
        faces: in the picture's pixels.
        overlap: as for `to_faces`.
        inside: share of the smaller of two boxes above which, lying within the other, the less certain is dropped.
    """
    if not faces:
        return ()
    boxes = np.array([(face.box.x1, face.box.y1, face.box.x2, face.box.y2) for face in faces], np.float32)
    scores = np.array([face.score for face in faces], np.float32)
    return tuple(faces[index] for index in _without_overlaps(boxes, scores, overlap, inside))


def _without_overlaps(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], overlap: float, inside: float = math.inf
) -> list[int]:
    """Greedy non-maximum suppression: indices into `boxes`, by falling score."""
    areas = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)
    waiting = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(waiting) and len(kept) < MOST_FACES:
        best, others = waiting[0], waiting[1:]
        kept.append(int(best))
        upper_left = np.maximum(boxes[best, :2], boxes[others, :2])
        lower_right = np.minimum(boxes[best, 2:], boxes[others, 2:])
        shared = np.prod(np.maximum(lower_right - upper_left, 0), axis=1)
        union = np.maximum(areas[best] + areas[others] - shared, 1e-9)
        smaller = np.maximum(np.minimum(areas[best], areas[others]), 1e-9)
        waiting = others[(shared / union <= overlap) & (shared / smaller <= inside)]
    return kept
