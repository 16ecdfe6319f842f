"""From similarities to an answer."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.config.document import DecisionSettings
from edged.domain.event import Outcome
from edged.domain.person import Candidate, Person
from edged.domain.survey import LookAlike, Survey
from edged.recognition.decide import Claim, Verdict, decide, share_out

SETTINGS = DecisionSettings(frames=3, margin=0.03, patience_s=2.0)
THRESHOLD = 0.4
_PEOPLE = [Person(name, name) for name in "abcde"]
KNOWN, UNKNOWN, UNDECIDED = Outcome.KNOWN, Outcome.UNKNOWN, Outcome.UNDECIDED


def _candidates(*similarities: float) -> tuple[Candidate, ...]:
    """Anna, Ben, … by falling similarity."""
    return tuple(Candidate(_PEOPLE[number], similarity) for number, similarity in enumerate(similarities))


def _claim(*similarities: float, frames: int = 3, waited_s: float = 0.5, standing: Verdict | None = None) -> Claim:
    return Claim(_candidates(*similarities), frames, waited_s, standing)


def _standing(outcome: Outcome, name: str = "a", similarity: float = 0.6) -> Verdict:
    return Verdict(outcome, Candidate(Person(name, name), similarity), similarity, 0.3, THRESHOLD, 3)


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        pytest.param(_claim(0.45, 0.2), KNOWN, id="above the threshold with a lead"),
        pytest.param(_claim(0.45), KNOWN, id="nobody else is enrolled"),
        pytest.param(_claim(0.4, 0.2), KNOWN, id="just at the threshold"),
        pytest.param(_claim(0.45, 0.2, frames=2), None, id="one more frame is wanted"),
        pytest.param(_claim(0.55, 0.2, frames=2), KNOWN, id="far above: two frames are enough"),
        pytest.param(_claim(0.55, 0.2, frames=1), None, id="far above, but one frame is never enough"),
        pytest.param(_claim(0.55, 0.2, frames=1, waited_s=2), UNDECIDED, id="one frame when patience runs out"),
        pytest.param(_claim(0.6, 0.58), None, id="two alike: wait"),
        pytest.param(_claim(0.6, 0.58, waited_s=2), UNDECIDED, id="two alike for too long"),
        pytest.param(_claim(0.2, 0.1), UNKNOWN, id="far below"),
        pytest.param(_claim(0.2, 0.1, frames=2), None, id="far below, too early"),
        pytest.param(_claim(0.37, 0.1, frames=8), None, id="a little below: a better frame may come"),
        pytest.param(_claim(0.37, 0.1, frames=8, waited_s=2), UNKNOWN, id="a little below for too long"),
        pytest.param(_claim(-0.1), UNKNOWN, id="like nobody"),
        pytest.param(_claim(), UNKNOWN, id="nobody is enrolled"),
        pytest.param(_claim(frames=0), None, id="no good frame yet"),
        pytest.param(_claim(frames=0, waited_s=2), UNDECIDED, id="no good frame at all"),
    ],
)
def test_a_first_answer(claim: Claim, outcome: Outcome | None) -> None:
    verdict = decide(claim, THRESHOLD, SETTINGS)
    assert (verdict.outcome if verdict else None) == outcome


@pytest.mark.parametrize(
    ("standing", "claim", "answer"),
    [
        pytest.param(_standing(KNOWN), _claim(0.36, 0.1), None, id="a name is kept a little below the threshold"),
        pytest.param(_standing(KNOWN), _claim(0.45, 0.44), None, id="a name is kept while another is as like"),
        pytest.param(_standing(KNOWN), _claim(0.3, 0.1), (UNKNOWN, ""), id="a name is taken back far below"),
        pytest.param(_standing(KNOWN, "b"), _claim(0.45, 0.38), (KNOWN, "a"), id="another leads: a correction"),
        pytest.param(_standing(KNOWN, "z"), _claim(0.3, 0.1), (UNKNOWN, ""), id="its person is gone"),
        pytest.param(_standing(KNOWN, "z"), _claim(0.37, 0.1), (UNKNOWN, ""), id="gone, another is nearly as like"),
        pytest.param(_standing(KNOWN, "z"), _claim(0.5, 0.49), (UNDECIDED, ""), id="gone, two others are alike"),
        pytest.param(_standing(KNOWN, "z"), _claim(0.5, 0.3), (KNOWN, "a"), id="gone, another is known"),
        pytest.param(
            _standing(KNOWN), _claim(frames=0), None, id="nothing counts while it is in doubt whose face it is"
        ),
        pytest.param(_standing(UNKNOWN), _claim(0.45, 0.2), (KNOWN, "a"), id="recognised after all"),
        pytest.param(_standing(UNKNOWN), _claim(0.45, 0.44), None, id="unknown is not taken back for undecided"),
        pytest.param(_standing(UNDECIDED), _claim(0.45, 0.2), (KNOWN, "a"), id="decided after all"),
        pytest.param(_standing(UNDECIDED), _claim(0.38), (UNKNOWN, ""), id="unknown after all"),
        pytest.param(_standing(UNDECIDED), _claim(0.9, frames=1), (UNDECIDED, ""), id="too few frames still"),
    ],
)
def test_a_later_answer(standing: Verdict, claim: Claim, answer: tuple[Outcome, str] | None) -> None:
    claim = Claim(claim.candidates, claim.frames, claim.waited_s, standing)
    verdict = decide(claim, THRESHOLD, SETTINGS)
    assert (verdict.answer if verdict else None) == answer


def test_the_same_again_is_no_news() -> None:
    first = decide(_claim(0.45, 0.2), THRESHOLD, SETTINGS)
    assert first is not None
    assert decide(_claim(0.45, 0.2, standing=first), THRESHOLD, SETTINGS) is None


def test_figures() -> None:
    verdict = decide(_claim(0.5, 0.3), THRESHOLD, SETTINGS)
    assert verdict is not None
    assert verdict.best == _candidates(0.5)[0]
    assert (verdict.similarity, verdict.threshold, verdict.frames) == (0.5, THRESHOLD, 3)
    assert verdict.margin == pytest.approx(0.2)
    assert verdict.named == verdict.best.person
    alone = decide(_claim(0.5), THRESHOLD, SETTINGS)
    assert alone is not None
    assert alone.margin == 0.5


ALIKE = Survey(look_alikes=(LookAlike("a", "b", 0.45, same=False),))
"""Anna and Ben; the others are unlike everybody."""


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        pytest.param(_claim(0.55, 0.42), KNOWN, id="the true person, ahead of the look-alike"),
        pytest.param(_claim(0.48, 0.30), KNOWN, id="more like than the two are to each other"),
        pytest.param(_claim(0.45, 0.30), UNDECIDED, id="no more like than the look-alike's own photograph"),
        pytest.param(_claim(0.55, 0.50), UNDECIDED, id="ahead by a lead that is enough over anybody else"),
        pytest.param(_claim(0.45, frames=3), UNDECIDED, id="the look-alike is another face of the picture"),
        pytest.param(_claim(0.38, 0.30), UNKNOWN, id="below the threshold as ever"),
        pytest.param(_claim(0.56, 0.42, frames=2), UNDECIDED, id="two frames are enough only far above what is asked"),
        pytest.param(_claim(0.58, 0.42, frames=2), KNOWN, id="far above"),
    ],
)
def test_somebody_with_a_look_alike_asks_for_more(claim: Claim, outcome: Outcome) -> None:
    verdict = decide(replace(claim, waited_s=math.inf), THRESHOLD, SETTINGS, ALIKE)
    assert verdict is not None
    assert verdict.outcome is outcome
    assert verdict.threshold == pytest.approx(0.47), "the event says what was asked"


def test_a_twin_is_named_for_neither_and_still_can_be() -> None:
    """Twins' photographs are more alike than anybody's visit is to their own template: the lead alone decides then."""
    twins = Survey(look_alikes=(LookAlike("a", "b", 0.8, same=True),))
    tie = decide(_claim(0.62, 0.58, waited_s=math.inf), THRESHOLD, SETTINGS, twins)
    clear = decide(_claim(0.62, 0.52), THRESHOLD, SETTINGS, twins)
    assert tie is not None
    assert tie.outcome is UNDECIDED
    assert clear is not None
    assert clear.answer == (KNOWN, "a")


def test_only_the_pair_asks_for_more() -> None:
    stranger_second = Claim((Candidate(_PEOPLE[2], 0.45), Candidate(_PEOPLE[0], 0.41)), 3, 0.5)
    verdict = decide(stranger_second, THRESHOLD, SETTINGS, ALIKE)
    assert verdict is not None
    assert (verdict.answer, verdict.threshold) == ((KNOWN, "c"), THRESHOLD)


_similarities = st.lists(st.floats(-1, 1), max_size=5).map(lambda values: sorted(values, reverse=True))


@given(_similarities, st.integers(0, 12), st.floats(-0.5, 0.95))
def test_out_of_patience_there_is_always_an_answer(similarities: list[float], frames: int, threshold: float) -> None:
    verdict = decide(Claim(_candidates(*similarities), frames, math.inf), threshold, SETTINGS)
    assert verdict is not None
    if verdict.outcome is KNOWN:
        assert verdict.similarity >= threshold
        assert verdict.margin >= SETTINGS.margin
        assert verdict.frames >= 2


@given(_similarities, st.integers(0, 12), st.floats(0, 1.9))
def test_an_answer_given_early_is_the_one_given_late(similarities: list[float], frames: int, waited_s: float) -> None:
    early = decide(Claim(_candidates(*similarities), frames, waited_s), THRESHOLD, SETTINGS)
    late = decide(Claim(_candidates(*similarities), frames, math.inf), THRESHOLD, SETTINGS)
    assert early in (None, late)


@st.composite
def _claims(draw: st.DrawFn) -> dict[int, Claim]:
    claims = {}
    for track in range(draw(st.integers(1, 5))):
        people = draw(st.lists(st.sampled_from(_PEOPLE), unique=True))
        found = [Candidate(person, draw(st.floats(-1, 1))) for person in people]
        claims[track] = Claim(tuple(sorted(found, key=lambda item: -item.similarity)), 3, 1.0)
    return claims


@given(_claims())
def test_nobody_is_given_to_two_faces(claims: dict[int, Claim]) -> None:
    shared = share_out(claims, SETTINGS)
    firsts = [claim.candidates[0].person.id for claim in shared.values() if claim.candidates]
    assert len(firsts) == len(set(firsts))
    assert shared.keys() == claims.keys()
    for track, claim in shared.items():
        kept = [item for item in claims[track].candidates if item in claim.candidates]
        assert list(claim.candidates) == kept, "in the same order, nobody new"


@given(_claims())
def test_no_face_and_person_would_both_rather_have_each_other(claims: dict[int, Claim]) -> None:
    shared = share_out(claims, SETTINGS)
    mine = {track: claim.candidates[0].similarity for track, claim in shared.items() if claim.candidates}
    best = {claim.candidates[0].person.id: mine[track] for track, claim in shared.items() if claim.candidates}
    for track, claim in claims.items():
        for item in claim.candidates:
            assert item.similarity <= max(mine.get(track, -2), best.get(item.person.id, -2))


def test_the_surest_takes_the_name() -> None:
    anna, ben = _PEOPLE[:2]
    claims = {
        1: Claim((Candidate(anna, 0.6), Candidate(ben, 0.5)), 3, 1.0),
        2: Claim((Candidate(anna, 0.8), Candidate(ben, 0.1)), 3, 1.0),
    }
    shared = share_out(claims, SETTINGS)
    assert [item.person for item in shared[1].candidates] == [ben]
    assert [item.person for item in shared[2].candidates] == [anna]


@pytest.mark.parametrize(("similarity", "frames", "owner"), [(0.61, 3, 1), (0.65, 3, 2), (0.9, 2, 1)])
def test_whoever_has_the_name_keeps_it_unless_another_leads(similarity: float, frames: int, owner: int) -> None:
    anna = _PEOPLE[0]
    claims = {
        1: Claim((Candidate(anna, 0.6),), 3, 1.0, _standing(KNOWN)),
        2: Claim((Candidate(anna, similarity),), frames, 1.0),
    }
    shared = share_out(claims, SETTINGS)
    assert {track for track, claim in shared.items() if claim.candidates} == {owner}


def test_a_name_out_of_sight_goes_to_nobody_who_has_an_answer() -> None:
    anna = _PEOPLE[0]
    found = (Candidate(anna, 0.6),)
    unknown, new = Claim(found, 3, 1.0, _standing(UNKNOWN)), Claim(found, 3, 1.0)
    assert share_out({1: unknown}, SETTINGS, {"a"})[1].candidates == ()
    assert share_out({1: unknown}, SETTINGS, {"b"})[1].candidates == found
    assert share_out({1: new}, SETTINGS, {"a"})[1].candidates == found
