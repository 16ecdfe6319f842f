"""Which face of this frame is which face of the last one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.domain.face import Box
from edged.domain.frame import Moment
from edged.recognition.tracker import Track, Tracker


def _box(x: float, y: float = 100.0, size: float = 100.0) -> Box:
    return Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)


def _at(seconds: float) -> Moment:
    return Moment(seconds, 0.0)


@pytest.fixture
def tracker() -> Tracker:
    return Tracker(itertools.count(1))


def test_a_face_that_stays_is_one_track(tracker: Tracker) -> None:
    tracks = {tracker.follow([_box(100 + number % 3)], _at(number / 10))[0] for number in range(50)}
    assert [track.id for track in tracks] == [1]
    assert tracks.pop().sure


def test_tracks_come_in_the_order_of_the_boxes(tracker: Tracker) -> None:
    left, right = tracker.follow([_box(100), _box(600)], _at(0))
    assert tracker.follow([_box(600), _box(100)], _at(0.1)) == [right, left]
    assert tracker.follow([_box(300), _box(605), _box(105)], _at(0.2))[1:] == [right, left]


@pytest.mark.parametrize(
    ("fps", "speed"), [(2, 100), (2, 300), (5, 100), (5, 400), (5, 600), (15, 200), (15, 1000), (30, 200), (30, 1500)]
)
def test_somebody_walking_by_is_one_track(tracker: Tracker, fps: int, speed: int) -> None:
    found = {tracker.follow([_box(speed * number / fps)], _at(number / fps))[0].id for number in range(3 * fps)}
    assert found == {1}


@pytest.mark.parametrize("fps", [5, 15, 30])
def test_somebody_who_passes_behind_a_pillar_is_found_again(tracker: Tracker, fps: int) -> None:
    found: set[int] = set()
    for number in range(6 * fps):
        now = number / fps
        boxes = [] if 2 <= now < 3 else [_box(200 * now)]
        found.update(track.id for track in tracker.follow(boxes, _at(now)))
        tracker.lapse(_at(now), leave_s=1.5)
    assert found == {1}
    assert not tracker.tracks[0].sure, "somebody else may have come out"


def test_somebody_who_stopped_behind_a_pillar_is_found_again(tracker: Tracker) -> None:
    for number in range(20):
        tracker.follow([_box(20 * number)], _at(number / 10))
    assert tracker.follow([_box(20 * 19 + 90)], _at(3.1))[0].id == 1


def test_a_face_of_quite_another_size_beside_it_is_another(tracker: Tracker) -> None:
    tracker.follow([_box(100, size=100)], _at(0))
    assert tracker.follow([_box(180, size=40)], _at(0.1))[0].id == 2


def test_a_face_far_away_is_another(tracker: Tracker) -> None:
    tracker.follow([_box(100)], _at(0))
    assert tracker.follow([_box(400)], _at(0.1))[0].id == 2
    assert tracker.follow([_box(1000)], _at(30))[0].id == 3


def test_a_blink_leaves_no_doubt_and_an_absence_does(tracker: Tracker) -> None:
    tracker.follow([_box(100)], _at(0))
    assert tracker.follow([_box(100)], _at(0.5))[0].sure
    track = tracker.follow([_box(100)], _at(1.5))[0]
    assert not track.sure
    assert not tracker.follow([_box(100)], _at(1.6))[0].sure, "until somebody has looked"
    track.sure = True
    assert tracker.follow([_box(100)], _at(1.7))[0].sure


def test_two_who_meet_are_in_doubt_and_two_side_by_side_are_not(tracker: Tracker) -> None:
    tracker.follow([_box(100), _box(230)], _at(0))
    assert all(track.sure for track in tracker.follow([_box(100), _box(230)], _at(0.1)))
    tracker.follow([_box(140), _box(190)], _at(0.2))
    assert not any(track.sure for track in tracker.follow([_box(160), _box(170)], _at(0.3)))


def test_a_jump_is_a_doubt(tracker: Tracker) -> None:
    tracker.follow([_box(100)], _at(0))
    track = tracker.follow([_box(190)], _at(0.2))[0]
    assert (track.id, track.sure) == (1, False)


def test_a_mistake_about_where_a_face_is_can_be_put_right() -> None:
    right, wrong = Track(1, _box(100), _at(0)), Track(1, _box(100), _at(0))
    for track in right, wrong:
        track.see(_box(110), _at(0.1))
    right.see(_box(120), _at(0.2))
    wrong.see(_box(90), _at(0.2))
    wrong.see(_box(120), _at(0.2))
    assert (wrong.box, wrong.last, wrong.speed) == (right.box, right.last, right.speed)
    assert right.speed[0] == pytest.approx(75)


def test_tracks_lapse(tracker: Tracker) -> None:
    stays, goes = tracker.follow([_box(100), _box(600)], _at(0))
    tracker.follow([_box(100)], _at(1.4))
    tracker.lapse(_at(1.5), leave_s=1.5)
    assert tracker.tracks == [stays, goes]
    tracker.lapse(_at(1.6), leave_s=1.5)
    assert tracker.tracks == [stays]


_boxes = st.lists(
    st.builds(_box, st.floats(-50, 700), st.floats(-50, 500), st.floats(0, 200)),
    max_size=6,
)


@given(st.lists(_boxes, min_size=1, max_size=12), st.floats(0.01, 2))
def test_every_box_has_a_track_of_its_own(frames: list[list[Box]], step: float) -> None:
    tracker = Tracker(itertools.count(1))
    known: set[Track] = set()
    for number, boxes in enumerate(frames):
        tracks = tracker.follow(boxes, _at(number * step))
        assert [track.box for track in tracks] == boxes
        assert len(set(tracks)) == len(boxes)
        known |= set(tracks)
        assert set(tracker.tracks) == known
    assert sorted(track.id for track in known) == list(range(1, len(known) + 1))
