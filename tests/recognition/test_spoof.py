"""A face that is only a picture is a spoof, whomever it shows; and a camera that is looked at closely."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edged.config.document import Document
from edged.domain.event import Outcome, Phase
from edged.domain.face import Flaw
from edged.recognition.recognizer import Rules
from tests.recognition.stage import Figure, Stage, StagedLife, rules

ANNA, BEN, STRANGER = 1, 2, 40


def _stage(says: float, *enrolled: int) -> Stage:
    stage = Stage(*enrolled, rules=replace(rules(), passive=True))
    stage.sight.life = StagedLife(says)
    return stage


def test_a_living_face_is_who_it_is() -> None:
    stage = _stage(0.8, ANNA, BEN)
    stage.hold(2, Figure(ANNA, 300))
    (event,) = stage.events
    assert event.outcome is Outcome.KNOWN
    assert event.liveness == pytest.approx(0.8)
    assert stage.show(Figure(ANNA, 300)).sightings[0].liveness == pytest.approx(0.8)


@pytest.mark.parametrize("who", [ANNA, STRANGER])
def test_a_picture_is_a_spoof_and_nobody(who: int) -> None:
    stage = _stage(0.2, ANNA, BEN)
    stage.hold(4, Figure(who, 300))
    (event,) = stage.events
    assert (event.phase, event.outcome) == (Phase.NEW, Outcome.SPOOF)
    assert event.liveness == pytest.approx(0.2)
    assert event.stranger == ""
    (sighting,) = stage.show(Figure(who, 300)).sightings
    assert (sighting.outcome, sighting.person) == (Outcome.SPOOF, None)


def test_a_picture_stays_one_however_long_it_is_shown() -> None:
    stage = _stage(0.2, ANNA)
    stage.hold(2, Figure(ANNA, 300))
    assert stage.sight.life is not None
    stage.sight.life.says = 0.9
    stage.hold(20, Figure(ANNA, 300))
    assert {event.outcome for event in stage.events} == {Outcome.SPOOF}


def test_a_face_that_gives_way_to_a_picture() -> None:
    stage = _stage(0.9, ANNA)
    stage.hold(2, Figure(ANNA, 300))
    assert stage.sight.life is not None
    stage.sight.life.says = 0.0
    stage.hold(9, Figure(ANNA, 300))
    assert [(event.phase, event.outcome) for event in stage.events] == [
        (Phase.NEW, Outcome.KNOWN),
        (Phase.UPDATE, Outcome.SPOOF),
    ]


def test_whoever_stands_beside_their_picture_is_recognised() -> None:
    stage = _stage(0.1, ANNA)
    stage.hold(2, Figure(ANNA, 150))
    assert stage.sight.life is not None
    stage.sight.life.says = 0.9
    stage.hold(3, Figure(ANNA, 150), Figure(ANNA, 450))
    assert [event.outcome for event in stage.events] == [Outcome.SPOOF, Outcome.KNOWN]


def test_only_faces_that_vote_are_scored_and_only_where_a_door_asks() -> None:
    stage = _stage(0.9, ANNA)
    stage.hold(1, Figure(ANNA, 300, turned=True))
    assert stage.sight.life is not None
    assert stage.sight.life.asked == []
    stage.hold(1, Figure(ANNA, 300))
    assert stage.sight.life.asked
    stage.rules = replace(stage.rules, passive=False)
    asked = len(stage.sight.life.asked)
    stage.hold(3, Figure(ANNA, 300))
    assert len(stage.sight.life.asked) == asked


def test_without_a_model_nothing_is_said_about_it() -> None:
    stage = Stage(ANNA, rules=replace(rules(), passive=True))
    stage.hold(2, Figure(ANNA, 300))
    assert [(event.outcome, event.liveness) for event in stage.events] == [(Outcome.KNOWN, None)]


def test_the_doors_say_whose_faces_are_scored() -> None:
    document = Document.model_validate(
        {
            "cameras": {
                name: {"kind": "demo", "photo": "/var/lib/edged/face.png"} for name in ("front", "yard", "gate")
            },
            "access": {
                "doors": {
                    "main": {"camera": "front", "liveness": "passive"},
                    "side": {"camera": "yard", "liveness": "challenge"},
                    "exit": {"camera": "front"},
                }
            },
        }
    )
    assert [Rules.of(document, "v", name).passive for name in ("front", "yard", "gate")] == [True, False, False]


def test_looked_at_closely_every_face_is_compared_in_every_frame() -> None:
    stage = Stage(ANNA, rules=replace(rules(), closely=True))
    looks = [stage.show(Figure(ANNA, 300)) for _ in range(20)]
    assert all(look.sightings[0].face is not None for look in looks)
    seldom = Stage(ANNA)
    assert sum(seldom.show(Figure(ANNA, 300)).sightings[0].face is not None for _ in range(20)) < 10


@pytest.mark.parametrize(
    ("figure", "flaw"), [(Figure(ANNA, 300, yaw=0.6), None), (Figure(ANNA, 300, turned=True), Flaw.TURNED_AWAY)]
)
def test_a_turned_face_is_compared_and_does_not_vote(figure: Figure, flaw: Flaw | None) -> None:
    stage = Stage(ANNA, rules=replace(rules(), closely=True))
    looks = [stage.show(figure) for _ in range(30)]
    assert all(look.sightings[0].face is not None for look in looks)
    assert looks[-1].sightings[0].flaw is flaw
    assert looks[-1].sightings[0].outcome in (None, Outcome.UNDECIDED)
    assert not any(event.outcome is Outcome.KNOWN for event in stage.events)


def test_a_head_that_turns_stays_on_its_track_and_who_it_was() -> None:
    stage = Stage(ANNA, rules=replace(rules(), closely=True))
    stage.hold(2, Figure(ANNA, 300))
    aside = [stage.show(Figure(ANNA, 300, yaw=0.8, likeness=0.0)).sightings[0] for _ in range(10)]
    assert {(one.track, one.outcome) for one in aside} == {(1, Outcome.KNOWN)}
    back = stage.show(Figure(ANNA, 300)).sightings[0]
    assert (back.track, back.person is not None) == (1, True)
    assert back.face is not None
    assert np.linalg.norm(back.face) == pytest.approx(1.0, abs=1e-5)
