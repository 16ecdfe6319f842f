"""Boxes of faces as they are told: in whole pixels of the photograph, the largest first."""

from __future__ import annotations

from collections.abc import Sequence

from edged.domain.face import Face
from edged.domain.rect import Rect


def rect_of(face: Face, scale: int = 1) -> Rect:
    """A face's box in whole pixels, each edge rounded to the nearest.

    Args:
        scale: pixels of the photograph for one of the picture that the face was found in.
    """
    box = face.box
    return Rect(*(round(scale * edge) for edge in (box.x1, box.y1, box.x2, box.y2)))


def order(rect: Rect) -> tuple[int, int, int]:
    """What boxes are sorted by: the largest first, of equal ones the leftmost, then the topmost."""
    return (-(rect.right - rect.left) * (rect.bottom - rect.top), rect.left, rect.top)


def in_order(faces: Sequence[Face], scale: int = 1) -> list[tuple[Rect, Face]]:
    """Faces with their boxes, see `rect_of`, in the `order` of these."""
    return sorted(((rect_of(face, scale), face) for face in faces), key=lambda pair: order(pair[0]))
