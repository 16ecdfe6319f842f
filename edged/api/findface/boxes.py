"""Boxes as clients write them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from edged.api.findface.faults import bad_param
from edged.api.parameters import Parameters
from edged.domain.rect import Rect

CORNERS: Final = ("x1", "y1", "x2", "y2")
_MOST: Final = 64
"""Boxes of one photograph."""
_FAR: Final = 10_000_000
"""Pixels from the corner of a photograph where nothing is any more."""


def read_boxes(parameters: Parameters, param: str) -> tuple[Rect, ...]:
    """The boxes of a parameter, in their order; none where none were sent.

    A box is four numbers or an object with `x1`, `y1`, `x2`, `y2`; there may be one, or a list of them.

    Raises:
        Refused: `bad_parameter`, or Fault `BAD_PARAM`.
    """
    rows = parameters.rows(param, len(CORNERS))
    if len(rows) > _MOST:
        raise bad_param(param, None, f"{param} has more than {_MOST} boxes")
    boxes = [_box([row.get(corner) for corner in CORNERS] if isinstance(row, Mapping) else row) for row in rows]
    known = tuple(box for box in boxes if box is not None)
    if len(known) < len(boxes):
        reason = f"{param} is a list of boxes, [[x1, y1, x2, y2], …], of whole numbers with x1 < x2 and y1 < y2"
        raise bad_param(param, parameters.values[param], reason)
    return known


def read_corners(values: Mapping[str, Any]) -> tuple[Rect, ...]:
    """The box whose corners are parameters themselves, if it is there.

    Raises:
        Fault: `BAD_PARAM`: a corner is missing, or they are no box.
    """
    sent = [corner for corner in CORNERS if corner in values]
    if not sent:
        return ()
    missing = [corner for corner in CORNERS if corner not in values]
    if missing:
        raise bad_param(missing[0], None, "A box needs all of x1, y1, x2, y2")
    box = _box([values[corner] for corner in CORNERS])
    if box is None:
        raise bad_param(
            "x1", [values[corner] for corner in CORNERS], "x1, y1, x2, y2 are whole numbers, x1 < x2 and y1 < y2"
        )
    return (box,)


def overlap(one: Rect, other: Rect) -> float:
    """The area that two boxes share, of the area that they cover: 0–1."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(one) + _area(other) - shared)


def _box(numbers: Sequence[Any]) -> Rect | None:
    whole = [_whole(number) for number in numbers]
    known = [number for number in whole if number is not None]
    if len(known) != 4 or len(whole) != 4:
        return None
    left, top, right, bottom = known
    return Rect(left, top, right, bottom) if left < right and top < bottom else None


def _whole(value: Any) -> int | None:
    """A number or a number as text, to the nearest whole one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return round(number) if math.isfinite(number) and abs(number) <= _FAR else None


def _area(box: Rect) -> int:
    return (box.right - box.left) * (box.bottom - box.top)
