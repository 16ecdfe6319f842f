"""A scan of everybody in eight-bit numbers: a quarter of the memory, and several times as fast as one in float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numkong
import numpy as np
from numpy.typing import NDArray

_LARGEST: Final = 127
_BEYOND: Final = 1e-4
"""Share of the numbers that are cut off at ±127: a finer step for all others finds more."""
_SAMPLE: Final = 4096
_LINES: Final = 16


def step_of(vectors: NDArray[np.float32]) -> float:
    """What a number of float32 is multiplied by to become one of eight bits, for vectors like these."""
    sample = np.abs(vectors[:: max(1, len(vectors) // _SAMPLE)])
    return float(_LARGEST / np.quantile(sample, 1 - _BEYOND))


def in_eight_bits(vectors: NDArray[np.float32], step: float) -> NDArray[np.int8]:
    """int8, of the same shape."""
    scaled = np.rint(vectors * np.float32(step))
    return np.asarray(scaled.clip(-_LARGEST, _LARGEST), np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """The table, laid out as this processor likes it, and never changed.

    Attributes:
        places: int32, shape (rows,): whom each row stands for, see `edged.gallery.families.Families`.
        step: see `step_of`.
    """

    places: NDArray[np.int32]
    step: float
    _packed: Any

    @classmethod
    def of(cls, table: NDArray[np.int8], places: NDArray[np.int32], step: float) -> Self:
        """Of a table of shape (rows, dimension), which is copied."""
        return cls(places, step, numkong.dots_pack(table))

    def scores(self, probes: NDArray[np.float32]) -> NDArray[np.int32]:
        """int32, shape (probes, rows): the more alike, the higher. Any thread.

        Args:
            probes: float32, shape (N, dimension), unit length.
        """
        return np.asarray(numkong.dots_packed(in_eight_bits(probes, self.step), self._packed))

    def nearest(self, scores: NDArray[np.int32], reach: int) -> NDArray[np.int32]:
        """The places of whom the `reach` highest of one probe's scores stand for, each once."""
        return np.unique(self.places[_highest(scores, reach)])


def _highest(scores: NDArray[np.int32], most: int) -> NDArray[np.intp]:
    """Where the `most` highest are, in no order.

    They lie in the `most` columns with the highest maxima, when the scores are written in lines one below the other: a
    maximum by columns costs next to nothing, and selecting among few is a quarter of selecting among all.
    """
    width = len(scores) // _LINES
    candidates = np.arange(len(scores))
    if width > most:
        columns = scores[: width * _LINES].reshape(_LINES, width)
        best = np.argpartition(columns.max(axis=0), width - most)[width - most :]
        within = (best + width * np.arange(_LINES)[:, np.newaxis]).ravel()
        candidates = np.concatenate((within, candidates[width * _LINES :]))
    first = max(0, len(candidates) - most)
    return candidates[np.argpartition(scores[candidates], first)[first:]]
