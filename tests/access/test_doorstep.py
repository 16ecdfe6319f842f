"""Who stands at a door, and how far they have come: from sightings to knocks, and what the screen shows meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from edged.access.doorstep import Doorstep
from edged.access.standing import Standing
from edged.access.words import Reason
from edged.config.access import AccessSettings
from edged.domain.event import Outcome
from edged.domain.face import Box, Flaw
from edged.domain.frame import Moment
from edged.domain.passage import Decision, Factor, Knock, Liveness, LivenessMethod, Need, Pass, Verdict
from edged.domain.person import Person
from edged.domain.screen import Prompt, Stage
from edged.liveness.challenge import ChallengeSettings, Turn
from tests.access.site import ANNA, BEN, NOON, ask, later, site, ticket
from tests.liveness.solid import FACE as EMBEDDING
from tests.liveness.solid import head, swing, turned

SIZE = (640, 480)
FACE = np.array([[290, 200], [350, 200], [320, 240], [295, 275], [345, 275]], np.float32)
BOX = Box(250, 140, 390, 330)
MIDDLE = np.array([320.0, 240.0], np.float32)


@dataclass(frozen=True)
class Seen:
    track: int = 1
    outcome: Outcome | None = Outcome.KNOWN
    person: Person | None = ANNA
    landmarks: Any = None
    box: Box = BOX
    similarity: float = 0.7
    margin: float = 0.2
    threshold: float = 0.45
    confidence: float = 0.99
    visit: str = "v1"
    face: Any = field(default_factory=lambda: EMBEDDING)
    flaw: Flaw | None = None
    liveness: float | None = None

    def scaled(self, share: float) -> Seen:
        return replace(self, landmarks=(FACE - MIDDLE) * np.float32(share) + MIDDLE)


def seen(**changes: Any) -> Seen:
    return Seen(**{"landmarks": FACE, **changes})


STRANGER = seen(outcome=Outcome.UNKNOWN, person=None, similarity=0.2)
NEWCOMER = seen(outcome=None, person=None)


class Porch:
    """A doorstep, and the rules behind it."""

    def __init__(self, entropy: int = 0, **door: Any) -> None:
        self.access: AccessSettings = site(**door)
        numbers = itertools.count(1)
        self.doorstep = Doorstep(
            "main",
            self.access.doors["main"],
            ChallengeSettings(same=0.3, steady=0.3),
            min_eyes_px=16.0,
            new_id=lambda _at: f"k{next(numbers)}",
            entropy=lambda count: bytes([entropy] * count),
        )
        self.standing = Standing()
        self.now = NOON
        self.told: list[tuple[Verdict, str]] = []

    def see(self, *sightings: Seen, after: float = 0.1, times: int = 1) -> Decision | None:
        """Shows a frame; what was decided about it."""
        decision = None
        for _ in range(times):
            self.now = later(self.now, after)
            decision = self._decide(self.doorstep.look(sightings, SIZE, self.now)) or decision
            # As the doorman does it: after each frame, and by a clock that the frame is a little behind.
            self._decide(self.doorstep.lapse(later(self.now, 0.05)))
        return decision

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.5)):
            self.now = later(self.now, 0.5)
            self._decide(self.doorstep.lapse(self.now))

    def type(self, factor: Factor, person: Person | None, shown: Pass | None = None) -> Decision:
        decision = self._decide(self.doorstep.show(factor, person, shown, self.now))
        assert decision is not None
        return decision

    def shows(self) -> Stage:
        return self.doorstep.showing(self.now).stage

    def awaits(self) -> Person | None:
        return self.doorstep.person

    def _decide(self, knock: Knock | None) -> Decision | None:
        if knock is None:
            return None
        decision = ask(knock, self.access, self.standing, self.now)
        self.standing = self.standing.after_passage(decision, self.access)
        if self.doorstep.heed(decision, self.now, is_open=True):
            self.told.append((decision.verdict, decision.why))
        return decision


def test_whoever_is_known_is_let_in_greeted_and_asked_about_no_more() -> None:
    porch = Porch(again_s=4)
    assert porch.see(NEWCOMER) is None
    assert porch.shows() is Stage.GUIDE
    decision = porch.see(seen())
    assert decision is not None
    assert decision.verdict is Verdict.GRANTED
    assert decision.knock.at == porch.now
    showing = porch.doorstep.showing(porch.now)
    assert (showing.stage, showing.name) == (Stage.GRANTED, "Anna Berg")
    assert porch.see(seen(), times=32) is None
    assert porch.shows() is Stage.REST
    again = porch.see(seen(), times=13)
    assert again is not None
    assert again.knock.id != decision.knock.id


def test_whoever_passed_and_is_followed_anew_is_asked_about_no_more_either() -> None:
    porch = Porch(again_s=4)
    porch.see(seen())
    porch.see(replace(NEWCOMER, track=2))
    assert porch.see(seen(track=2), times=30) is None
    other = porch.see(seen(track=3, person=BEN))
    assert other is not None, "it is about the same person only"
    porch = Porch(again_s=4)
    porch.see(seen())
    again = porch.see(seen(track=2), times=45)
    assert again is not None


def test_a_stranger_is_refused_once_and_the_refusal_is_no_news_again() -> None:
    porch = Porch(again_s=1)
    porch.see(STRANGER)
    showing = porch.doorstep.showing(porch.now)
    assert (showing.stage, showing.reason) == (Stage.REFUSED, Reason.NOT_RECOGNISED)
    porch.see(STRANGER, times=40)
    assert porch.told == [(Verdict.REFUSED, "not_recognised")]


def test_whoever_turns_out_to_be_known_is_let_in_though_they_were_refused_before() -> None:
    porch = Porch()
    porch.see(STRANGER)
    porch.see(seen())
    assert [verdict for verdict, _ in porch.told] == [Verdict.REFUSED, Verdict.GRANTED]


def test_two_as_near_are_told_to_come_one_at_a_time_and_whoever_stands_behind_is_no_matter() -> None:
    porch = Porch()
    assert porch.see(seen(), seen(track=2, person=BEN).scaled(0.9)) is None
    assert porch.doorstep.showing(porch.now).prompt is Prompt.ONE_AT_A_TIME
    assert porch.see(seen(), seen(track=2, person=BEN).scaled(0.5)) is not None


@pytest.mark.parametrize(
    ("sight", "prompt"),
    [
        (replace(NEWCOMER, flaw=Flaw.BLURRED), Prompt.HOLD_STILL),
        (replace(NEWCOMER, flaw=Flaw.TOO_DARK), Prompt.MORE_LIGHT),
        (replace(NEWCOMER, flaw=Flaw.TURNED_AWAY), Prompt.FACE_ME),
        (NEWCOMER.scaled(0.2), Prompt.COME_CLOSER),
        (NEWCOMER.scaled(4.0), Prompt.STEP_BACK),
        (NEWCOMER, Prompt.LOOK_HERE),
    ],
)
def test_one_prompt_says_what_would_help(sight: Seen, prompt: Prompt) -> None:
    porch = Porch()
    porch.see(sight)
    assert porch.doorstep.showing(porch.now).prompt is prompt


def test_a_passer_by_is_not_spoken_to() -> None:
    porch = Porch()
    porch.see(NEWCOMER.scaled(0.1))
    assert porch.shows() is Stage.REST


def test_a_second_factor_is_waited_for() -> None:
    porch = Porch(second_factor=["pin"])
    porch.see(seen())
    assert porch.shows() is Stage.ASK_FACTOR
    assert porch.doorstep.takes_codes == {Factor.PIN}
    assert porch.awaits() == ANNA
    wrong = porch.type(Factor.PIN, None)
    assert (wrong.verdict, wrong.knock.wrong) == (Verdict.WAITS, frozenset({Factor.PIN}))
    porch.see(seen())
    right = porch.type(Factor.PIN, ANNA)
    assert right.verdict is Verdict.GRANTED
    assert right.knock.factors == {Factor.FACE, Factor.PIN}


def test_whoever_looks_down_to_type_is_still_there_and_whoever_steps_in_is_not_them() -> None:
    porch = Porch(second_factor=["pin"])
    porch.see(seen())
    porch.wait(2)
    porch.see(replace(NEWCOMER, track=2))
    assert porch.awaits() == ANNA
    porch.see(replace(STRANGER, track=3))
    assert porch.awaits() is None
    assert porch.type(Factor.PIN, ANNA).verdict is not Verdict.GRANTED


def test_a_second_factor_that_never_comes_is_given_up_and_kept() -> None:
    porch = Porch(second_factor=["pin"], wait_s=5)
    porch.see(seen(), times=80)
    assert [decision.needs for decision in porch.doorstep.given_up] == [Need.SECOND_FACTOR]
    porch = Porch(second_factor=["pin"], wait_s=30)
    porch.see(seen())
    porch.wait(6)
    assert [decision.why for decision in porch.doorstep.given_up] == ["factor_wanted"]
    assert porch.awaits() is None


def test_a_code_alone_knocks_without_a_face() -> None:
    porch = Porch(code_alone=["pin"])
    assert porch.doorstep.takes_codes == {Factor.PIN}
    assert porch.type(Factor.PIN, ANNA).verdict is Verdict.GRANTED
    assert porch.shows() is Stage.GRANTED
    nobody = porch.type(Factor.PIN, None)
    assert (nobody.verdict, nobody.why) == (Verdict.REFUSED, "wrong_code")


def test_two_people_are_let_in_together() -> None:
    porch = Porch(two_person=True)
    first = porch.see(seen())
    assert first is not None
    assert first.needs is Need.SECOND_PERSON
    assert porch.shows() is Stage.ASK_SECOND
    second = porch.see(seen(track=2, person=BEN))
    assert second is not None
    assert second.verdict is Verdict.GRANTED


def turning(porch: Porch, angles: Sequence[float], **changes: Any) -> None:
    for angle in angles:
        one = head(turned(angle), (0.0, 0.0, 60.0))
        porch.see(seen(**{"landmarks": one.landmarks, "box": one.box, "face": one.face, **changes}), after=1 / 15)
        if not porch.doorstep.wants_every_frame:
            return


def test_a_head_that_turns_as_asked_is_let_in() -> None:
    porch = Porch(entropy=0b01, liveness="challenge")
    turning(porch, [0.0])
    assert porch.doorstep.wants_every_frame
    assert porch.shows() is Stage.CHALLENGE
    asked = [1 if turn is Turn.LEFT else -1 for turn in (Turn.LEFT, Turn.RIGHT)]
    turning(porch, list(swing(0, asked[0] * 33, 0, asked[1] * 33, 0)))
    assert porch.told == [(Verdict.GRANTED, porch.told[0][1])]
    assert porch.shows() is Stage.GRANTED


def test_whoever_leaves_during_the_turn_is_refused_and_it_is_kept() -> None:
    porch = Porch(liveness="challenge")
    turning(porch, [0.0] * 10)
    porch.wait(2)
    assert [verdict for verdict, _ in porch.told] != [Verdict.GRANTED]
    assert len(porch.told) == 1
    assert not porch.doorstep.wants_every_frame


def test_another_face_in_the_middle_of_the_turn_is_an_attack() -> None:
    porch = Porch(liveness="challenge")
    turning(porch, [0.0] * 10)
    one = head(turned(0.0), (0.0, 0.0, 60.0))
    porch.see(seen(landmarks=one.landmarks, box=one.box, face=one.face, person=BEN), after=1 / 15)
    turning(porch, list(swing(0, 33, 0, -33, 0)), person=BEN)
    turning(porch, list(swing(0, -33, 0, 33, 0)), person=BEN)
    assert all(verdict is not Verdict.GRANTED for verdict, _ in porch.told)


def test_a_passive_model_that_saw_no_life_is_a_spoof() -> None:
    porch = Porch(liveness="passive")
    decision = porch.see(seen(outcome=Outcome.SPOOF, person=None, liveness=0.1))
    assert decision is not None
    assert decision.verdict is Verdict.SPOOF
    assert decision.knock.liveness == Liveness(LivenessMethod.PASSIVE, False, 0.1, "passive", is_attack=True)


def test_what_is_wrong_is_shown_and_gives_way() -> None:
    porch = Porch()
    porch.doorstep.say(Reason.TOO_MANY_CODES, porch.now)
    assert porch.doorstep.showing(porch.now).reason == Reason.TOO_MANY_CODES
    assert porch.doorstep.showing(Moment(porch.now.mono + 3.1, porch.now.utc)).stage is Stage.REST


def test_nobody_is_known_by_a_frame_whose_face_was_not_compared() -> None:
    porch = Porch(again_s=1)
    left_over = seen(face=None)
    assert porch.see(left_over, times=5) is None
    assert porch.see(seen(flaw=Flaw.BLURRED), times=5) is None
    assert porch.see(seen()) is not None
    assert porch.see(left_over, times=30) is None, "the name outlives the face that it was found by"
    assert porch.see(seen()) is not None


def test_a_pass_beside_a_face_is_no_code_of_its_own() -> None:
    porch = Porch(second_factor=["qr"], visitors=True)
    porch.see(seen())
    over = porch.type(Factor.QR, None, ticket(valid_until=NOON.utc - 60))
    assert (over.verdict, over.why) == (Verdict.WAITS, "wrong_code")
    assert porch.shows() is Stage.REFUSED
    good = porch.type(Factor.QR, None, ticket(uses_left=1))
    assert good.verdict is Verdict.GRANTED


def test_another_s_code_during_the_turn_is_a_knock_of_its_own() -> None:
    porch = Porch(liveness="challenge", second_factor=["pin"], code_alone=["pin"], schedule="never")
    turning(porch, [0.0] * 3)
    other = porch.type(Factor.PIN, BEN)
    assert other.knock.person == BEN
    assert other.knock.factors == {Factor.PIN}
    assert porch.doorstep.wants_every_frame, "the turn goes on"


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.UNDECIDED, Outcome.SPOOF])
def test_a_code_is_waited_for_no_longer_when_the_face_turns_out_to_be_another_s(outcome: Outcome) -> None:
    porch = Porch(second_factor=["pin"])
    porch.see(seen())
    porch.see(seen(outcome=outcome, person=None))
    assert porch.awaits() is None
    assert porch.type(Factor.PIN, ANNA).verdict is Verdict.REFUSED


def test_whoever_is_followed_anew_has_a_few_seconds_to_be_recognised_again() -> None:
    porch = Porch(second_factor=["pin"], wait_s=60)
    porch.see(seen())
    porch.see(replace(NEWCOMER, track=2), times=30)
    assert porch.awaits() == ANNA
    porch.see(seen(track=2))
    porch.see(seen(track=2, face=None), times=100)
    assert porch.awaits() == ANNA, "somebody who looks down, and never out of sight, has all the time there is"
    porch.see(replace(NEWCOMER, track=3), times=50)
    assert porch.awaits() is None


def test_whoever_was_not_recognised_at_first_need_not_wait_where_codes_are_taken() -> None:
    porch = Porch(visitors=True)
    porch.see(STRANGER)
    granted = porch.see(seen())
    assert granted is not None
    assert granted.verdict is Verdict.GRANTED


def test_a_turn_that_ends_in_doubt_lets_nobody_in() -> None:
    porch = Porch(liveness="challenge")
    turning(porch, [0.0] * 10)
    porch.see(replace(NEWCOMER, face=EMBEDDING), seen(track=2, outcome=None, person=None))
    assert not porch.doorstep.wants_every_frame
    assert [verdict for verdict, _ in porch.told] == [Verdict.REFUSED]


def test_whoever_turns_their_head_for_a_face_that_was_there_before_is_an_attack() -> None:
    """The name is left over, since no frame of the other face was good enough to count."""
    porch = Porch(entropy=0b01, liveness="challenge")
    other = np.roll(EMBEDDING, 1)
    porch.see(seen())
    turning(porch, list(swing(0, 33, 0, -33, 0)), face=other)
    assert [verdict for verdict, _ in porch.told] == [Verdict.SPOOF]


def test_other_settings_end_what_was_begun_under_the_former() -> None:
    porch = Porch(second_factor=["pin"])
    porch.see(seen())
    settings = porch.doorstep.settings
    porch.doorstep.configure(settings, ChallengeSettings(same=0.3, steady=0.3), 16.0)
    assert porch.awaits() == ANNA, "these are the same"
    porch.doorstep.configure(
        settings.model_copy(update={"camera": "other"}), ChallengeSettings(same=0.3, steady=0.3), 16.0
    )
    assert porch.awaits() is None
    assert [decision.needs for decision in porch.doorstep.given_up] == [Need.SECOND_FACTOR]
    porch = Porch(liveness="challenge")
    turning(porch, [0.0] * 3)
    porch.doorstep.configure(porch.doorstep.settings, ChallengeSettings(same=0.3, steady=0.3, mirrored=True), 16.0)
    assert not porch.doorstep.wants_every_frame


def test_a_visit_that_goes_on_for_an_hour_is_told_of_once() -> None:
    porch = Porch(again_s=1)
    for number in range(100):
        porch.see(replace(STRANGER, track=number), times=12)
        porch.wait(3)
    porch.see(replace(STRANGER, track=100, visit="v2"))
    assert porch.told == [(Verdict.REFUSED, "not_recognised")] * 2
    porch = Porch(second_factor=["pin"], wait_s=3)
    porch.see(seen(), times=300)
    assert len(porch.doorstep.given_up) == 1


def test_a_slow_camera_makes_nobody_leave_between_two_frames() -> None:
    porch = Porch(again_s=600)
    porch.see(seen(), after=0.9, times=5)
    for _ in range(5):
        porch.see(seen(), after=0.1)
        porch.doorstep.lapse(later(porch.now, 1.2))
    assert [verdict for verdict, _ in porch.told] == [Verdict.GRANTED]


def test_without_pictures_nobody_is_shown_to_be_there() -> None:
    porch = Porch()
    porch.see(NEWCOMER)
    assert porch.shows() is Stage.GUIDE
    porch.wait(3)
    assert porch.shows() is Stage.REST
