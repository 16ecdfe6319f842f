"""The head-turn challenge on heads and pictures that are only points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from edged.domain.frame import Moment
from edged.liveness.challenge import Challenge, ChallengeSettings, Head, Turn
from tests.liveness.solid import FACE, STRANGER, head, shown, swing, turned

SETTINGS = ChallengeSettings(same=0.3, steady=0.37)
BEGIN = Moment(0.0, 0.0)
LEFT, RIGHT = Turn.LEFT, Turn.RIGHT
PLACE = (0.0, 0.0, 55.0)


def challenge(*turns: Turn, settings: ChallengeSettings = SETTINGS) -> Challenge:
    return Challenge(turns, BEGIN, settings)


def heads(angles: Iterable[float], *, is_flat: bool = False) -> Iterator[Head]:
    for angle in angles:
        yield head(turned(angle), PLACE, is_flat=is_flat)


@pytest.mark.parametrize("angle", [26, 32, 38])
@pytest.mark.parametrize("turns", [(LEFT, RIGHT), (RIGHT, LEFT), (LEFT, LEFT), (RIGHT, RIGHT)])
def test_a_head_that_turns_passes(turns: tuple[Turn, Turn], angle: float) -> None:
    """A person's left is the right of the picture."""
    first, second = (angle if turn is LEFT else -angle for turn in turns)
    progress = shown(challenge(*turns), heads(swing(0, first, 0, second)))
    assert (progress.state, progress.step, progress.part, progress.turn) == ("passed", 2, 1.0, None)


def test_a_mirrored_picture_turns_the_other_way() -> None:
    settings = replace(SETTINGS, mirrored=True)
    assert shown(challenge(LEFT, settings=settings), heads(swing(0, -32))).state == "passed"
    assert shown(challenge(LEFT), heads(swing(0, -32))).why == "wrong_way"


def test_what_is_said_on_the_way() -> None:
    one = challenge(LEFT, RIGHT)
    told = [
        one.see(each, 0, Moment(number / 15, number / 15))
        for number, each in enumerate(heads(swing(0, 32, 0, -32, still=8)))
    ]
    states = [(progress.state, progress.step, progress.turn) for progress in told]
    assert list(dict.fromkeys(states)) == [
        ("frontal", 1, LEFT),
        ("turning", 1, LEFT),
        ("back", 1, LEFT),
        ("turning", 2, RIGHT),
        ("passed", 2, None),
    ]
    assert all(0 <= progress.part <= 1 for progress in told)
    turning = [progress.part for progress in told if progress.state == "turning" and progress.step == 1]
    assert turning == sorted(turning)
    assert turning[-1] > turning[0]


def test_the_wrong_way_fails_and_is_no_attack() -> None:
    progress = shown(challenge(LEFT, RIGHT), heads(swing(0, -32)))
    assert (progress.state, progress.why, progress.is_attack) == ("failed", "wrong_way", False)


def test_the_wrong_way_in_the_second_step_fails() -> None:
    progress = shown(challenge(LEFT, RIGHT), heads(swing(0, 32, 0, 32)))
    assert (progress.why, progress.step) == ("wrong_way", 2)


def test_past_the_middle_on_the_way_back_fails() -> None:
    assert shown(challenge(LEFT, RIGHT), heads(swing(0, 32, -32, still=3))).why in ("wrong_way", "too_slow")


def test_a_short_glance_is_not_held() -> None:
    assert shown(challenge(LEFT), heads(swing(0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, still=2, speed=400))).state != "passed"


def test_nobody_moves() -> None:
    progress = shown(challenge(LEFT, RIGHT), heads([0.0] * 90))
    assert (progress.why, progress.is_attack) == ("too_slow", False)


def test_it_ends_for_good() -> None:
    one = challenge(LEFT)
    assert shown(one, heads(swing(0, 32))).state == "passed"
    assert one.see(None, 3, Moment(99.0, 99.0)).state == "passed"


def test_a_picture_that_is_turned_is_flat() -> None:
    progress = shown(challenge(LEFT, RIGHT), heads(swing(0, 40, 0, -40, 0, 40, 0), is_flat=True))
    assert (progress.why, progress.is_attack) == ("flat", True)


def test_two_pictures_exchanged_are_a_jump() -> None:
    progress = shown(challenge(LEFT), heads([0.0] * 8 + [40.0] * 8))
    assert (progress.why, progress.is_attack) == ("jump", True)


def test_a_face_that_becomes_another_person() -> None:
    first = list(heads([0.0] * 8))
    progress = shown(challenge(LEFT), [*first, *(replace(each, face=STRANGER) for each in heads([10.0] * 3))])
    assert (progress.why, progress.is_attack) == ("other_person", True)


def test_a_face_that_becomes_another_person_slowly() -> None:
    """Each frame is like the one before, and the last ones are unlike the first."""

    def drifting() -> Iterator[Head]:
        for number, each in enumerate(heads([0.0] * 40)):
            share = min(1.0, max(0.0, (number - 8) / 20)) * np.pi / 2
            yield replace(each, face=np.asarray(np.cos(share) * FACE + np.sin(share) * STRANGER, np.float32))

    assert shown(challenge(LEFT), drifting()).why == "other_person"


def test_another_track_is_another_face() -> None:
    first = list(heads([0.0] * 8))
    progress = shown(challenge(LEFT), [*first, *(replace(each, track=2) for each in heads([0.0] * 3))])
    assert (progress.why, progress.is_attack) == ("lost", False)


def test_a_face_that_leaves() -> None:
    assert shown(challenge(LEFT), [*heads([0.0] * 8), *([None] * 9)]).why == "lost"


def test_one_frame_without_a_face_is_forgiven() -> None:
    turning = list(heads(swing(0, 32)))
    assert shown(challenge(LEFT), [*turning[:10], None, *turning[10:]]).state == "passed"


def test_a_face_that_is_no_longer_compared() -> None:
    turning = [replace(each, face=None) if number > 6 else each for number, each in enumerate(heads(swing(0, 32)))]
    assert shown(challenge(LEFT), turning).why == "lost"


def test_a_second_face() -> None:
    one = challenge(LEFT)
    shown(one, heads([0.0] * 8))
    progress = one.see(next(heads([0.0])), 1, Moment(0.6, 0.6))
    assert (progress.why, progress.is_attack) == ("second_face", False)


def test_a_face_too_far_away() -> None:
    far = [head(turned(0), (0.0, 0.0, 55.0 + 2.5 * max(0, number - 8))) for number in range(60)]
    assert shown(challenge(LEFT), far).why == "too_small"


def test_a_camera_with_too_few_frames() -> None:
    progress = shown(challenge(LEFT), heads(swing(0, 32, fps=6, still=20)), fps=6)
    assert (progress.why, progress.is_attack) == ("slow_camera", False)


def test_a_camera_that_stops_for_a_moment() -> None:
    one = challenge(LEFT)
    shown(one, heads([0.0] * 8))
    assert one.see(next(heads([0.0])), 0, Moment(1.2, 1.2)).why in ("slow_camera", "lost")


def test_whoever_looks_aside_at_first_is_waited_for() -> None:
    assert shown(challenge(LEFT), heads(swing(25, 0, 32, still=15))).state == "passed"


def test_whoever_never_looks_ahead_is_too_slow() -> None:
    assert shown(challenge(LEFT), heads([25.0] * 90)).why == "too_slow"


def test_turns_are_drawn_bit_by_bit() -> None:
    assert {Challenge.draw(bytes([byte])) for byte in range(4)} == {(a, b) for a in Turn for b in Turn}
    assert len(Challenge.draw(b"\x05\x17", steps=12)) == 12
    with pytest.raises(ValueError, match="too few bits"):
        Challenge.draw(b"")


def test_there_is_one_step_at_least() -> None:
    with pytest.raises(ValueError, match="one step"):
        challenge()
