"""The replay set: a real face, real models, several appearances; each is one visit."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from edged.cameras.demo import DemoScene
from edged.config.cameras import DemoCamera
from edged.config.document import VisitSettings
from edged.domain.event import Event, Outcome, Phase
from edged.domain.frame import Frame, Image, Moment
from edged.domain.identity import uuid7
from edged.recognition.identification import replay
from edged.recognition.recognizer import Recognizer
from edged.vision.sight import Sight
from tests.recognition.stage import UTC, StagedMemory, person, rules

_ASTRONAUT = 1
_APPEAR_S, _ABSENT_S, _FPS, _ROUNDS = 4.0, 4.0, 5, 3
_RULES = rules(visits=VisitSettings(reentry_s=2))


@pytest.fixture(scope="module")
def frames(astronaut_path: Path) -> list[Frame]:
    """Three appearances, each with its own size, side and light."""
    scene = DemoScene(DemoCamera(kind="demo", photo=astronaut_path, appear_s=_APPEAR_S, absent_s=_ABSENT_S))
    times = np.arange(0, _ROUNDS * (_APPEAR_S + _ABSENT_S) + _ABSENT_S, 1 / _FPS)
    return [
        Frame("demo", number, Moment(1000 + float(now), UTC + float(now)), scene.render(float(now)))
        for number, now in enumerate(times)
    ]


@pytest.fixture
def recognizer(sight: Sight) -> Recognizer:
    entropy = itertools.count(1)
    return Recognizer(sight, lambda at: uuid7(at.utc, next(entropy).to_bytes(10, "big")), lambda: bytes(32))


def _template(sight: Sight, photograph: Image) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    (face,) = sight.detect(photograph)
    return np.asarray(sight.embed([sight.crop(photograph, face)])[0])


def _visits(events: list[Event]) -> list[list[Event]]:
    return [[event for event in events if event.visit == visit] for visit in dict.fromkeys(e.visit for e in events)]


def test_every_appearance_of_somebody_enrolled_is_one_visit(
    sight: Sight, astronaut: Image, recognizer: Recognizer, frames: list[Frame]
) -> None:
    gallery = StagedMemory.of().with_person(_ASTRONAUT, _template(sight, astronaut))
    events = [event for frame in frames for event in recognizer.look(frame, _RULES, gallery).events]
    visits = _visits(events)
    assert [[event.phase for event in visit] for visit in visits] == [[Phase.NEW, Phase.END]] * _ROUNDS
    for number, (new, end) in enumerate(visits):
        begin = 1000 + _ABSENT_S + number * (_APPEAR_S + _ABSENT_S)
        assert begin < new.captured.mono < end.captured.mono <= begin + _APPEAR_S
        assert new.outcome is end.outcome is Outcome.KNOWN
        assert new.best is not None
        assert new.best.person == person(_ASTRONAUT)
        assert new.confidence > 0.9
        assert new.shot is not None
        again = replay(sight, new.shot.crops, _RULES, gallery)
        assert again.answer == (Outcome.KNOWN, person(_ASTRONAUT).id)
        assert again.similarity == pytest.approx(new.similarity, abs=1e-4)


def test_a_stranger_is_unknown_and_known_as_soon_as_enrolled(
    sight: Sight, astronaut: Image, recognizer: Recognizer, frames: list[Frame]
) -> None:
    nobody = StagedMemory.of()
    enrolled = nobody.with_person(_ASTRONAUT, _template(sight, astronaut))
    first_round = [frame for frame in frames if frame.at.mono < 1000 + 2 * _ABSENT_S + _APPEAR_S]
    half_way = 1000 + _ABSENT_S + _APPEAR_S / 2
    events = [
        event
        for frame in first_round
        for event in recognizer.look(frame, _RULES, enrolled if frame.at.mono > half_way else nobody).events
    ]
    assert [(event.phase, event.outcome) for event in events] == [
        (Phase.NEW, Outcome.UNKNOWN),
        (Phase.UPDATE, Outcome.KNOWN),
        (Phase.END, Outcome.KNOWN),
    ]
    assert len({event.visit for event in events}) == 1
    assert events[1].captured.mono == pytest.approx(half_way, abs=2 / _FPS)
