"""Whatever happens in front of the camera: one appearance, one visit, and nobody gets another's name."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from edged.config.document import DecisionSettings
from edged.domain.event import Event, Outcome, Phase
from edged.domain.face import Box
from tests.recognition.stage import Figure, Stage, person, rules, whose

_ENROLLED: Final = (1, 2)
_STRANGERS: Final = (40, 41)
_STAY_FRAMES: Final = 16
"""Everybody stays for so many frames and two seconds: enough to be judged with frames missing and others in the way."""
_HIDDEN_S: Final = 2.0
"""Whoever is hidden so long at a time, and is seen too shortly in between, may count as gone for the re-entry time."""
_RULES: Final = rules(decision=DecisionSettings(patience_s=20))
"""Patience is another test's subject: here everybody looks at the camera."""


@dataclass(frozen=True)
class Stay:
    """A time in the picture, in seconds; moving sideways from `x` at `speed` pixels a second."""

    begin: float
    end: float
    x: float
    speed: float


@dataclass(frozen=True)
class Actor:
    """Somebody and their stays. Stays that are close in time are one appearance, given by their number."""

    who: int
    stays: tuple[Stay, ...]
    appearances: int

    def at(self, now: float) -> Figure | None:
        for stay in self.stays:
            if stay.begin <= now < stay.end:
                x = stay.x + stay.speed * (now - stay.begin)
                return Figure(self.who, min(1200, max(80, x)), score=0.9 - 0.01 * (self.who % 7))
        return None


@dataclass(frozen=True)
class Script:
    fps: float
    actors: tuple[Actor, ...]
    lost: tuple[bool, ...]
    """Which frames do not arrive, over and over again; never for longer than a face may be unseen."""


@st.composite
def _actors(draw: st.DrawFn, who: int, fps: float) -> Actor:
    now = draw(st.floats(0, 6))
    stays, appearances = [], 1
    for number in range(draw(st.integers(1, 3))):
        if number:
            long = draw(st.booleans())
            appearances += long
            now += draw(st.floats(18, 22)) if long else draw(st.sampled_from((0.4, 1.2, 2.5, 4.0)))
        end = now + 2 + _STAY_FRAMES / fps + draw(st.floats(0, 4))
        stays.append(Stay(now, end, draw(st.floats(100, 1100)), draw(st.sampled_from((0, 0, 20, -40, 90, -130)))))
        now = end
    return Actor(who, tuple(stays), appearances)


@st.composite
def _scripts(draw: st.DrawFn) -> Script:
    fps = draw(st.sampled_from((2.0, 3.0, 7.0, 15.0, 30.0)))
    cast = draw(st.lists(st.sampled_from(_ENROLLED + _STRANGERS), min_size=1, max_size=4, unique=True))
    actors = tuple(draw(_actors(who, fps)) for who in cast)
    runs = st.tuples(st.integers(0, int(0.6 * fps)), st.integers(2, 20))
    lost = [
        lost for gone, there in draw(st.lists(runs, min_size=1, max_size=4)) for lost in [True] * gone + [False] * there
    ]
    return Script(fps, actors, tuple(lost))


def _visible(figures: list[Figure]) -> list[Figure]:
    """Those that no other hides: of two faces that overlap the detector finds one."""
    shown: list[Figure] = []
    for figure in figures:
        if all(figure.box.iou(other.box) < 0.3 for other in shown):
            shown.append(figure)
    return shown


def _play(script: Script) -> tuple[Stage, dict[int, list[float]]]:
    """The stage after the script, and when those who were hidden at times were to be seen."""
    stage = Stage(*_ENROLLED, rules=_RULES, fps=script.fps)
    hidden: set[int] = set()
    seen = defaultdict[int, list[float]](list)
    rightly_named = defaultdict[int, float](float)
    lost = itertools.cycle(script.lost)
    while stage.now < max(stay.end for actor in script.actors for stay in actor.stays):
        if next(lost):
            stage.now += 1 / script.fps
            continue
        figures = [figure for actor in script.actors if (figure := actor.at(stage.now)) is not None]
        visible = _visible(figures)
        hidden.update(figure.who for figure in figures if figure not in visible)
        for figure in visible:
            seen[figure.who].append(stage.now)
        look = stage.show(*visible)
        wrong = {s.box for s in look.sightings if s.name not in ("", person(_who(s.box, visible)).name)}
        for actor in script.actors:
            if actor.who not in {figure.who for figure in visible if figure.box in wrong}:
                rightly_named[actor.who] = stage.now
            assert stage.now - rightly_named[actor.who] <= _RULES.decision.look_again_s + 2 / script.fps, "soon noticed"
    stage.hold(14)
    return stage, {who: seen[who] for who in hidden}


def _who(box: Box, figures: list[Figure]) -> int:
    return next(figure.who for figure in figures if figure.box == box)


def _owner(visit: list[Event]) -> int:
    """Whose faces were judged in a visit: only ever one person's."""
    faces = {whose(crop) for event in visit if event.shot for crop in event.shot.crops}
    assert len(faces) == 1
    return faces.pop()


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(_scripts())
def test_one_appearance_one_visit_whoever_comes_and_goes(script: Script) -> None:
    stage, hidden = _play(script)
    visits: dict[str, list[Event]] = defaultdict(list)
    named_now: dict[str, str] = {}
    for each in stage.events:
        visits[each.visit].append(each)
        named_now.pop(each.visit, None)
        if each.phase is not Phase.END and each.outcome is Outcome.KNOWN and each.best:
            assert each.best.person.id not in named_now.values(), "a name is given once at a time"
            named_now[each.visit] = each.best.person.id
    assert len({each.id for each in stage.events}) == len(stage.events)
    assert [each.decided.mono for each in stage.events] == sorted(each.decided.mono for each in stage.events)

    count: dict[int, int] = defaultdict(int)
    for visit in visits.values():
        phases = [each.phase for each in visit]
        assert phases == [Phase.NEW] + [Phase.UPDATE] * (len(phases) - 2) + [Phase.END]
        assert [each.captured.mono for each in visit] == sorted(each.captured.mono for each in visit)
        who = _owner(visit)
        count[who] += 1
        for each in visit:
            if who in _ENROLLED:
                assert each.outcome is Outcome.KNOWN
                assert each.best is not None
                assert each.best.person.id == person(who).id
            else:
                assert each.outcome is Outcome.UNKNOWN
    for actor in script.actors:
        if actor.who in hidden:
            event("somebody was hidden")
            away = [after - before for before, after in pairwise(hidden[actor.who])]
            assert count[actor.who] <= 1 + sum(seconds > _HIDDEN_S for seconds in away)
        else:
            assert count[actor.who] == actor.appearances
