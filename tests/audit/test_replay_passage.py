"""`edged replay` of a passage: what the door answered, and what each rule did, in the digits of then."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edged.cli import main
from edged.config.layers import load
from edged.domain.event import BestShot, Outcome
from edged.domain.frame import Image, Moment
from edged.domain.passage import Rule, Verdict
from edged.measure.sample_event import sample_event
from edged.measure.sample_passage import sample_passage
from edged.mqtt.outbox import News, Outbox
from edged.runtime.state_dir import StateDir
from edged.vision.sight import Sight
from tests.audit.conftest import Edged


@pytest.fixture
def state(config: Path) -> StateDir:
    return StateDir.of(load(config).document)


def _kept(state: StateDir, *news: News) -> None:
    with closing(Outbox.open(state.events, "b1", now=time.time())) as outbox:
        outbox.append(news)


def test_every_rule_is_shown_as_it_answered(state: StateDir, edged: Edged) -> None:
    passage = sample_passage(4, verdict=Verdict.REFUSED)
    _kept(state, passage)
    code, document = edged("replay", passage.id)
    assert code == 0
    shown: dict[str, Any] = document["passage"]
    assert shown == passage.model_dump(mode="json"), "the digits of then"
    assert [item["rule"] for item in shown["rules"]] == [rule.value for rule in Rule]
    assert document["event"] is None


def test_in_words_it_says_which_rule_and_why(state: StateDir, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    passage = sample_passage(4, verdict=Verdict.REFUSED)
    _kept(state, passage)
    assert main(["replay", passage.id, "--config", str(config)]) == 0
    text = capsys.readouterr().out
    assert "refused Anna Müller at front-door (in)" in text
    assert "because of schedule: outside_hours" in text
    assert "similarity 0.700, threshold 0.451, margin 0.050" in text
    assert "office: opens on Mon at 08:00" in text
    assert "note: the visit's events are gone" in text


def test_the_faces_that_led_to_it_are_decided_again(
    state: StateDir, config: Path, edged: Edged, astronaut: Image, sight: Sight
) -> None:
    passage, event = sample_passage(3), sample_event(3, outcome=Outcome.UNKNOWN)
    (face,) = sight.detect(astronaut)
    crop = sight.crop(astronaut, face)
    shot = BestShot((crop,) * 3, astronaut, Moment(100.0, event.captured.utc))
    state.open_shots(load(config).document).save(event.id, shot, event.outcome)
    later = replace(sample_event(5), visit=event.visit, decided=Moment(200.0, event.decided.utc + 100))
    _kept(state, event, passage, later)
    _, document = edged("replay", passage.id)
    assert document["event"]["event"] == event.id, "not what the visit came to afterwards"
    assert document["event"]["now"]["outcome"] == "unknown"


def test_an_id_that_is_of_both_is_refused(state: StateDir, edged: Edged) -> None:
    passage, event = sample_passage(3), sample_event(3)
    _kept(state, passage, event)
    assert edged("replay", passage.id[:8])[1]["error"]["reason"] == "ambiguous"
    assert edged("replay", "ffff")[1]["error"]["reason"] == "no_such_event"
    listed = edged("replay")[1]
    assert ([item["id"] for item in listed["events"]], [item["id"] for item in listed["passages"]]) == (
        [event.id],
        [passage.id],
    )
