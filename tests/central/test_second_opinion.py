"""When a centre is asked about a face that is unknown here, and when not."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from edged.central.miicloud import Match
from edged.central.port import TryLater
from edged.central.second_opinion import Opinion, SecondOpinion
from edged.domain.errors import Refused, Unavailable

ADA = Match("ada", 0.9)
AWAY = Unavailable("away")


@dataclass
class Desk:
    """Attributes: answers: given one after the other, the last one again and again; asked: pictures so far."""

    answers: list[Match | Exception | None]
    asked: list[bytes] = field(default_factory=list)
    at: float = 5000.0

    def __post_init__(self) -> None:
        self.opinion = SecondOpinion(self._ask, lambda: self.at, 3)

    def _ask(self, jpeg: bytes) -> Match | None:
        self.asked.append(jpeg)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(given, Exception):
            raise given
        return given

    def of(self, angle: float) -> Opinion | None:
        return self.opinion.of(vector(angle), f"{angle}".encode())


def vector(angle: float) -> NDArray[np.float32]:
    """Two of these are as alike as their angles are near: the cosine of the difference, in degrees."""
    return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], np.float32)


def test_a_face_is_asked_about_with_its_picture() -> None:
    desk = Desk([ADA])
    assert desk.of(0) == Opinion(ADA)
    assert desk.asked == [b"0"]


@pytest.mark.parametrize("match", [ADA, None])
def test_the_same_face_again_costs_no_question(match: Match | None) -> None:
    desk = Desk([match, Match("bob", 0.8)])
    assert desk.of(0) == desk.of(30) == Opinion(match)  # cos 30° = 0.87
    assert len(desk.asked) == 1
    assert desk.of(40) == Opinion(Match("bob", 0.8)), "cos 40° = 0.77: somebody else, perhaps"


def test_of_several_answers_the_most_similar_faces_counts() -> None:
    bob = Match("bob", 0.8)
    desk = Desk([ADA, bob])
    desk.of(0)
    desk.of(45)
    assert desk.of(30) == Opinion(bob)


def test_an_answer_holds_for_ten_minutes_and_until_people_change() -> None:
    desk = Desk([ADA])
    desk.of(0)
    desk.at += 599
    desk.of(0)
    assert len(desk.asked) == 1
    desk.at += 1
    desk.of(0)
    assert len(desk.asked) == 2
    desk.opinion.forget()
    desk.of(0)
    assert len(desk.asked) == 3


def test_beyond_the_budget_of_a_minute_a_face_stays_unknown() -> None:
    desk = Desk([ADA])
    assert [desk.of(angle) is not None for angle in (0, 90, 180, 270)] == [True, True, True, False]
    assert len(desk.asked) == 3
    assert desk.of(0) == Opinion(ADA), "what is known costs nothing"
    desk.at += 60
    assert desk.of(270) is not None


def test_after_three_failures_it_is_left_alone_for_a_minute_and_then_tried_once() -> None:
    desk = Desk([AWAY])
    desk.opinion = SecondOpinion(desk._ask, lambda: desk.at, 600)
    for _ in range(10):
        assert desk.of(0) is None
    assert len(desk.asked) == 3
    assert _problem(desk) is AWAY
    desk.at += 59.9
    desk.of(0)
    assert len(desk.asked) == 3
    desk.at += 0.1
    desk.of(0)
    desk.of(0)
    assert len(desk.asked) == 4, "half open: one question, which failed"
    desk.at += 60
    desk.answers = [ADA, AWAY]
    assert desk.of(0) == Opinion(ADA)
    assert _problem(desk) is None
    desk.of(90)
    desk.of(90)
    assert len(desk.asked) == 7, "well again: three failures are needed anew"


def test_a_failure_now_and_then_closes_nothing() -> None:
    desk = Desk([AWAY, AWAY, ADA, AWAY, AWAY, ADA])
    desk.opinion = SecondOpinion(desk._ask, lambda: desk.at, 600)
    for angle in (0, 0, 0, 90, 90, 90):
        desk.of(angle)
    assert len(desk.asked) == 6


def test_the_centre_says_how_long_it_wants_to_be_left_alone() -> None:
    desk = Desk([TryLater("busy", "", 30), ADA])
    assert desk.of(0) is None
    desk.at += 29
    assert desk.of(0) is None
    desk.at += 1
    assert desk.of(0) == Opinion(ADA)


@pytest.mark.parametrize("reason", ["bad_token", "no_right", "untrusted_centre"])
def test_a_centre_that_does_not_let_us_in_is_not_asked_for_an_hour(reason: str) -> None:
    desk = Desk([Refused(reason, "no"), ADA])
    assert desk.of(0) is None
    desk.at += 3599
    assert desk.of(0) is None
    assert len(desk.asked) == 1
    desk.at += 1
    assert desk.of(0) == Opinion(ADA)


def test_a_picture_that_the_centre_cannot_use_is_not_sent_again() -> None:
    desk = Desk([Refused("centre_refused", "no face"), ADA])
    assert desk.of(0) == desk.of(0) == Opinion(None)
    assert len(desk.asked) == 1
    assert desk.of(90) == Opinion(ADA)


def _problem(desk: Desk) -> Exception | None:
    return desk.opinion.problem
