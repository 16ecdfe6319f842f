"""Boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.domain.face import Box

_numbers = st.floats(-1000, 1000)
_boxes = st.builds(
    lambda x, y, width, height: Box(x, y, x + width, y + height),
    _numbers,
    _numbers,
    st.floats(1, 500),
    st.floats(1, 500),
)


@given(_boxes, _boxes)
def test_overlap_is_a_share_and_mutual(one: Box, other: Box) -> None:
    assert 0 <= one.iou(other) <= 1 + 1e-9
    assert one.iou(other) == pytest.approx(other.iou(one))
    assert one.iou(one) == pytest.approx(1)


@given(_boxes, _boxes, _numbers, _numbers)
def test_overlap_does_not_depend_on_the_place(one: Box, other: Box, dx: float, dy: float) -> None:
    assert one.moved(dx, dy).iou(other.moved(dx, dy)) == pytest.approx(one.iou(other), abs=1e-6)


@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        (Box(5, 0, 15, 10), 1 / 3),
        (Box(0, 0, 10, 5), 0.5),
        (Box(2, 2, 4, 4), 0.04),
        (Box(10, 0, 20, 10), 0.0),
        (Box(50, 50, 60, 60), 0.0),
        (Box(3, 3, 3, 8), 0.0),
        (Box(8, 8, 2, 2), 0.0),
    ],
)
def test_overlap(other: Box, overlap: float) -> None:
    assert Box(0, 0, 10, 10).iou(other) == pytest.approx(overlap)


def test_measures() -> None:
    box = Box(-10, 5, 30, 25)
    assert (box.width, box.height, box.area, box.centre) == (40, 20, 800, (10, 15))
    assert Box(30, 25, -10, 5).area == 0
