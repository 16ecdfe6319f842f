"""Whoever stands before a camera, asked for once."""

from __future__ import annotations

import numpy as np

from edged.domain.event import Outcome
from edged.domain.face import Flaw
from edged.recognition.glance import Glance
from edged.recognition.identification import Identified, why
from tests.recognition.stage import Figure, StagedMemory, StagedSight, person, rules

ANNA, BEN, STRANGER = 1, 2, 40
_PHOTO = np.zeros((480, 1280, 3), np.uint8)
_MEMORY = StagedMemory.of(ANNA, BEN)


def looked(*frames: tuple[Figure, ...], enrolled: StagedMemory = _MEMORY) -> tuple[Glance, Identified | None]:
    sight = StagedSight()
    glance = Glance(sight, rules())
    for figures in frames:
        sight.figures = figures
        glance.look(_PHOTO)
    return glance, glance.answer(enrolled)


def said(found: Identified | None) -> tuple[Outcome, str, str]:
    assert found is not None
    return (*found.verdict.answer, why(found.verdict, rules().decision))


def test_as_many_frames_vote_as_at_the_door() -> None:
    glance, found = looked(*[(Figure(ANNA, 300),)] * 3)
    assert glance.complete
    outcome, who, words = said(found)
    assert (outcome, who) == (Outcome.KNOWN, person(ANNA).id)
    assert words.startswith("the similarity is ")
    assert found is not None
    assert (found.verdict.frames, found.confidence > 0.5) == (3, True)


def test_too_few_frames_are_no_answer_and_that_is_said() -> None:
    glance, found = looked((Figure(ANNA, 300),))
    assert not glance.complete
    outcome, _who, words = said(found)
    assert outcome is Outcome.UNDECIDED
    assert words.startswith("too few good pictures: 1 of 3")


def test_a_stranger_is_unknown() -> None:
    outcome, who, words = said(looked(*[(Figure(STRANGER, 300),)] * 3)[1])
    assert (outcome, who) == (Outcome.UNKNOWN, "")
    assert words.startswith("the most similar person reaches ")
    empty = said(looked(*[(Figure(STRANGER, 300),)] * 3, enrolled=StagedMemory.of())[1])
    assert empty == (Outcome.UNKNOWN, "", "nobody is enrolled who it could be")


def test_the_largest_face_is_meant() -> None:
    _, found = looked(*[(Figure(ANNA, 300, size=80), Figure(BEN, 800, size=150))] * 3)
    assert said(found)[1] == person(BEN).id


def test_the_frames_of_two_people_are_not_mixed() -> None:
    glance, found = looked((Figure(ANNA, 300),), (Figure(ANNA, 300),), *[(Figure(BEN, 300),)] * 3)
    assert glance.complete
    assert said(found)[:2] == (Outcome.KNOWN, person(BEN).id)


def test_what_is_not_good_enough_does_not_vote_and_is_named() -> None:
    glance, found = looked((Figure(ANNA, 300, turned=True),), ())
    assert found is None
    assert glance.flaw is Flaw.TURNED_AWAY
    assert looked((), ())[0].flaw is None
