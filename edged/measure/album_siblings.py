"""Guests with a brother or sister at the same event: made ones, for no set of labelled photographs at hand has any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.measure.album_event import AlbumEvent, Pool
from edged.measure.selfie_search import Rule

_HALVINGS: Final = 30
_MOST: Final = 3.0
"""How much of the guest is mixed into the other at most: enough for a cosine of 0.9."""


@dataclass(frozen=True, slots=True)
class Siblings:
    """What guests with somebody like them at the event find.

    Attributes:
        cosine: of the sibling's faces with the middle of the guest's, on average.
        together: photographs that both are in.
        recall, precision: of all searches together.
        shown: photographs of the sibling alone that were shown to the guest; of: that there are.
    """

    cosine: float
    together: int
    recall: float
    precision: float
    shown: int
    of: int


def try_siblings(
    pool: Pool, event: AlbumEvent, curve: Curve, cosine: float, together: int, confidence: float, *, joins: bool
) -> Siblings:
    """Half of the guests search, each with another guest made like them, as alike as `cosine` says.

    The sibling's faces are mixed with the middle of the guest's photographs, so that they differ among themselves as
    photographs of one person do. Blocks for milliseconds a guest.
    """
    rule = Rule(curve, joins, len(event.faces))
    least = rule.cosine(confidence)
    people = pool.people[event.faces]
    half = len(event.selfies) // 2
    found = right = wanted = shown = alone = 0
    for selfie, other in zip(event.selfies[:half], event.selfies[half:], strict=False):
        guest = str(pool.people[selfie])
        own, others = (np.flatnonzero(people == name) for name in (guest, str(pool.people[other])))
        vectors = pool.vectors[event.faces]
        vectors[others] = _made_like(vectors[others], pool.vectors[pool.people == guest], cosine)
        photos = event.photos.copy()
        side_by_side = min(together, len(own), len(others))
        photos[others[:side_by_side]] = photos[own[:side_by_side]]
        theirs = set(photos[own].tolist())
        siblings = set(photos[others].tolist()) - theirs
        photographs = {likeness.photo for likeness in rule.find(pool.vectors[selfie], vectors, photos, least)}
        found, right, wanted = found + len(photographs), right + len(photographs & theirs), wanted + len(theirs)
        shown, alone = shown + len(photographs & siblings), alone + len(siblings)
    return Siblings(cosine, together, right / wanted, right / found if found else 1.0, shown, alone)


def _made_like(vectors: NDArray[np.float32], guest: NDArray[np.float32], cosine: float) -> NDArray[np.float32]:
    middle = _unit(guest.mean(axis=0))
    low, high = 0.0, _MOST
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        if float((_unit(vectors + share * middle) @ middle).mean()) < cosine:
            low = share
        else:
            high = share
    return _unit(vectors + low * middle)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)
