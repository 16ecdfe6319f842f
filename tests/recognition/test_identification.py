"""Who is in a photograph, and what a stored decision says when it is made again."""

from __future__ import annotations

import numpy as np
import pytest

from edged.config.document import DecisionSettings
from edged.domain.event import Outcome
from edged.domain.face import Flaw
from edged.recognition.identification import identify, replay
from tests.recognition.stage import CURVE, Figure, Stage, StagedMemory, StagedSight, person, rules

ANNA, BEN, STRANGER = 1, 2, 40
_PHOTO = np.zeros((480, 1280, 3), np.uint8)


def _sight(*figures: Figure) -> StagedSight:
    sight = StagedSight()
    sight.figures = figures
    return sight


def test_everybody_in_a_photograph_is_named_the_largest_first() -> None:
    sight = _sight(Figure(STRANGER, 100, size=80), Figure(ANNA, 400, size=150), Figure(BEN, 900, size=120, turned=True))
    found = identify(sight, _PHOTO, rules(), StagedMemory.of(ANNA, BEN))
    assert [face.verdict.answer for face in found] == [
        (Outcome.KNOWN, person(ANNA).id),
        (Outcome.KNOWN, person(BEN).id),
        (Outcome.UNKNOWN, ""),
    ]
    assert [face.flaw for face in found] == [None, Flaw.TURNED_AWAY, None]
    assert found[0].confidence == CURVE.confidence(found[0].verdict.similarity, comparisons=2)
    assert found[2].verdict.best is None, "everybody enrolled is somebody else in the picture"
    assert sight.embedded == [3]


def test_nobody_is_in_a_photograph_twice() -> None:
    sight = _sight(Figure(ANNA, 300), Figure(STRANGER, 700, size=200, like=ANNA, likeness=0.8))
    found = identify(sight, _PHOTO, rules(), StagedMemory.of(ANNA))
    assert [face.verdict.outcome for face in found] == [Outcome.UNKNOWN, Outcome.KNOWN]


def test_an_empty_photograph_and_an_empty_gallery() -> None:
    assert identify(_sight(), _PHOTO, rules(), StagedMemory.of(ANNA)) == ()
    (found,) = identify(_sight(Figure(ANNA, 300)), _PHOTO, rules(), StagedMemory.of())
    assert (found.verdict.outcome, found.verdict.best, found.confidence) == (Outcome.UNKNOWN, None, 0.0)


@pytest.mark.parametrize("who", [ANNA, STRANGER])
def test_a_decision_made_again_is_the_same(who: int) -> None:
    stage = Stage(ANNA, BEN)
    event = stage.hold(1, Figure(who, 300))[0]
    assert event.shot is not None
    again = replay(stage.sight, event.shot.crops, stage.rules, stage.memory)
    assert (again.outcome, again.best and again.best.person) == (event.outcome, event.best and event.best.person)
    assert (again.similarity, again.margin) == pytest.approx((event.similarity, event.margin), abs=1e-5)
    assert (again.threshold, again.frames) == (event.threshold, event.frames)


def test_a_decision_for_lack_of_frames_is_the_same_too() -> None:
    stage = Stage(ANNA, rules=rules(decision=DecisionSettings(frames=8, threshold=0.85)))
    stage.hold(0.5, Figure(ANNA, 300))
    events = stage.hold(3, Figure(ANNA, 300, turned=True))
    assert [(event.outcome, event.frames) for event in events] == [(Outcome.UNDECIDED, 5)]
    assert events[0].shot is not None
    assert replay(stage.sight, events[0].shot.crops, stage.rules, stage.memory).outcome is Outcome.UNDECIDED


def test_it_says_what_the_gallery_is_now() -> None:
    stage = Stage(ANNA)
    event = stage.hold(1, Figure(ANNA, 300))[0]
    assert event.shot is not None
    verdict = replay(stage.sight, event.shot.crops, stage.rules, stage.memory.without(ANNA))
    assert event.best is not None
    assert (verdict.named, verdict.best, verdict.similarity) == (None, None, 0.0)
