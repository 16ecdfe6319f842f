"""Whatever is done with a plane, nothing leaves it; a head that turns does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edged.domain.face import Box
from edged.domain.frame import Moment
from edged.liveness.challenge import Challenge, ChallengeSettings, Head, Turn
from edged.liveness.plane import departure, upright
from tests.liveness.solid import FACE, head, turned

AHEAD = head(turned(0), (0, 0, 55))
SETTINGS = ChallengeSettings(same=0.3, steady=0.37)


def _moved(one: Head, start: Head = AHEAD) -> tuple[float, float, float]:
    first, now = upright(start.landmarks, start.box), upright(one.landmarks, one.box)
    assert first is not None
    assert now is not None
    found = departure(first, now)
    assert found is not None
    return found.nose, found.outline, found.stretch


@pytest.mark.parametrize("angle", [-35, -20, 20, 35])
def test_a_head_that_turns_leaves_the_plane_on_both_sides(angle: float) -> None:
    nose, outline, stretch = _moved(head(turned(angle), (0, 0, 80)))
    expected = 0.55 * np.tan(np.deg2rad(angle))
    assert nose == pytest.approx(expected, abs=0.06)
    assert outline == pytest.approx(1.17 * expected, abs=0.1)
    assert stretch == pytest.approx(1 / np.cos(np.deg2rad(angle)), abs=0.05)


def test_a_head_that_nods_or_leans_does_not() -> None:
    for one in (head(turned(0, tilt=15), (0, 0, 60)), head(turned(0, roll=30), (5, -3, 40))):
        nose, outline, _ = _moved(one)
        assert abs(nose) < 0.05
        assert abs(outline) < 0.08


def test_eyes_in_one_place_are_no_face() -> None:
    assert upright(np.zeros((5, 2), np.float32), Box(0, 0, 9, 9)) is None


def test_four_points_on_a_line_are_no_plane() -> None:
    line = np.array([[0, 0], [1, 0], [0.5, 0], [0.2, 0], [0.8, 0], [0.5, 0]], np.float64)
    assert departure(line, line) is None


@given(
    yaw=st.floats(-50, 50),
    pitch=st.floats(-35, 35),
    roll=st.floats(-40, 40),
    x=st.floats(-8, 8),
    y=st.floats(-8, 8),
    away=st.floats(40, 90),
)
def test_a_plane_stays_one_however_it_is_held(
    yaw: float, pitch: float, roll: float, x: float, y: float, away: float
) -> None:
    """Perspective is all that is left of it, at an arm's length and farther."""
    start = head(turned(0), (0, 0, 55), is_flat=True)
    nose, outline, _ = _moved(head(turned(yaw, pitch, roll), (x, y, away), is_flat=True), start)
    assert abs(nose) < SETTINGS.nose / 2
    assert abs(outline) < SETTINGS.outline


@settings(deadline=None, max_examples=60)
@given(data=st.data(), turns=st.lists(st.sampled_from(Turn), min_size=1, max_size=2))
def test_no_motion_of_a_plane_ever_passes(data: st.DataObject, turns: list[Turn]) -> None:
    """Any course of a sheet, by perspective: from pose to pose, with some frames in each, and with frames between."""
    poses = data.draw(
        st.lists(
            st.tuples(*(st.floats(-limit, limit) for limit in (55, 35, 40, 8, 8)), st.floats(35, 90)),
            min_size=1,
            max_size=6,
        )
    )
    challenge, now, number = Challenge(turns, Moment(0, 0), SETTINGS), np.array([0.0, 0, 0, 0, 0, 55]), 0
    for pose in [tuple(now), *poses]:
        for share in np.linspace(0, 1, 14):
            yaw, pitch, roll, *place = now + share * (np.array(pose) - now)
            at = Moment(number / 15, number / 15)
            assert challenge.see(head(turned(yaw, pitch, roll), place, is_flat=True), 0, at).state != "passed"
            number += 1
        now = np.array(pose)


@settings(deadline=None, max_examples=100)
@given(
    courses=st.lists(
        st.tuples(*(st.floats(0.6, 1.6), st.floats(-0.6, 0.6), st.floats(-0.6, 0.6), st.floats(0.6, 1.6))),
        min_size=1,
        max_size=40,
    ),
    turn=st.sampled_from(Turn),
)
def test_no_affine_motion_of_a_plane_ever_passes(courses: list[tuple[float, float, float, float]], turn: Turn) -> None:
    """The fit takes an affine map out to the last digit; the box is taken for the middle of what is on the sheet."""
    challenge = Challenge([turn], Moment(0, 0), SETTINGS)
    flat = head(turned(0), (0, 0, 55), is_flat=True)
    middle = np.array(flat.box.centre)
    for number in range(6 + 3 * len(courses)):
        a, b, c, d = (1.0, 0.0, 0.0, 1.0) if number < 6 else courses[(number - 6) // 3]
        linear = np.array([[a, b], [c, d]])
        if abs(np.linalg.det(linear)) < 0.1:
            continue
        points = (flat.landmarks - middle) @ linear.T + middle
        one = Head(1, flat.box, points.astype(np.float32), FACE)
        at = Moment(number / 15, number / 15)
        assert challenge.see(one, 0, at).state != "passed"
