"""What the device says about who is in front of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edged.config.document import DecisionSettings, Document, VisitSettings
from edged.domain.event import Event, Outcome, Phase
from edged.domain.face import Flaw
from edged.domain.identity import uuid7
from edged.domain.survey import LookAlike, Survey
from edged.recognition.recognizer import Rules
from tests.recognition.stage import CURVE, Figure, Stage, StagedMemory, identity, person, rules, whose

ANNA, BEN, STRANGER, OTHER_STRANGER = 1, 2, 40, 41
FAR_S = 15.0


def _told(events: list[Event]) -> list[tuple[Phase, Outcome, str]]:
    return [(e.phase, e.outcome, e.best.person.id if e.best and e.outcome is Outcome.KNOWN else "") for e in events]


def _new(who: int) -> tuple[Phase, Outcome, str]:
    return Phase.NEW, Outcome.KNOWN, person(who).id


def _end(who: int) -> tuple[Phase, Outcome, str]:
    return Phase.END, Outcome.KNOWN, person(who).id


NEW_UNKNOWN = (Phase.NEW, Outcome.UNKNOWN, "")
END_UNKNOWN = (Phase.END, Outcome.UNKNOWN, "")


def test_somebody_enrolled_comes_stays_and_leaves() -> None:
    stage = Stage(ANNA, BEN)
    stage.hold(8, Figure(ANNA, 300))
    stage.hold(FAR_S)
    assert _told(stage.events) == [_new(ANNA), _end(ANNA)]
    new, end = stage.events
    assert new.visit == end.visit
    assert len({new.id, end.id, new.visit}) == 3
    assert new.captured.mono < 1001
    assert end.captured.mono == pytest.approx(1008, abs=0.2)
    assert end.decided.mono > end.captured.mono


def test_a_stranger_is_unknown_and_an_empty_gallery_knows_nobody() -> None:
    for stage in (Stage(ANNA, BEN), Stage()):
        stage.hold(3, Figure(STRANGER, 300))
        stage.hold(FAR_S)
        assert _told(stage.events) == [NEW_UNKNOWN, END_UNKNOWN]


def test_an_event_explains_itself() -> None:
    stage = Stage(ANNA, BEN)
    event = stage.hold(1, Figure(ANNA, 300, size=90))[0]
    crops = event.shot.crops if event.shot else ()
    probes = stage.sight.embed(crops)
    cosines = [stage.memory.nearest(np.array([probe]))[0][0].similarity for probe in probes]
    assert event.frames == len(crops) >= 2
    assert event.similarity == pytest.approx(np.mean(cosines), abs=1e-5)
    assert 0 < event.margin <= event.similarity + 1
    assert event.confidence == pytest.approx(CURVE.confidence(event.similarity, comparisons=2))
    assert event.similarity >= event.threshold > 0.3
    assert event.quality is not None
    assert event.box is not None
    assert event.box.width == pytest.approx(90)
    assert event.shot is not None
    assert event.shot.picture.shape[:2] == (180, 180)
    assert (event.model, event.index, event.config) == ("ab" * 32, 1, "cd" * 32)
    assert (event.camera, event.track) == ("door", 1)


def test_a_detection_that_does_not_last_is_no_visit() -> None:
    stage = Stage(ANNA)
    stage.show(Figure(STRANGER, 300))
    stage.hold(FAR_S)
    for _ in range(20):  # flickers here and there, never twice in one place
        stage.show(Figure(ANNA, 100 + 900 * (stage.now % 1)))
        stage.hold(2)
    assert stage.events == []


def test_an_uncertain_detection_is_ignored() -> None:
    stage = Stage(ANNA)
    assert stage.hold(5, Figure(ANNA, 300, score=0.6)) == []


def test_a_face_turned_away_does_not_vote_is_counted_and_ends_undecided() -> None:
    stage = Stage(ANNA)
    look = stage.show(Figure(ANNA, 300, turned=True))
    assert look.sightings[0].flaw is Flaw.TURNED_AWAY
    events = stage.hold(4, Figure(ANNA, 300, turned=True))
    assert stage.sight.embedded == []
    assert stage.recognizer.refusals[Flaw.TURNED_AWAY] == 41
    assert _told(events) == [(Phase.NEW, Outcome.UNDECIDED, "")]
    event = events[0]
    assert event.captured.mono - 1000 == pytest.approx(stage.rules.decision.patience_s, abs=0.11)
    assert (event.frames, event.best, event.similarity) == (0, None, 0.0)
    assert event.quality is not None, "shows why it could not be judged"
    assert abs(event.quality.yaw) > stage.rules.quality.max_yaw
    assert event.shot is not None
    assert event.shot.crops == ()


def test_a_good_picture_takes_the_place_of_a_flawed_one() -> None:
    stage = Stage(ANNA)
    large_but_cut_off, small = Figure(ANNA, 40, size=120), Figure(ANNA, 60, size=60)
    flawed = stage.hold(3, large_but_cut_off)[0]
    update = stage.hold(1, small)[0]
    assert _told([flawed, update]) == [
        (Phase.NEW, Outcome.UNDECIDED, ""),
        (Phase.UPDATE, Outcome.KNOWN, person(ANNA).id),
    ]
    assert update.visit == flawed.visit
    assert flawed.quality is not None
    assert update.quality is not None
    assert (flawed.quality.size, update.quality.size) == pytest.approx((48, 24))
    assert flawed.quality.score > update.quality.score


def test_the_end_shows_a_picture_only_if_it_is_a_better_one() -> None:
    for yaw, shown in ((0.5, False), (0.0, True)):
        stage = Stage(ANNA)
        stage.hold(2, Figure(ANNA, 300, size=60, yaw=0.5))
        stage.hold(2, Figure(ANNA, 300, size=100, yaw=yaw))
        stage.hold(FAR_S)
        new, end = stage.events
        assert new.shot is not None
        assert (end.shot is not None) == shown
        if end.shot:
            assert end.shot.taken > new.shot.taken
            assert len(end.shot.crops) == end.frames


def test_whoever_is_known_stays_so_while_turning_away() -> None:
    stage = Stage(ANNA)
    stage.hold(2, Figure(ANNA, 300))
    assert stage.hold(10, Figure(ANNA, 300, turned=True)) == []


@pytest.mark.parametrize(("away_s", "same"), [(0.0, True), (1.0, False)])
def test_a_face_may_change_more_before_our_eyes_than_out_of_sight(away_s: float, same: bool) -> None:
    """A quarter alike: less than a face is to itself, more than strangers mostly are."""
    stage = Stage(ANNA, rules=rules(decision=DecisionSettings(look_again_s=0)))
    stage.hold(1, Figure(ANNA, 300))
    stage.hold(away_s)
    look = stage.show(Figure(STRANGER, 300, like=ANNA, likeness=0.27))
    assert (look.sightings[0].track == stage.events[0].track) == same
    assert (look.sightings[0].name == "Name 1") == same


def test_twins_are_undecided_and_nobody_is_named() -> None:
    stage = Stage(ANNA)
    stage.memory = stage.memory.with_person(BEN, identity(ANNA))
    events = stage.hold(6, Figure(STRANGER, 300, like=ANNA, likeness=0.7))
    assert _told(events) == [(Phase.NEW, Outcome.UNDECIDED, "")]
    assert events[0].margin < stage.rules.decision.margin
    assert events[0].best is not None


def test_one_name_goes_to_one_face_and_the_surest() -> None:
    stage = Stage(ANNA)
    photo = Figure(STRANGER, 700, like=ANNA, likeness=0.8)
    events = stage.hold(3, photo, Figure(ANNA, 300))
    assert sorted(_told(events)) == [_new(ANNA), NEW_UNKNOWN]
    known = next(event for event in events if event.outcome is Outcome.KNOWN)
    assert known.shot is not None
    assert {whose(crop) for crop in known.shot.crops} == {ANNA}


def test_a_look_alike_beside_somebody_does_not_become_them_when_they_are_hidden() -> None:
    stage = Stage(ANNA)
    look_alike, anna = Figure(STRANGER, 700, like=ANNA, likeness=0.8), Figure(ANNA, 300)
    stage.hold(3, look_alike, anna)
    events = stage.hold(1.2, look_alike) + stage.hold(3, look_alike, anna)
    assert events == []


def test_the_one_who_is_more_like_it_takes_the_name_over() -> None:
    stage = Stage(ANNA)
    photo = Figure(STRANGER, 700, like=ANNA, likeness=0.75)
    stage.hold(3, photo)
    events = stage.hold(3, Figure(ANNA, 300), photo)
    assert _told(stage.events) == [_new(ANNA), (Phase.UPDATE, Outcome.UNKNOWN, ""), _new(ANNA)]
    assert events[0].visit == stage.events[0].visit != events[1].visit


def test_coming_back_soon_continues_the_visit_and_late_begins_another() -> None:
    for who in (ANNA, STRANGER):
        stage = Stage(ANNA)
        stage.hold(2, Figure(who, 300))
        stage.hold(8)
        stage.hold(2, Figure(who, 900))
        assert [event.phase for event in stage.events] == [Phase.NEW]
        stage.hold(12)
        stage.hold(2, Figure(who, 900))
        assert [event.phase for event in stage.events] == [Phase.NEW, Phase.END, Phase.NEW]
        assert stage.events[0].visit == stage.events[1].visit != stage.events[2].visit


def test_a_person_is_the_same_with_another_face_and_two_persons_are_not_for_being_alike() -> None:
    stage = Stage(ANNA)
    stage.memory = stage.memory.with_person(ANNA, identity(STRANGER))  # with a beard
    stage.hold(2, Figure(ANNA, 300))
    stage.hold(2)
    stage.hold(2, Figure(STRANGER, 300))
    assert _told(stage.events) == [_new(ANNA)]

    stage = Stage(ANNA)
    stage.memory = stage.memory.with_person(BEN, identity(BEN, ANNA, 0.6))
    stage.hold(2, Figure(ANNA, 300))
    stage.hold(2)
    stage.hold(2, Figure(BEN, 300, like=ANNA, likeness=0.6))
    assert _told(stage.events) == [_new(ANNA), _new(BEN)]


def test_two_strangers_who_follow_each_other_have_two_visits() -> None:
    stage = Stage(ANNA)
    stage.hold(2, Figure(STRANGER, 300))
    stage.hold(2)
    stage.hold(2, Figure(OTHER_STRANGER, 300))
    stage.hold(2)
    stage.hold(2, Figure(STRANGER, 300))
    assert _told(stage.events) == [NEW_UNKNOWN, NEW_UNKNOWN]
    assert len({event.visit for event in stage.events}) == 2


def test_coming_back_unrecognisable_at_first_still_continues_the_visit() -> None:
    stage = Stage(ANNA)
    stage.hold(2, Figure(ANNA, 300))
    stage.hold(3)
    stage.hold(3, Figure(ANNA, 300, turned=True))
    stage.hold(2, Figure(ANNA, 300))
    undecided = (Phase.NEW, Outcome.UNDECIDED, ""), (Phase.END, Outcome.UNDECIDED, "")
    assert _told(stage.events) == [_new(ANNA), *undecided]
    stage.hold(FAR_S)
    assert stage.events[-1].visit == stage.events[0].visit
    assert stage.events[-1].captured.mono - 1000 == pytest.approx(10, abs=0.2)


def test_somebody_who_moves_too_fast_to_be_followed_has_one_visit() -> None:
    stage = Stage(ANNA)
    for x in (100, 900, 200, 1100):
        stage.hold(0.5, Figure(ANNA, x))
    assert _told(stage.events) == [_new(ANNA)]
    sighting = stage.show(Figure(ANNA, 500)).sightings[0]
    assert (sighting.track, sighting.name) == (1, "Name 1"), "recognised by the face, at once"


def test_the_best_picture_may_come_from_where_somebody_turns_up_again() -> None:
    stage = Stage(ANNA)
    stage.hold(2, Figure(ANNA, 300, size=60, yaw=0.5))
    stage.hold(1.2, Figure(ANNA, 300, size=60, turned=True))
    stage.show(Figure(ANNA, 900, size=100))
    end = stage.hold(FAR_S)[0]
    assert end.box is not None
    assert end.box.centre == (900, 240)


@pytest.mark.parametrize("fps", [2.0, 5.0, 15.0, 30.0])
def test_two_who_cross_keep_their_names(fps: float) -> None:
    stage = Stage(ANNA, BEN, fps=fps)
    left, right = Figure(ANNA, 200), Figure(BEN, 700)
    stage.walk(4, left, right, speeds=(125, -125))
    stage.hold(4, Figure(ANNA, 700), Figure(BEN, 200))
    assert sorted(_told(stage.events)) == [_new(ANNA), _new(BEN)]
    for event in stage.events:
        assert event.best is not None
        assert event.shot is not None
        assert {person(whose(crop)).id for crop in event.shot.crops} == {event.best.person.id}


@pytest.mark.parametrize("fps", [2.0, 5.0, 15.0])
@pytest.mark.parametrize("pair", [(ANNA, BEN), (ANNA, STRANGER), (OTHER_STRANGER, STRANGER)])
def test_two_who_swap_places_from_one_frame_to_the_next_keep_their_visits(fps: float, pair: tuple[int, int]) -> None:
    stage = Stage(ANNA, BEN, fps=fps)
    one, two = pair
    stage.hold(4, Figure(one, 300), Figure(two, 420))
    before = len(stage.events)
    look = stage.show(Figure(one, 420), Figure(two, 300))
    assert before == 2
    stage.hold(4, Figure(one, 420), Figure(two, 300))
    assert len(stage.events) == 2, _told(stage.events)
    look = stage.show(Figure(one, 420), Figure(two, 300))
    names = {sighting.box.centre[0]: sighting.name for sighting in look.sightings}
    enrolled = {ANNA: "Name 1", BEN: "Name 2"}
    assert names == {420: enrolled.get(one, ""), 300: enrolled.get(two, "")}


@pytest.mark.parametrize("fps", [2.0, 5.0])
def test_two_who_walk_close_behind_each_other_are_told_apart(fps: float) -> None:
    """One step a frame: each stands where the other stood, again and again."""
    stage = Stage(ANNA, fps=fps)
    step = 50 * fps
    stage.walk(5, Figure(STRANGER, 100), Figure(ANNA, 154), speeds=(step, step))
    assert sorted(_told(stage.events)) == [_new(ANNA), NEW_UNKNOWN]


def test_whoever_steps_into_anothers_place_is_not_taken_for_them() -> None:
    stage = Stage(ANNA, BEN, rules=rules(decision=DecisionSettings(look_again_s=60)))
    stage.hold(3, Figure(ANNA, 300))
    stage.hold(0.8)
    look = stage.show(Figure(STRANGER, 310))
    assert look.sightings[0].name == ""
    events = stage.hold(3, Figure(STRANGER, 310))
    assert _told(events) == [NEW_UNKNOWN]
    assert events[0].track != stage.events[0].track
    stage.hold(FAR_S)
    assert _told(stage.events[2:]) == [_end(ANNA), END_UNKNOWN]


def test_somebody_turned_away_in_anothers_place_does_not_hold_on_to_their_visit() -> None:
    stage = Stage(ANNA, BEN)
    stage.hold(3, Figure(ANNA, 300))
    stage.hold(1)
    turned = Figure(STRANGER, 300, turned=True)
    look = stage.show(turned)
    assert look.sightings[0].name == "", "nobody can tell who it is"
    assert stage.hold(1, turned, Figure(ANNA, 800)) == [], "Anna goes on where she is"
    events = stage.hold(FAR_S, turned)
    assert _told(events) == [(Phase.NEW, Outcome.UNDECIDED, ""), _end(ANNA)]
    events = stage.hold(1, Figure(STRANGER, 300))
    assert _told(events) == [(Phase.UPDATE, Outcome.UNKNOWN, "")]


def test_whoever_was_hidden_behind_another_is_noticed_when_that_one_turns_up_elsewhere() -> None:
    stage = Stage(ANNA, rules=rules(decision=DecisionSettings(look_again_s=60)))
    stage.hold(3, Figure(STRANGER, 300))
    stage.hold(2, Figure(OTHER_STRANGER, 300), Figure(STRANGER, 700))
    assert _told(stage.events) == [NEW_UNKNOWN, NEW_UNKNOWN]
    assert [{whose(crop) for crop in event.shot.crops} for event in stage.events if event.shot] == [
        {STRANGER},
        {OTHER_STRANGER},
    ]


def test_hidden_for_a_moment_nothing_happens() -> None:
    stage = Stage(ANNA, BEN)
    stage.hold(2, Figure(ANNA, 300), Figure(STRANGER, 600))
    before = len(stage.events)
    stage.hold(1.3, Figure(STRANGER, 600))
    stage.hold(2, Figure(ANNA, 320), Figure(STRANGER, 600))
    assert len(stage.events) == before == 2


def test_a_deleted_person_is_gone_with_the_next_frame() -> None:
    stage = Stage(ANNA, BEN)
    stage.hold(3, Figure(ANNA, 300))
    stage.memory = stage.memory.without(ANNA)
    look = stage.show(Figure(ANNA, 300, turned=True))
    assert _told(list(look.events)) == [(Phase.UPDATE, Outcome.UNKNOWN, "")]
    assert look.events[0].visit == stage.events[0].visit
    assert look.events[0].index == 2
    assert look.sightings[0].name == ""


def test_a_deleted_person_is_gone_even_when_somebody_else_is_nearly_alike() -> None:
    stage = Stage(ANNA, STRANGER, rules=rules(decision=DecisionSettings(threshold=0.42)))
    anna = Figure(STRANGER, 300, like=ANNA, likeness=0.9)  # about 0.39 like the other: below the threshold, but not far
    stage.hold(3, anna)
    assert _told(stage.events) == [_new(ANNA)]
    stage.memory = stage.memory.without(ANNA)
    look = stage.show(anna)
    assert _told(list(look.events)) == [(Phase.UPDATE, Outcome.UNKNOWN, "")]
    assert look.events[0].threshold - 0.06 < look.events[0].similarity < look.events[0].threshold


def test_a_deleted_person_who_was_hidden_comes_back_without_a_name() -> None:
    stage = Stage(ANNA, BEN)
    stage.hold(3, Figure(ANNA, 300))
    stage.show()
    stage.memory = stage.memory.without(ANNA)
    stage.show()
    look = stage.show(Figure(ANNA, 300))
    assert _told(list(look.events)) == [(Phase.UPDATE, Outcome.UNKNOWN, "")]


def test_a_stranger_who_is_enrolled_while_in_the_picture_becomes_known() -> None:
    stage = Stage(BEN)
    stage.hold(3, Figure(STRANGER, 300))
    stage.memory = stage.memory.with_person(STRANGER)
    look = stage.show(Figure(STRANGER, 300))
    assert _told(stage.events) == [NEW_UNKNOWN, (Phase.UPDATE, Outcome.KNOWN, person(STRANGER).id)]
    assert look.events[0].visit == stage.events[0].visit
    stage.hold(FAR_S)
    assert len(stage.events) == 3


def test_all_due_faces_are_embedded_in_one_run_and_decided_ones_seldom() -> None:
    stage = Stage(ANNA, BEN)
    three = Figure(ANNA, 200), Figure(BEN, 500), Figure(STRANGER, 800)
    stage.show(*three)
    assert stage.sight.embedded == [3]
    stage.hold(2, *three)
    stage.sight.embedded.clear()
    stage.hold(10, *three)
    assert 27 <= sum(stage.sight.embedded) <= 33
    stage.sight.embedded.clear()
    stage.hold(2, *three, Figure(OTHER_STRANGER, 1100, turned=True))
    assert sum(stage.sight.embedded) <= 9


def test_a_long_visit_is_reported_again_whatever_its_answer() -> None:
    stage = Stage(ANNA, fps=4)
    figures = Figure(ANNA, 200), Figure(STRANGER, 500), Figure(BEN, 800, turned=True)
    stage.hold(95, *figures)
    phases = {
        outcome: [event.phase for event in stage.events if event.outcome is outcome]
        for outcome in (Outcome.KNOWN, Outcome.UNKNOWN, Outcome.UNDECIDED)
    }
    assert set(map(tuple, phases.values())) == {(Phase.NEW, Phase.UPDATE, Phase.UPDATE, Phase.UPDATE)}
    assert all(event.shot is None for event in stage.events if event.phase is Phase.UPDATE)


def test_twins_who_vote_in_every_frame_are_reported_again_too() -> None:
    stage = Stage(ANNA, fps=4)
    stage.memory = stage.memory.with_person(BEN, identity(ANNA))
    stage.hold(40, Figure(ANNA, 300))
    assert [event.phase for event in stage.events] == [Phase.NEW, Phase.UPDATE]


def test_a_camera_that_stops_ends_its_visits_and_no_others() -> None:
    stage = Stage(ANNA, BEN)
    for _ in range(20):
        stage.show(Figure(ANNA, 300), camera="door")
        stage.show(Figure(BEN, 300), camera="gate")
    ended = stage.recognizer.leave("door")
    assert _told(ended) == [_end(ANNA)]
    assert ended[0].camera == "door"
    assert stage.recognizer.leave("door") == []
    assert _told(stage.recognizer.leave("gate")) == [_end(BEN)]


def test_tracks_count_on_when_a_camera_comes_back() -> None:
    stage = Stage(ANNA)
    stage.hold(2, Figure(ANNA, 300))
    stage.events += stage.recognizer.leave("door")
    stage.hold(2, Figure(ANNA, 300))
    assert [event.track for event in stage.events] == [1, 1, 2]
    assert len({event.visit for event in stage.events}) == 2


def test_time_passes_without_frames() -> None:
    stage = Stage(ANNA)
    stage.hold(2, Figure(ANNA, 300))
    assert stage.recognizer.is_watching("door")
    stage.now += 1
    assert stage.recognizer.lapse("door", stage.moment, stage.rules) == []
    assert stage.recognizer.is_watching("door")
    stage.now += 1
    assert stage.recognizer.lapse("door", stage.moment, stage.rules) == []
    assert not stage.recognizer.is_watching("door")
    stage.now += FAR_S
    assert _told(stage.recognizer.lapse("door", stage.moment, stage.rules)) == [_end(ANNA)]
    assert stage.recognizer.lapse("door", stage.moment, stage.rules) == []
    assert not stage.recognizer.is_watching("nowhere")


def test_the_wall_clock_may_jump() -> None:
    stage = Stage(ANNA)
    told = []
    for jump in (0.0, 5e8, -5e8, 3600.0):
        stage.utc_jump = jump
        told += stage.hold(1, Figure(ANNA, 300))
    assert _told(told) == [_new(ANNA)]


def test_without_a_reentry_time_a_visit_still_outlasts_a_moment_unseen() -> None:
    stage = Stage(ANNA, rules=rules(visits=VisitSettings(leave_s=1.5, reentry_s=0)))
    stage.hold(2, Figure(ANNA, 300))
    assert stage.hold(1.2) + stage.hold(1, Figure(ANNA, 300)) == stage.events[1:] == []
    assert _told(stage.hold(2)) == [_end(ANNA)]


def test_ends_come_in_the_order_in_which_people_left() -> None:
    stage = Stage(ANNA, BEN)
    stage.hold(2, Figure(ANNA, 300), Figure(BEN, 700))
    stage.hold(2, Figure(ANNA, 300))
    stage.now += FAR_S
    assert _told(stage.recognizer.lapse("door", stage.moment, stage.rules)) == [_end(BEN), _end(ANNA)]


def test_the_rules_of_the_frame_apply() -> None:
    stage = Stage(ANNA, rules=rules(decision=DecisionSettings(threshold=0.97)))
    assert [event.outcome for event in stage.hold(2, Figure(ANNA, 300))] == [Outcome.UNKNOWN]
    stage.rules = rules(decision=DecisionSettings(threshold=0.5))
    assert [event.outcome for event in stage.hold(2, Figure(ANNA, 300))] == [Outcome.KNOWN]
    stage.rules = rules(decision=DecisionSettings(threshold=0.5), visits=VisitSettings(leave_s=0.3, reentry_s=0))
    assert [event.phase for event in stage.hold(0.7)] == [Phase.END]


def test_as_many_frames_vote_as_are_asked_for() -> None:
    decision = DecisionSettings(frames=12, threshold=0.85, patience_s=5)
    stage = Stage(ANNA, rules=rules(decision=decision))
    events = stage.hold(3, Figure(ANNA, 300))
    assert [(event.outcome, event.frames) for event in events] == [(Outcome.KNOWN, 12)]


def test_a_larger_gallery_asks_for_more() -> None:
    few, many = Stage(ANNA), Stage(ANNA, *range(2, 40))
    assert many.hold(1, Figure(ANNA, 300))[0].threshold > few.hold(1, Figure(ANNA, 300))[0].threshold


def test_identifiers_sort_by_time() -> None:
    stage = Stage(ANNA, BEN)
    stage.hold(2, Figure(ANNA, 300))
    stage.hold(5, Figure(BEN, 700))
    stage.hold(FAR_S)
    ids = [event.id for event in stage.events]
    assert ids == sorted(ids)
    assert uuid7(stage.events[0].captured.utc, bytes(10))[:13] == ids[0][:13]


def test_a_door_may_have_a_target_of_its_own() -> None:
    cameras = {
        "vault": {"kind": "demo", "photo": "/a.png", "target_fpir": 1e-5},
        "gate": {"kind": "demo", "photo": "/a.png"},
    }
    document = Document.model_validate({"cameras": cameras})
    asked = {}
    for door in ("vault", "gate"):
        stage = Stage(ANNA, rules=Rules.of(document, "cd" * 32, door))
        asked[door] = stage.hold(1, Figure(ANNA, 300))[0].threshold
    assert asked["vault"] == pytest.approx(CURVE.cosine_at(1e-5))
    assert asked["gate"] == pytest.approx(CURVE.cosine_at(1e-3))


@pytest.mark.parametrize(
    ("camera", "decision", "expected"),
    [
        ({}, {}, CURVE.cosine_at(1e-4)),
        ({"target_fpir": 1e-3}, {}, CURVE.cosine_at(1e-3)),
        ({}, {"target_fpir": 1e-5}, CURVE.cosine_at(1e-5)),
        ({}, {"threshold": 0.1}, CURVE.cosine_at(1e-4)),
        ({}, {"threshold": 0.9}, 0.9),
    ],
    ids=["preset", "own target", "stricter target", "low threshold", "high threshold"],
)
def test_where_a_face_opens_a_door_more_is_asked_for(
    camera: dict[str, float], decision: dict[str, float], expected: float
) -> None:
    document = Document.model_validate(
        {
            "cameras": {"porch": {"kind": "demo", "photo": "/a.png", **camera}},
            "decision": decision,
            "access": {"doors": {"front": {"camera": "porch"}}},
        }
    )
    stage = Stage(ANNA, rules=Rules.of(document, "cd" * 32, "porch"))
    assert stage.hold(1, Figure(ANNA, 300))[0].threshold == pytest.approx(expected)


def test_a_look_alike_is_not_named_for_the_other_and_a_true_visitor_still_is() -> None:
    known = StagedMemory.of(BEN).with_person(ANNA, identity(ANNA, like=BEN, likeness=0.75))
    surveyed = replace(known, survey=_pair(ANNA, BEN, 0.75))
    between = Figure(ANNA, 300, like=BEN, likeness=0.91)  # a little more like Anna's photograph than like Ben's
    for memory, outcome in ((known, Outcome.KNOWN), (surveyed, Outcome.UNDECIDED)):
        stage = Stage()
        stage.memory = memory
        event = stage.hold(4, between)[0]
        assert event.outcome is outcome
        assert event.best is not None
        assert event.best.person == person(ANNA)
    for visitor, who in ((Figure(ANNA, 300, like=BEN, likeness=0.75), ANNA), (Figure(BEN, 300), BEN)):
        stage = Stage()
        stage.memory = surveyed
        assert _told(stage.hold(4, visitor)) == [_new(who)]


def _pair(one: int, other: int, similarity: float) -> Survey:
    first, second = sorted((person(one).id, person(other).id))
    return Survey(look_alikes=(LookAlike(first, second, similarity, same=False),))
